// The program in a response.
namespace Fathom.Evaluation.Graders.Code;

/// <summary>Takes programs out of Markdown.</summary>
public static class ProgramExtraction
{
    /// <summary>
    /// The last fenced block (<c>```</c> or <c>~~~</c>) of the language; if none is marked so, the last fenced block without a mark; if
    /// there is none at all, the whole text. A block that never ends goes to the end of the text.
    /// </summary>
    public static string Extract(string response, ProgramLanguage language)
    {
        string[] names = language == ProgramLanguage.Python ? ["python", "python3", "py"] : ["csharp", "c#", "cs"];
        string? marked = null, plain = null, fence = null;
        string? mark = null;
        bool anyFence = false;
        List<string> block = [];
        foreach (string line in response.ReplaceLineEndings("\n").Split('\n'))
        {
            string trimmed = line.TrimStart();
            if (fence is null)
            {
                fence = Fence(trimmed);
                if (fence is not null)
                {
                    anyFence = true;
                    mark = trimmed[fence.Length..].Trim().Split(' ', 2)[0].Trim('{', '}', '.').ToLowerInvariant();
                    block.Clear();
                }
            }
            else if (Fence(trimmed) is { } closing && closing.StartsWith(fence, StringComparison.Ordinal) && trimmed[closing.Length..].Trim().Length == 0)
            {
                Take();
                fence = null;
            }
            else
            {
                block.Add(line);
            }
        }
        if (fence is not null)
            Take();
        return marked ?? plain ?? (anyFence ? "" : response);

        void Take()
        {
            string text = string.Join('\n', block);
            if (Array.IndexOf(names, mark) >= 0)
                marked = text;
            else if (mark is null or "")
                plain = text;
        }
    }

    // The run of at least three backticks or tildes that a line starts with.
    static string? Fence(string line)
    {
        if (line.Length < 3 || line[0] is not ('`' or '~'))
            return null;
        int length = line.AsSpan().IndexOfAnyExcept(line[0]);
        length = length < 0 ? line.Length : length;
        return length < 3 || line[0] == '`' && line.AsSpan(length).Contains('`') ? null : line[..length];
    }
}
