using System.Text.Json;
using Fathom.Evaluation.Benchmarks;
using Fathom.Testing;

namespace Fathom.Evaluation.Tests.Benchmarks;

public sealed class Gsm8kFileTests : IDisposable
{
    readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [SharedDataTheory]
    [InlineData("test.jsonl", 1319)]
    [InlineData("train.jsonl", 7473)]
    public void RealFile_EveryAnswerIsRight_AndItsSolutionToo(string name, int count)
    {
        Gsm8kFile file = Gsm8kFile.Read(SharedData.Path("real", "gsm8k", name));
        Assert.Equal(count, file.Problems.Count);
        Assert.Equal(count, file.Solutions.Count);
        Assert.All(file.Problems, problem => Assert.True(file.Check(problem, problem.Answer)));
        Assert.All(file.Problems, problem => Assert.False(file.Check(problem, problem.Answer + "0") && problem.Answer != "0"));
        Assert.DoesNotContain(file.Solutions, solution => solution.Reasoning.Contains("####", StringComparison.Ordinal));
    }

    [Fact]
    public void Line_IsSplitIntoQuestionReasoningAnswer()
    {
        File.WriteAllText(_path, """{"question": "Q?", "answer": "1+1=<<1+1=2>>2\nso\n#### 1,002"}""" + "\n\n");
        Gsm8kFile file = Gsm8kFile.Read(_path);
        Assert.Equal("Q?", file.Problems[0].Prompt);
        Assert.Equal("1+1=<<1+1=2>>2\nso", file.Solutions[0].Reasoning);
        Assert.True(file.Check(file.Problems[0], "1002"));
        Assert.False(file.Check(file.Problems[0], "1003"));
    }

    [Theory]
    [InlineData("""{"question": "Q", "answer": "#### 1" """, "not valid JSON")]
    [InlineData("[1]", "expected an object")]
    [InlineData("""{"answer": "#### 1"}""", "\"question\" must be")]
    [InlineData("""{"question": "", "answer": "#### 1"}""", "\"question\" must be")]
    [InlineData("""{"question": "Q", "answer": 1}""", "\"answer\" must be")]
    [InlineData("""{"question": "Q", "answer": "1"}""", "#### N")]
    [InlineData("""{"question": "Q", "answer": "#### one"}""", "\"one\"")]
    [InlineData("""{"question": "\ud800", "answer": "#### 1"}""", "Unicode")]
    public void BrokenLine_IsNamedByFileAndNumber(string line, string what)
    {
        File.WriteAllText(_path, JsonSerializer.Serialize(new { question = "Q", answer = "#### 1" }) + "\n\n" + line + "\n");
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => Gsm8kFile.Read(_path));
        Assert.StartsWith($"{_path}, line 3: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyFile_IsRefused() => Assert.Throws<InvalidDataException>(() => Gsm8kFile.Read(_path));
}
