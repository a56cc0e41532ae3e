using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Benchmarks.ShortAnswers;
using Fathom.Evaluation.Graders;

namespace Fathom.Evaluation.Tests.Benchmarks.ShortAnswers;

public sealed class ShortAnswerFormatTests
{
    [Theory]
    [InlineData("""{"query_id": "q1", "passage": "P.", "question": "Q?", "answers_spans": {"spans": ["Ann", "Tom"], "types": ["span", "span"]}}""", "Ann; Tom", 1)]
    [InlineData("""{"query_id": "q1", "passage": "P.", "question": "Q?", "answer": {"number": "3", "date": {"day": "", "month": "", "year": ""}, "spans": []}}""", "3", 1)]
    [InlineData("""{"query_id": "q1", "passage": "P.", "question": "Q?", "answer": {"number": "", "date": {"day": "5", "month": "May", "year": ""}, "spans": []}}""", "5 May", 1)]
    [InlineData("""{"query_id": "q1", "passage": "P.", "question": "Q?", "answer": {"number": "", "spans": ["Ann"]}, "validated_answers": [{"number": "", "spans": ["Ann Lee"]}]}""", "Ann", 2)]
    [InlineData("""{"query_id": "q1", "passage": "P.", "question": "Q?", "answer": {"number": "", "spans": ["Ann"]}, "validated_answers": {"number": ["", "2"], "spans": [["Ann Lee"], []]}}""", "Ann", 3)]
    public void Drop_IsRecognisedWithAllItsAnswers(string line, string answer, int answers)
    {
        using var file = new TextFile(".jsonl", line);
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        var problem = Assert.IsType<SpanProblem>(Assert.Single(benchmark.Problems));
        Assert.Equal(("drop", "q1", answer, answers), (benchmark.Name, problem.Id, problem.Answer, problem.Answers.Count));
        Assert.StartsWith("P.\n\nQuestion: Q?\n\n", problem.Prompt, StringComparison.Ordinal);
        Assert.Equal(Outcome.Right, benchmark.Grade(problem, new ParsedResponse("", $"Answer: {answer}", true)).Outcome);
    }

    [Fact]
    public void Drop_OriginalFile_HasItsQuestionsUnderPassages()
    {
        using var file = new TextFile(".json", """{"nfl_1": {"passage": "P.", "qa_pairs": [{"question": "Q1?", "query_id": "a", "answer": {"number": "3", "spans": []}}, {"question": "Q2?", "query_id": "b", "answer": {"number": "", "spans": ["Ann"]}}]}}""");
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        Assert.Equal("drop", benchmark.Name);
        Assert.Equal(["a", "b"], benchmark.Problems.Select(problem => problem.Id));
    }

    [Fact]
    public void Drop_BestOfAllAnswersCounts()
    {
        using var file = new TextFile(".jsonl", """{"passage": "P.", "question": "Q?", "answer": {"spans": ["Ann Lee"]}, "validated_answers": [{"spans": ["Lee"]}, {"spans": ["Ann", "Tom"]}]}""");
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        Assert.Equal([new("exactMatch", 1), new("f1", 1)], Grade("Answer: Lee").Parts);
        Assert.Equal([new("exactMatch", 1), new("f1", 1)], Grade("Answer: Tom; Ann").Parts);
        Verdict partly = Grade("Answer: Ann");
        Assert.Equal((Outcome.Wrong, "Ann"), (partly.Outcome, partly.Answer));
        Assert.Equal([new("exactMatch", 0), new("f1", 0.67)], partly.Parts);
        Assert.Null(Grade("").Answer);
        Assert.True(benchmark.SameAnswer(benchmark.Problems[0], "the Ann", "ann."));

        Verdict Grade(string response) => benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", response, true));
    }

    [Fact]
    public void SimpleQa_IsGradedByMatch_AndSaysSo()
    {
        using var file = new TextFile(".csv", "metadata,problem,answer\n\"{'topic': 'Art', 'answer_type': 'Person'}\",Who?,Ann Lee\n");
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        Assert.Equal("simpleqa", benchmark.Name);
        Verdict right = benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", "I believe so.\nAnswer: ann lee.", true));
        Assert.Equal((Outcome.Right, "ann lee."), (right.Outcome, right.Answer));
        Assert.Contains("normalised match", right.Reason, StringComparison.Ordinal);
        Verdict wrong = benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", "Answer: Ann, Tom, Lee or Bob", true));
        Assert.Equal(Outcome.Wrong, wrong.Outcome);
        Assert.Equal(0.57, wrong.Parts[0].Value); // 2*2/(2+5)
        Assert.Equal(Outcome.Wrong, benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", "", true)).Outcome);
    }

    [Theory]
    [InlineData("drop", """{"passage": "P", "question": "Q", "answer": {"number": "", "spans": []}}""", "no number, no span and no date")]
    [InlineData("drop", """{"passage": "P", "question": "Q", "answer": {"spans": [1, null]}}""", "\"spans\" must be")]
    [InlineData("drop", """{"passage": "P", "question": "", "answer": {"number": "3"}}""", "\"question\" must be")]
    [InlineData("simpleqa", """{"problem": "P", "answer": "", "metadata": "m"}""", "\"answer\" must be")]
    public void BrokenRecord_IsNamedByFileAndLine(string format, string line, string fault)
    {
        using var file = new TextFile(".jsonl", "\n" + line);
        BenchmarkException error = Assert.Throws<BenchmarkException>(() => BenchmarkFile.Read(file.Path, format));
        Assert.StartsWith($"{file.Path}, line 2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }
}
