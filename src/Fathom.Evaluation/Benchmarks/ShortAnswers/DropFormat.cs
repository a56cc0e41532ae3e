// DROP (Dua et al. 2019, arXiv 1903.00161): questions about a passage whose answers are spans, numbers or dates.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.ShortAnswers;

/// <summary>A question with short answers.</summary>
/// <param name="Task">Name of the benchmark.</param>
/// <param name="Prompt">The user's turn.</param>
/// <param name="Answers">The answers that annotators gave, each as its spans; the best match counts.</param>
/// <param name="Language">Language of the question.</param>
public sealed record SpanProblem(string Task, string Prompt, IReadOnlyList<IReadOnlyList<string>> Answers, Language Language)
    : Problem(Task, Prompt, string.Join("; ", Answers[0]), 1, Language, []);

/// <summary>DROP.</summary>
public sealed class DropFormat : BenchmarkFormat
{
    /// <inheritdoc/>
    public override string Name => "drop";

    /// <inheritdoc/>
    public override string Description => "questions about a passage; right is an exact match, F1 over matched spans is a part of the verdict";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["passage", "question|qa_pairs", "answer|answers_spans|qa_pairs"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string passage = record.Text("passage");
        if (record.Find("qa_pairs") is null)
        {
            Add(record, passage, into);
            return;
        }
        // The original file: a passage with its questions.
        int number = 0;
        foreach (DataValue pair in record.List("qa_pairs"))
            Add(new DataRecord($"{record.Place}, question {++number}", pair), passage, into);
    }

    void Add(DataRecord record, string passage, ProblemList into)
    {
        IReadOnlyList<IReadOnlyList<string>> answers = [.. Answers(record).Where(spans => spans.Count > 0).DistinctBy(spans => string.Join('\n', spans))];
        if (answers.Count == 0)
            throw record.Wrong("the answer has no number, no span and no date");
        string question = record.Text("question");
        into.Add(new SpanProblem(Name, Wording.Passage(passage, question), answers, Language.English) { Id = record.TextOrEmpty("query_id", "section_id", "id") });
    }

    static IEnumerable<IReadOnlyList<string>> Answers(DataRecord record)
    {
        if (record.Find("answers_spans") is { } given)
            yield return [.. (given["spans"]?.Items ?? given.Items).Select(span => record.TextOf(span, "answers_spans"))];
        if (record.Find("answer") is { } answer)
            yield return Spans(record, answer);
        // A list of objects, or (as columns) an object of lists.
        if (record.Find("validated_answers") is { } validated)
        {
            int rows = validated.Kind == DataKind.Record ? validated.Fields.Max(column => column.Value.Items.Count) : 0;
            IEnumerable<DataValue> others = validated.Kind == DataKind.List ? validated.Items
                : Enumerable.Range(0, rows).Select(row => DataValue.OfRecord([.. validated.Fields.Where(column => row < column.Value.Items.Count).Select(column => new KeyValuePair<string, DataValue>(column.Key, column.Value.Items[row]))]));
            foreach (DataValue other in others)
                yield return Spans(record, other);
        }
    }

    // A number, else spans, else the parts of a date, as the authors read it.
    static IReadOnlyList<string> Spans(DataRecord record, DataValue answer)
    {
        if (answer["number"] is { Kind: DataKind.Text or DataKind.Number, Text.Length: > 0 } number)
            return [number.Text];
        if (answer["spans"] is { Kind: DataKind.List, Items.Count: > 0 } spans)
            return [.. spans.Items.Select(span => record.TextOf(span, "spans"))];
        string date = string.Join(' ', ((string[])["day", "month", "year"]).Select(part => answer["date"]?[part]?.Text ?? "").Where(text => text.Length > 0));
        return date.Length > 0 ? [date] : [];
    }

    internal override Verdict Grade(Problem problem, ParsedResponse response, ProgramGrader? grader)
    {
        string answer = ShortAnswer.Of(response.Answer);
        string[] spans = [.. answer.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        double exact = 0, f1 = 0;
        foreach (IReadOnlyList<string> reference in ((SpanProblem)problem).Answers)
        {
            (double exactMatch, double overlap) = SpanMatch.Score(reference, spans);
            (exact, f1) = (Math.Max(exact, exactMatch), Math.Max(f1, overlap));
        }
        return Verdict.Of(exact == 1, answer.Length > 0 ? answer : null) with { Parts = [new("exactMatch", exact), new("f1", f1)] };
    }

    internal override bool SameAnswer(Problem problem, string left, string right) => ShortAnswer.Normal(left) == ShortAnswer.Normal(right);
}
