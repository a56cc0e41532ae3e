using System.Security.Cryptography;
using Fathom.Evaluation.Benchmarks;

namespace Fathom.Evaluation.Tests.Benchmarks;

public sealed class BenchmarkFileTests
{
    [Fact]
    public void UnknownShape_NamesFieldsFoundAndThoseNeeded()
    {
        using var file = new TextFile(".jsonl", """{"question": "Q", "solutions": "S", "note": 1}""");
        string message = Assert.Throws<BenchmarkException>(() => BenchmarkFile.Read(file.Path)).Message;
        Assert.StartsWith($"{file.Path}, line 1: ", message, StringComparison.Ordinal);
        Assert.Contains("these fields: question, solutions, note.", message, StringComparison.Ordinal);
        Assert.Contains("gsm8k needs question, answer (missing: answer)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownFormat_NamesTheNearest()
    {
        using var file = new TextFile(".jsonl", """{"question": "Q", "answer": "#### 1"}""");
        string message = Assert.Throws<ArgumentException>(() => BenchmarkFile.Read(file.Path, "gsm8")).Message;
        Assert.Contains("did you mean 'gsm8k'?", message, StringComparison.Ordinal);
        Assert.All(BenchmarkFormats.All, format => Assert.Contains(format.Name, message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(".jsonl", "")]
    [InlineData(".jsonl", "\n \n")]
    [InlineData(".json", "[]")]
    [InlineData(".json", "")]
    [InlineData(".csv", "")]
    [InlineData(".csv", "question,answer\n")]
    public void EmptyFile_IsRefused(string ending, string content)
    {
        using var file = new TextFile(ending, content);
        Assert.Equal($"{file.Path}: no record in it.", Assert.Throws<BenchmarkException>(() => BenchmarkFile.Read(file.Path)).Message);
    }

    [Fact]
    public void MissingFile_IsAnOrdinaryError() => Assert.Throws<FileNotFoundException>(() => BenchmarkFile.Read("/no-such-folder-here.jsonl".TrimStart('/')));

    [Fact]
    public void Hash_IsThatOfTheFile()
    {
        using var file = new TextFile(".csv", "question,answer\nQ,#### 1\n");
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        Assert.Equal("gsm8k", benchmark.Name);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file.Path))), benchmark.ContentHash);
    }

    [Fact]
    public void Formats_HaveNamesOfTheirOwnAndAreFoundByThem()
    {
        Assert.Equal(BenchmarkFormats.All.Count, BenchmarkFormats.All.Select(format => format.Name).Distinct().Count());
        Assert.All(BenchmarkFormats.All, format =>
        {
            Assert.Same(format, BenchmarkFormats.Find(format.Name));
            Assert.NotEmpty(format.Needs);
            Assert.DoesNotContain('\n', format.Description);
        });
    }
}
