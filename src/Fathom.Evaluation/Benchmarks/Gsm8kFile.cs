// GSM8K's JSON lines (Cobbe et al. 2021): `question`, and an `answer` whose last line is `#### N`.
using System.Text.Json;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks;

/// <summary>A benchmark file in GSM8K's form as a task.</summary>
public sealed class Gsm8kFile : VerifiedTask
{
    const string Mark = "####";

    Gsm8kFile(IReadOnlyList<Problem> problems, IReadOnlyList<WorkedSolution> solutions) => (Problems, Solutions) = (problems, solutions);

    /// <inheritdoc/>
    public override string Name => "gsm8k";

    /// <summary>The problems in file order, all of difficulty 1 and in English.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>The file's worked solutions, one per problem.</summary>
    public IReadOnlyList<WorkedSolution> Solutions { get; }

    /// <summary>Reads a whole file; empty lines are passed over.</summary>
    /// <exception cref="InvalidDataException">A broken line (the message names file, line and what is wrong), or no problem at all.</exception>
    public static Gsm8kFile Read(string path)
    {
        List<Problem> problems = [];
        List<WorkedSolution> solutions = [];
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            (string question, WorkedSolution solution) = Parse(line, $"{path}, line {number}");
            problems.Add(new Problem("gsm8k", question, solution.Answer, 1, Language.English, []));
            solutions.Add(solution);
        }
        return problems.Count > 0 ? new Gsm8kFile(problems, solutions)
            : throw new InvalidDataException($"{path}: no problem in it; expected JSON lines with \"question\" and \"answer\".");
    }

    static (string Question, WorkedSolution Solution) Parse(string line, string place)
    {
        string question, answer;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            question = Text(document.RootElement, "question", place);
            answer = Text(document.RootElement, "answer", place);
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

        int mark = answer.LastIndexOf(Mark, StringComparison.Ordinal);
        string final = mark < 0 ? "" : answer[(mark + Mark.Length)..].Trim();
        if (!AnswerExtraction.TryParseInteger(final, out _))
            throw new InvalidDataException($"{place}: \"answer\" must end in a line \"#### N\" with a whole number N, not {Quote(mark < 0 ? answer : final)}.");
        return (question, new WorkedSolution(answer[..mark].Trim(), final));
    }

    static string Text(JsonElement root, string key, string place)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{place}: expected an object with \"question\" and \"answer\", found {root.ValueKind}.");
        return root.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
            ? text : throw new InvalidDataException($"{place}: \"{key}\" must be a text that is not empty.");
    }

    // The end of a text is where the mark should be.
    static string Quote(string text) => text.Length <= 40 ? $"\"{text}\"" : $"\"...{text[^40..]}\"";
}
