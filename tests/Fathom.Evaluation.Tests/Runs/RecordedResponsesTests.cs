// Files of recorded responses, whole and broken.
using Fathom.Evaluation.Runs;
using Fathom.Evaluation.Tests.Benchmarks;

namespace Fathom.Evaluation.Tests.Runs;

public sealed class RecordedResponsesTests
{
    const string Good = """{"answer": "7", "responses": ["a", "b"], "more": {"x": 1}}""";

    [Fact]
    public void Read_TextsAndNumbers_EmptyLinesPassed()
    {
        using var file = new TextFile(".jsonl", Good + "\n\n" + """{"responses": ["c"], "answer": 27.0}""");
        RecordedResponses[] all = [.. RecordedResponses.Read(file.Path)];
        Assert.Equal(["7", "27.0"], all.Select(line => line.Answer));
        Assert.Equal(["a,b", "c"], all.Select(line => string.Join(',', line.Responses)));
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[1]", "Array")]
    [InlineData("""{"reply": "x", "answer": "1"}""", "found: reply, answer")]
    [InlineData("""{"answer": null, "responses": ["x"]}""", "not null")]
    [InlineData("""{"answer": "1", "responses": []}""", "at least one")]
    [InlineData("""{"answer": "1", "responses": "x"}""", "not \"x\"")]
    [InlineData("""{"answer": "1", "responses": ["x", 5]}""", "not 5")]
    [InlineData("""{"answer": "1", "responses": ["\ud800"]}""", "Unicode")]
    public void Read_BrokenLine_NamesFileLineAndWhatIsWrong(string line, string words)
    {
        using var file = new TextFile(".jsonl", Good + "\n" + line);
        string message = Assert.Throws<InvalidDataException>(() => RecordedResponses.Read(file.Path).ToList()).Message;
        Assert.Contains($"{file.Path}, line 2", message, StringComparison.Ordinal);
        Assert.Contains(words, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoLine_IsRefused()
    {
        using var file = new TextFile(".jsonl", "\n");
        Assert.Throws<InvalidDataException>(() => RecordedResponses.Read(file.Path).ToList());
    }
}
