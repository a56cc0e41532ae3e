// Strings of templates: characters that know whether the template or the data wrote them.

using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Templates.Jinja;

/// <summary>
/// A string with its origin. Every operation that keeps characters keeps where they are from, so that in the finished prompt special
/// tokens can be looked for in the template's text alone. Equality and everything else look at the characters only.
/// </summary>
sealed class Text
{
    // The runs alternate between template and data. One run needs no array.
    readonly int[]? ends;
    readonly bool beginsWithTemplate;

    Text(string value, bool beginsWithTemplate, int[]? ends) => (Value, this.beginsWithTemplate, this.ends) = (value, beginsWithTemplate, ends);

    /// <summary>The characters.</summary>
    public string Value { get; }

    public static Text Empty { get; } = OfTemplate("");

    /// <summary>Text that the template wrote.</summary>
    public static Text OfTemplate(string value) => new(value, true, null);

    /// <summary>Text from the data.</summary>
    public static Text OfData(string value) => new(value, false, null);

    /// <summary>Text of one origin.</summary>
    public static Text Of(string value, bool isTemplate) => new(value, isTemplate, null);

    /// <summary>Whether the template wrote all of it.</summary>
    public bool IsTemplate => ends is null && beginsWithTemplate;

    /// <summary>The runs in order.</summary>
    public IEnumerable<(int Start, int End, bool IsTemplate)> Runs
    {
        get
        {
            if (ends is null)
            {
                yield return (0, Value.Length, beginsWithTemplate);
                yield break;
            }
            for (int i = 0; i < ends.Length; i++)
                yield return (i == 0 ? 0 : ends[i - 1], ends[i], beginsWithTemplate == (i % 2 == 0));
        }
    }

    /// <summary>A part, by UTF-16 units.</summary>
    public Text Slice(int start, int length)
    {
        if (start == 0 && length == Value.Length)
            return this;
        string part = Value.Substring(start, length);
        if (ends is null)
            return new Text(part, beginsWithTemplate, null);
        // The first run that ends behind the start.
        int run = Array.BinarySearch(ends, start);
        run = run < 0 ? ~run : run + 1;
        TextBuilder builder = new();
        for (int from = start, end = start + length; from < end; run++)
        {
            int to = Math.Min(ends[run], end);
            builder.Append(Value.AsSpan(from, to - from), beginsWithTemplate == (run % 2 == 0));
            from = to;
        }
        return builder.ToText();
    }

    /// <summary>Other characters in the same places, as when letters change their case; where the lengths differ, of one origin.</summary>
    public Text With(string value) => value.Length == Value.Length ? new Text(value, beginsWithTemplate, ends) : Of(value, IsTemplate);

    public override string ToString() => Value;

    /// <summary>The text from runs of alternating origin.</summary>
    internal static Text FromRuns(string value, bool beginsWithTemplate, List<int> ends) => new(value, beginsWithTemplate, ends.Count > 1 ? [.. ends] : null);
}

/// <summary>Puts texts together, joining neighbours of one origin.</summary>
sealed class TextBuilder
{
    readonly StringBuilder characters = new();
    readonly List<int> ends = [];
    bool beginsWithTemplate = true, lastIsTemplate;

    public int Length => characters.Length;

    public void Append(ReadOnlySpan<char> part, bool isTemplate)
    {
        if (part.IsEmpty)
            return;
        if (ends.Count == 0)
            beginsWithTemplate = isTemplate;
        characters.Append(part);
        if (ends.Count > 0 && lastIsTemplate == isTemplate)
            ends[^1] = characters.Length;
        else
            ends.Add(characters.Length);
        lastIsTemplate = isTemplate;
    }

    public void Append(Text text)
    {
        foreach ((int start, int end, bool isTemplate) in text.Runs)
            Append(text.Value.AsSpan(start, end - start), isTemplate);
    }

    public Text ToText() => Text.FromRuns(characters.ToString(), beginsWithTemplate, ends);

    public IReadOnlyList<PromptSegment> ToSegments()
    {
        Text text = ToText();
        return [.. text.Runs.Where(r => r.End > r.Start).Select(r => new PromptSegment(text.Value[r.Start..r.End], r.IsTemplate))];
    }
}
