using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Tests.Benchmarks.Choices;

public sealed class ChoiceFormatTests
{
    const string GpqaHeader = "Record ID,Question,Correct Answer,Incorrect Answer 1,Incorrect Answer 2,Incorrect Answer 3,Subdomain\n";

    [Theory]
    [InlineData("mmlu", ".jsonl", """{"question": "Q", "choices": ["w", "x", "y", "z"], "answer": 2, "subject": "s"}""", "C", "s")]
    [InlineData("mmlu", ".jsonl", """{"question": "Q", "choices": ["w", "x", "y", "z"], "answer": "C", "subject": "s"}""", "C", "s")]
    [InlineData("mmlu", ".csv", "Q,w,x,y,z,C\n", "C", "")]
    [InlineData("mmlu", ".csv", "question,A,B,C,D,answer\nQ,w,x,y,z,C\n", "C", "")]
    [InlineData("mmlu-pro", ".jsonl", """{"question_id": 7, "question": "Q", "options": ["w", "x", "y", "z"], "answer": "C", "answer_index": 2, "category": "s"}""", "C", "s")]
    [InlineData("mmlu-redux", ".jsonl", """{"question": "Q", "choices": ["w", "x", "y", "z"], "answer": 2, "error_type": "ok", "correct_answer": null}""", "C", "")]
    [InlineData("mmlu-redux", ".jsonl", """{"question": "Q", "choices": ["w", "x", "y", "z"], "answer": 0, "error_type": "wrong_groundtruth", "correct_answer": "2"}""", "C", "")]
    [InlineData("mmlu-redux", ".jsonl", """{"question": "Q", "choices": ["w", "x", "y", "z"], "answer": 0, "error_type": "wrong_groundtruth", "correct_answer": "y"}""", "C", "")]
    [InlineData("mmlu", ".csv", "id,question,A,B,C,D,answer\n0,Q,w,x,y,z,C\n", "C", "")]
    public void Record_IsRecognisedAndTheRightChoiceIsRight(string name, string ending, string content, string answer, string subject)
    {
        using var file = new TextFile(ending, content);
        foreach (string? format in (string?[])[null, name])
        {
            BenchmarkFile benchmark = BenchmarkFile.Read(file.Path, format);
            var problem = Assert.IsType<ChoiceProblem>(Assert.Single(benchmark.Problems));
            Assert.Equal((name, "Q", answer, subject), (benchmark.Name, problem.Question, problem.Answer, problem.Subject));
            Assert.Equal(["w", "x", "y", "z"], problem.Choices);
            Assert.Equal("y", problem.Choices[problem.CorrectIndex]);
            Assert.StartsWith("Q\n\nA. w\nB. x\nC. y\nD. z\n\n", problem.Prompt, StringComparison.Ordinal);
            Assert.Equal(new Verdict(Outcome.Right, "C"), benchmark.Grade(problem, new ParsedResponse("", "Answer: C", true)));
            Assert.Equal(Outcome.Wrong, benchmark.Grade(problem, new ParsedResponse("", "Answer: B", true)).Outcome);
            Assert.Null(benchmark.Grade(problem, new ParsedResponse("", "", true)).Answer);
        }
    }

    [Fact]
    public void CEval_IsAskedInChinese()
    {
        using var file = new TextFile(".csv", "id,question,A,B,C,D,answer,explanation\n0,二加二等于多少？,1,2,3,4,D,E\n");
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        Problem problem = benchmark.Problems[0];
        Assert.Equal(("c-eval", "D"), (benchmark.Name, problem.Answer));
        Assert.True(benchmark.Check(problem, "答案：D"));
        Assert.Equal(Language.Chinese, problem.Language);
        Assert.EndsWith("其中 X 是 A 到 D 中的一个字母。", problem.Prompt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"true\"", "A")]
    [InlineData("true", "A")]
    [InlineData("0", "A")]
    [InlineData("\"false\"", "B")]
    [InlineData("1", "B")]
    public void ClueWsc_AsksWhomAPronounMeans(string label, string answer)
    {
        using var file = new TextFile(".json", $$"""[{"target": {"span1_index": 0, "span1_text": "小王", "span2_index": 5, "span2_text": "他"}, "idx": 3, "label": {{label}}, "text": "小王说他累了。"}]""");
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        var problem = Assert.IsType<ChoiceProblem>(Assert.Single(benchmark.Problems));
        Assert.Equal(("cluewsc", answer, "3"), (benchmark.Name, problem.Answer, problem.Id));
        Assert.StartsWith("小王说他累了。\n在上文中，“他”指的是“小王”吗？\n\nA. 是\nB. 不是\n", problem.Prompt, StringComparison.Ordinal);
        Assert.Equal(answer == "A", benchmark.Check(problem, "答案：是"));
        Assert.Equal(answer == "B", benchmark.Check(problem, "答案：不是"));
    }

    [Fact]
    public void Gpqa_OrderFollowsFromSeedAndQuestionAlone()
    {
        string[] rows = [.. Enumerable.Range(0, 40).Select(i => $"r{i},Question {i}?,right,wrong 1,wrong 2,wrong 3,Physics\n")];
        using var all = new TextFile(".csv", GpqaHeader + string.Concat(rows));
        using var reversed = new TextFile(".csv", GpqaHeader + string.Concat(rows.Reverse().Take(7)));
        ChoiceProblem[] problems = Problems(all, 5), again = Problems(all, 5), few = Problems(reversed, 5), other = Problems(all, 6);
        Assert.Equal(problems.Select(Shape), again.Select(Shape));
        Assert.Equal(problems.Reverse().Take(7).Select(Shape), few.Select(Shape));
        Assert.NotEqual(problems.Select(Shape), other.Select(Shape));
        Assert.All(problems, problem =>
        {
            Assert.Equal("right", problem.Choices[problem.CorrectIndex]);
            Assert.Equal([0, 1, 2, 3], problem.Order.Order());
            Assert.Equal(0, problem.Order[problem.CorrectIndex]);
            for (int i = 0; i < 4; i++)
                Assert.Equal(problem.Order[i] == 0 ? "right" : $"wrong {problem.Order[i]}", problem.Choices[i]);
        });
        // With 40 questions every position is the right one somewhere but for chance (3/4)^40 = 1e-5; the seed is fixed.
        Assert.Equal(4, problems.Select(problem => problem.CorrectIndex).Distinct().Count());

        // Published scores rest on the order: it must never change.
        Assert.Equal("BDCBBBBCDDCAACBABCCBDBDDACACCABCBABDBBBB", string.Concat(problems.Select(problem => problem.Answer)));
    }

    [Fact]
    public void Gpqa_TitleMarkIsCleaned_OtherBracketsStay()
    {
        using var file = new TextFile(".csv", GpqaHeader + "r,Heading [title]What is bicyclo[2.2.1]heptane?,a,b,c,d,Chemistry\n");
        Assert.Equal("Heading. What is bicyclo[2.2.1]heptane?", Problems(file, 0)[0].Question);
    }

    [Fact]
    public void MmluPro_LeavesOutChoicesThatAreNone()
    {
        using var file = new TextFile(".jsonl", """{"question": "Q", "options": ["w", "N/A", "y", "N/A"], "answer": "C", "answer_index": 2}""");
        ChoiceProblem problem = Problems(file, 0)[0];
        Assert.Equal(["w", "y"], problem.Choices);
        Assert.Equal([0, 2], problem.Order);
        Assert.Equal("B", problem.Answer);
    }

    [Fact]
    public void MmluRedux_PassesOverUnsoundQuestionsWithTheirReason()
    {
        using var file = new TextFile(".jsonl", """
            {"question": "Q1", "choices": ["1", "2", "3", "4"], "answer": 0, "error_type": "no_correct_answer"}
            {"question": "Q2", "choices": ["1", "2", "3", "4"], "answer": 0, "error_type": "ok"}
            {"question": "Q3", "choices": ["1", "2", "3", "4"], "answer": 0, "error_type": "wrong_groundtruth", "correct_answer": "2"}
            {"question": "Q4", "choices": ["1", "2", "3", "4"], "answer": 0, "error_type": "wrong_groundtruth"}
            """);
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        Assert.Equal(["Q2"], benchmark.Problems.Cast<ChoiceProblem>().Select(problem => problem.Question));
        Assert.Equal([$"{file.Path}, line 1", $"{file.Path}, line 3", $"{file.Path}, line 4"], benchmark.Skipped.Select(skipped => skipped.Place));
        Assert.Contains("no_correct_answer", benchmark.Skipped[0].Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mmlu", """{"question": "Q", "choices": ["w", "x"], "answer": 2}""", "from 0 to 1, not 2")]
    [InlineData("mmlu", """{"question": "Q", "choices": ["w", "x"], "answer": "C"}""", "from A to B")]
    [InlineData("mmlu", """{"question": "Q", "choices": ["w"], "answer": 0}""", "2 to 26 choices")]
    [InlineData("mmlu", """{"question": "Q", "choices": "w x", "answer": 0}""", "\"choices\" must be a list")]
    [InlineData("mmlu", """{"question": "Q", "A": "w", "answer": 0}""", "\"B\" must be")]
    [InlineData("mmlu", """{"question": "Q", "choices": ["w", ""], "answer": 0}""", "\"choices[]\" must be")]
    [InlineData("mmlu-pro", """{"question": "Q", "options": ["w", "x"], "answer": "A", "answer_index": 1}""", "do not agree")]
    [InlineData("c-eval", """{"id": 1, "question": "Q", "A": "1", "B": "2", "C": "3", "D": "4", "answer": ""}""", "\"answer\" must be a letter")]
    [InlineData("cluewsc", """{"text": "T", "target": {"span1_text": "x"}, "label": "true"}""", "span2_text")]
    [InlineData("cluewsc", """{"text": "T", "target": {"span1_text": "x", "span2_text": "y"}, "label": "2"}""", "\"label\" must be")]
    public void BrokenRecord_IsNamedByFileAndLine(string format, string line, string fault)
    {
        using var file = new TextFile(".jsonl", "\n" + line);
        BenchmarkException error = Assert.Throws<BenchmarkException>(() => BenchmarkFile.Read(file.Path, format));
        Assert.StartsWith($"{file.Path}, line 2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    static ChoiceProblem[] Problems(TextFile file, ulong seed) => [.. BenchmarkFile.Read(file.Path, seed: seed).Problems.Cast<ChoiceProblem>()];

    static string Shape(ChoiceProblem problem) => $"{problem.Question} {string.Join(',', problem.Order)} {problem.Answer}";
}
