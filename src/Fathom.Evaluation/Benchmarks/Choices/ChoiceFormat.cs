// What the multiple-choice benchmarks share: the wording, the checks, and grading by the chosen letter.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>A multiple-choice benchmark.</summary>
public abstract class ChoiceFormat : BenchmarkFormat
{
    const int MaxChoices = 26;

    internal override Verdict Grade(Problem problem, ParsedResponse response, ProgramGrader? grader)
    {
        var asked = (ChoiceProblem)problem;
        return ChoiceAnswer.Find(response.Answer, asked.Choices) is { } index
            ? Verdict.Of(index == asked.CorrectIndex, ChoiceProblem.Letter(index).ToString())
            : Verdict.Of(false, null, "no choice found in the answer");
    }

    private protected void Add(
        ProblemList into, DataRecord record, string id, string question, IReadOnlyList<string> choices, int correct, string subject = "", IReadOnlyList<int>? order = null, Language? language = null)
    {
        if (choices.Count is < 2 or > MaxChoices)
            throw record.Wrong($"a question has 2 to {MaxChoices} choices, not {choices.Count}");
        Language wording = language ?? Wording.LanguageOf(question);
        into.Add(new ChoiceProblem(Name, Wording.Choice(question.Trim(), choices, wording), ChoiceProblem.Letter(correct).ToString(), wording)
        {
            Id = id,
            Question = question.Trim(),
            Choices = choices,
            CorrectIndex = correct,
            Order = order ?? [.. Enumerable.Range(0, choices.Count)],
            Subject = subject,
        });
    }

    // The right choice as benchmarks write it: a letter, or an index from 0 (a digit is an index even where it is a text).
    private protected static int CorrectIndex(DataRecord record, string name, int choices) =>
        IndexOf(record.Find(name), choices)
        ?? throw record.Wrong($"\"{name}\" must be a letter from A to {ChoiceProblem.Letter(choices - 1)} or an index from 0 to {choices - 1}, not {DataRecord.Describe(record.Find(name))}");

    private protected static int? IndexOf(DataValue? value, int choices)
    {
        if (DataRecord.WholeNumber(value) is { } index)
            return index >= 0 && index < choices ? (int)index : null;
        return value is { Kind: DataKind.Text } && value.Text.Trim() is [>= 'A' and <= 'Z' or >= 'a' and <= 'z'] and var letter && (letter[0] & ~0x20) - 'A' < choices
            ? (letter[0] & ~0x20) - 'A' : null;
    }

    // Choices in columns of their own, A, B, C, D.
    private protected static IReadOnlyList<string> LetteredColumns(DataRecord record) => [record.Text("A"), record.Text("B"), record.Text("C"), record.Text("D")];
}
