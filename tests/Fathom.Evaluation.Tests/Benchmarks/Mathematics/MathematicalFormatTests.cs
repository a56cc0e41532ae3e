using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Benchmarks.Mathematics;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;
using Fathom.Testing;

namespace Fathom.Evaluation.Tests.Benchmarks.Mathematics;

public sealed class MathematicalFormatTests
{
    [SharedDataTheory]
    [InlineData("gsm8k", "gsm8k", "test.jsonl", 1319)]
    [InlineData("gsm8k", "gsm8k", "train.jsonl", 7473)]
    [InlineData("math", "aime", "aime24.jsonl", 30)]
    [InlineData("math", "amc", "amc23.jsonl", 40)]
    [InlineData("math", "minerva", "minerva_math.jsonl", 272)]
    [InlineData("math", "svamp", "svamp.jsonl", 1000)]
    public void RealFile_IsRecognisedAndReadWhole(string folder, string name, string file, int count)
    {
        BenchmarkFile benchmark = BenchmarkFile.Read(SharedData.Path("real", folder, file));
        Assert.Equal(name, benchmark.Name);
        Assert.Equal(count, benchmark.Problems.Count);
        Assert.Empty(benchmark.Skipped);
        Assert.All(benchmark.Problems, problem =>
        {
            Assert.NotEmpty(problem.Answer);
            Assert.Contains("\\boxed{}", problem.Prompt, StringComparison.Ordinal);
            Assert.DoesNotContain("####", problem.Prompt, StringComparison.Ordinal);
        });
    }

    [SharedDataTheory]
    [InlineData("gsm8k", "test.jsonl")]
    [InlineData("math", "aime24.jsonl")]
    [InlineData("math", "amc23.jsonl")]
    [InlineData("math", "svamp.jsonl")]
    public void RealFile_ReferenceIsRight_AndAnotherNumberWrong(string folder, string file)
    {
        BenchmarkFile benchmark = BenchmarkFile.Read(SharedData.Path("real", folder, file));
        Assert.All(benchmark.Problems, problem =>
        {
            Assert.Equal(Outcome.Right, benchmark.Grade(problem, Response($"Hence $\\boxed{{{problem.Answer}}}$.")).Outcome);
            Assert.Equal(Outcome.Wrong, benchmark.Grade(problem, Response($"Hence $\\boxed{{{problem.Answer}1}}$.")).Outcome);
        });
    }

    [SharedDataFact]
    public void RealGsm8k_SolutionsStandApartFromTheirAnswers()
    {
        BenchmarkFile benchmark = BenchmarkFile.Read(SharedData.Path("real", "gsm8k", "test.jsonl"));
        Assert.All(benchmark.Problems.Cast<MathProblem>(), problem =>
        {
            WorkedSolution solution = Assert.NotNull(problem.Solution);
            Assert.NotEmpty(solution.Reasoning);
            Assert.DoesNotContain("####", solution.Reasoning, StringComparison.Ordinal);
            Assert.Equal(problem.Answer, solution.Answer);
        });
    }

    [Theory]
    [InlineData("gsm8k", """{"question": "Q?", "answer": "1+1=<<1+1=2>>2\nso\n#### 1,002"}""", "Q?", "1,002", 1)]
    [InlineData("math", """{"problem": "P", "level": "Level 4", "type": "Algebra", "solution": "We get \\boxed{\\frac{1}{2}}."}""", "P", "\\frac{1}{2}", 4)]
    [InlineData("math", """{"problem": "P", "solution": "S", "answer": "\\frac{1}{2}", "subject": "Algebra", "level": 2, "unique_id": "test/1"}""", "P", "\\frac{1}{2}", 2)]
    [InlineData("aime", """{"id": "2024-I-3", "problem": "P", "answer": "025"}""", "P", "25", 1)]
    [InlineData("aime", """{"ID": "2024-II-12", "Problem": "P", "Solution": "S", "Answer": 25}""", "P", "25", 1)]
    [InlineData("amc", """{"problem": "P", "answer": 27.0, "url": "x/2023_AMC_12A_Problems"}""", "P", "27", 1)]
    [InlineData("minerva", """{"problem": "P", "solution": "$\\boxed{4.5e33}$ erg", "type": "T", "idx": 0}""", "P", "4.5e33", 1)]
    [InlineData("svamp", """{"Body": "He has 3 apples", "Question": "How many?", "Answer": 3.0}""", "He has 3 apples. How many?", "3", 1)]
    [InlineData("questions", """{"prompt": "P", "answer": "x^2"}""", "P", "x^2", 1)]
    [InlineData("questions", """{"question": "P", "final_answer": ["(1, 2)"]}""", "P", "(1, 2)", 1)]
    public void Record_IsRecognisedByItsFields(string name, string line, string question, string answer, int level)
    {
        using var file = new TextFile(".jsonl", line);
        foreach (string? format in (string?[])[null, name])
        {
            BenchmarkFile benchmark = BenchmarkFile.Read(file.Path, format);
            var problem = Assert.IsType<MathProblem>(Assert.Single(benchmark.Problems));
            Assert.Equal((name, question, answer, level), (benchmark.Name, problem.Question, problem.Answer, problem.Difficulty));
            Assert.Equal($"{question}\nPlease reason step by step, and put your final answer within \\boxed{{}}.", problem.Prompt);
        }
    }

    [Fact]
    public void ChineseQuestion_IsAskedInChinese()
    {
        using var file = new TextFile(".jsonl", """{"question": "小明有 $3$ 个苹果，吃了一个，还剩几个？", "answer": "2"}""");
        Problem problem = BenchmarkFile.Read(file.Path).Problems[0];
        Assert.Equal(Language.Chinese, problem.Language);
        Assert.EndsWith("\\boxed{} 中。", problem.Prompt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gsm8k", """{"question": "Q", "answer": "1"}""", "#### N")]
    [InlineData("gsm8k", """{"question": "Q", "answer": "#### one"}""", "\"one\"")]
    [InlineData("gsm8k", """{"question": "", "answer": "#### 1"}""", "\"question\" must be")]
    [InlineData("gsm8k", """{"question": "Q", "answer": ["#### 1"]}""", "\"answer\" must be")]
    [InlineData("gsm8k", """{"answer": "#### 1"}""", "question is missing, found: answer")]
    [InlineData("aime", """{"problem": "P", "answer": "1000"}""", "0 to 999, not \"1000\"")]
    [InlineData("aime", """{"problem": "P", "answer": -1}""", "0 to 999, not -1")]
    [InlineData("math", """{"problem": "P", "solution": "none", "level": 1, "type": "T"}""", "no \\boxed{} answer")]
    [InlineData("math", """{"problem": "P", "solution": "\\boxed{1}", "level": "Level 6", "type": "T"}""", "\"level\" must be 1 to 5")]
    [InlineData("minerva", """{"problem": "P", "solution": "\\boxed{1"}""", "no \\boxed{} answer")]
    public void BrokenRecord_IsNamedByFileAndLine(string format, string line, string fault)
    {
        using var file = new TextFile(".jsonl", "\n" + line + "\n");
        BenchmarkException error = Assert.Throws<BenchmarkException>(() => BenchmarkFile.Read(file.Path, format));
        Assert.StartsWith($"{file.Path}, line 2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    static ParsedResponse Response(string answer) => new("", answer, true);
}
