// Recorded responses graded by the executable.
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public sealed class GradeTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Grade_RecordedResponses_GivesVerdicts()
    {
        string file = _folder.Write("r.jsonl", """
            {"id": "a", "answer": "12", "responses": ["so it is \\boxed{12}", "#### 12", "The answer is 13.", "I do not know"]}
            {"answer": 0.5, "responses": ["<think>maybe 3</think>\\boxed{\\frac12}"]}
            """);
        JsonElement graded = Executable.Run("grade", file, "--json").Ends(0).Json();
        Assert.Equal((2, 5), (graded.GetProperty("problems").GetInt32(), graded.GetProperty("responses").GetInt32()));
        Assert.Equal("[[true,true,false,false],[true]]", JsonSerializer.Serialize(graded.GetProperty("verdicts")));
        Assert.Equal(0.75, graded.GetProperty("passAt1").GetDouble());
        Assert.Equal(1, graded.GetProperty("consAtK").GetDouble());
        Assert.Contains("75.0%", Executable.Run("grade", file).Ends(0).Output, StringComparison.Ordinal);
        Executable.Run("grade", _folder.Write("bad.jsonl", File.ReadAllText(file) + "\n{\"answer\": 1}\n")).Says(1, "bad.jsonl, line 3", "responses");
        Executable.Run("grade", _folder.In("none.jsonl")).Says(2, "none.jsonl");
    }
}
