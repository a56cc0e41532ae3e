// Recorded responses: JSON lines with an answer and what models wrote, made anywhere, graded here.
using System.Text.Json;

namespace Fathom.Evaluation.Runs;

/// <summary>The recorded responses to one problem.</summary>
/// <param name="Answer">The right answer.</param>
/// <param name="Responses">What was written, at least one.</param>
/// <param name="Place">File and line.</param>
public sealed record RecordedResponses(string Answer, IReadOnlyList<string> Responses, string Place)
{
    const string AnswerField = "answer", ResponsesField = "responses";

    /// <summary>Reads a file line by line; empty lines are passed over.</summary>
    /// <exception cref="InvalidDataException">A broken line; the message names file, line, what was found and what is needed. Or there is no line.</exception>
    public static IEnumerable<RecordedResponses> Read(string path)
    {
        long number = 0, read = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            read++;
            yield return Parse(line, $"{path}, line {number}");
        }
        if (read == 0)
            throw new InvalidDataException($"{path}: no line in it; JSON lines with \"{AnswerField}\" and \"{ResponsesField}\" are needed.");
    }

    static RecordedResponses Parse(string line, string place)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"{place}: an object with \"{AnswerField}\" and \"{ResponsesField}\" is needed, found {root.ValueKind}.");
            if (!root.TryGetProperty(AnswerField, out JsonElement answer) || !root.TryGetProperty(ResponsesField, out JsonElement responses))
                throw new InvalidDataException($"{place}: \"{AnswerField}\" and \"{ResponsesField}\" are needed, found: {string.Join(", ", root.EnumerateObject().Take(30).Select(field => field.Name))}.");
            if (responses.ValueKind != JsonValueKind.Array || responses.GetArrayLength() == 0)
                throw new InvalidDataException($"{place}: \"{ResponsesField}\" must be a list of texts with at least one, not {Shown(responses)}.");
            return new RecordedResponses(TextOf(answer, AnswerField, place), [.. responses.EnumerateArray().Select(response => response.ValueKind == JsonValueKind.String
                ? response.GetString()! : throw new InvalidDataException($"{place}: \"{ResponsesField}\" must hold texts, not {Shown(response)}."))], place);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{place}: not valid JSON (at byte {error.BytePositionInLine}).", error);
        }
        catch (InvalidOperationException error)
        {
            // What System.Text.Json throws for escapes that are half a character.
            throw new InvalidDataException($"{place}: a text that is not valid Unicode.", error);
        }
    }

    // An answer that is a number in the file is the number as it is written there.
    static string TextOf(JsonElement value, string field, string place) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        _ => throw new InvalidDataException($"{place}: \"{field}\" must be a text or a number, not {Shown(value)}."),
    };

    static string Shown(JsonElement value) => value.GetRawText() is var text && text.Length <= 40 ? text : text[..40] + "...";
}
