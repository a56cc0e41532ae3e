// Every verb of `plan` says where its numbers are from, in the same way.
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public sealed class PlanExplainTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Verbs =>
    [
        "train --preset s1",
        "memory --preset deepseek-v3 --gpu h800 --gpus 16",
        "schedule --schedule 1f1b --ranks 4 --micro-batches 8",
        "schedule --ranks 4 --micro-batches 8",
        "experts LOADS",
        "price --model deepseek-chat --input 20k --at 2025-03-01",
        "serve --preset deepseek-day",
        "total --preset semianalysis",
    ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Explain_Json_HasNumbersWithSources(string line)
    {
        string loads = _folder.Write("loads.json", """{"weight": [[90, 2, 2, 2]], "num_replicas": 8, "num_groups": 1, "num_nodes": 1, "num_gpus": 4}""");
        string[] words = ["plan", .. line.Split(' ').Select(word => word == "LOADS" ? loads : word), "--explain"];
        JsonElement[] figures = [.. Executable.Run([.. words, "--json"]).Ends(0).Json().GetProperty("explain").EnumerateArray()];
        Assert.True(figures.Length >= 6, $"{figures.Length} figures");
        Assert.All(figures, figure =>
        {
            Assert.NotEmpty(figure.GetProperty("name").GetString()!);
            Assert.NotEmpty(figure.GetProperty("source").GetString()!);
            Assert.Equal(JsonValueKind.Number, figure.GetProperty("value").ValueKind);
        });
        // The same figures as text: name, number, source in brackets.
        string text = Executable.Run(words).Ends(0).Output;
        Assert.All(figures, figure => Assert.Contains($"{figure.GetProperty("name").GetString()} = ", text, StringComparison.Ordinal));
        Assert.All(figures, figure => Assert.Contains($"({figure.GetProperty("source").GetString()})", text, StringComparison.Ordinal));
    }
}
