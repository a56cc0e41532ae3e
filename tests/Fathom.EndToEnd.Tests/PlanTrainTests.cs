// `plan train` and `plan memory` as they are called.
using System.Globalization;
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public sealed class PlanTrainTests
{
    [Theory]
    [InlineData("plan train")]
    [InlineData("plan memory")]
    public void Help_DescribesTheVerbAndGivesExamples(string verb)
    {
        Outcome help = Executable.Run([.. verb.Split(' '), "--help"]).Ends(0);
        Assert.Contains($"  fathom {verb} ", help.Output[help.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Train_Json_HasHoursMoneyDaysAndSourcedParts()
    {
        JsonElement json = Executable.Run("plan", "train", "--preset", "deepseek-v3", "--json").Ends(0).Json();
        double hours = json.GetProperty("gpuHours").GetDouble();
        Assert.Equal(hours * 2, json.GetProperty("usd").GetDouble(), 0.01);
        Assert.InRange(json.GetProperty("days").GetDouble(), 50, 65);
        JsonElement[] parts = [.. json.GetProperty("parts").EnumerateArray()];
        Assert.Equal(hours, parts.Sum(part => part.GetProperty("value").GetDouble()), hours * 1e-9);
        Assert.All(parts, part => Assert.NotEmpty(part.GetProperty("source").GetString()!));
        Assert.InRange(json.GetProperty("stages")[0].GetProperty("gpuHours").GetDouble(), 2_664_000 * 0.9, 2_664_000 * 1.1);
    }

    [Fact]
    public void Train_Search_FindsALayoutFor2048Devices()
    {
        JsonElement json = Executable.Run("plan", "train", "--preset", "deepseek-v3", "--search", "--json").Ends(0).Json();
        JsonElement stage = json.GetProperty("stages")[0];
        Assert.True(stage.GetProperty("fits").GetBoolean());
        Assert.InRange(stage.GetProperty("gpuHours").GetDouble(), 1_500_000, 2_700_000);
    }

    [Theory]
    [InlineData("plan train deepseek-v3 --cluster h900", "did you mean 'h")]
    [InlineData("plan train deepseek-v3 --gpus 100 --pipeline 3", "99 would do")]
    [InlineData("plan train deepseek-v3 --gpus 8 --batch 8", "does not fit")]
    [InlineData("plan train deepseek-v3 --cluster a100 --precision fp8", "fp32, tf32, bf16")]
    [InlineData("plan train deepseek-v9", "did you mean 'deepseek-v")]
    [InlineData("plan train deepseek-v3 --precision fp7", "fp32, tf32, bf16, fp8, fp4 are allowed")]
    [InlineData("plan train deepseek-v3 --tokens NaN", "whole tokens")]
    [InlineData("plan train deepseek-v3 --imbalance 0.5", "1 to 1000 is allowed")]
    [InlineData("plan train deepseek-v3 --pipeline 16777216 --tensor 16777216 --context-parallel 16777216", "would do")]
    [InlineData("plan train --preset s1 --pipeline 3", "its own --pipeline")]
    [InlineData("plan train no/such/folder", "no folder with a config.json")]
    [InlineData("plan total --preset semianalyst", "'semianalysis'")]
    [InlineData("plan memory", "give one of them")]
    [InlineData("plan memory --preset nano --gpus 2", "only 1 is allowed")]
    public void BadInput_IsOneSentenceWithWhatWouldWork(string line, string words)
    {
        Outcome outcome = Executable.Run(line.Split(' '));
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.Trim().Split('\n'));
    }

    [Fact]
    public void Train_LongSequences_TakeTheFlagsAndSayWhatIsMissing()
    {
        string[] line = "plan train deepseek-v3 --tokens 62.9B --length 131072 --batch 480 --precision fp8 --pipeline 16 --expert 64 --context-parallel 32 --schedule dualpipe --pue 1 --failed-runs 0 --people 1000000 --json".Split(' ');
        JsonElement json = Executable.Run(line).Ends(0).Json();
        Assert.Contains("context 32", json.GetProperty("stages")[0].GetProperty("layout").GetString(), StringComparison.Ordinal);
        Assert.Equal(json.GetProperty("gpuHours").GetDouble() * 0.7, json.GetProperty("energyKwh").GetDouble(), 1.0);
        Assert.Equal(json.GetProperty("usd").GetDecimal() + 1_000_000, json.GetProperty("totalCost").GetDecimal());
        Dictionary<string, JsonElement> beside = json.GetProperty("beside").EnumerateArray().ToDictionary(cost => cost.GetProperty("name").GetString()!, cost => cost.GetProperty("amount"));
        Assert.Equal((0m, JsonValueKind.Null), (beside["failed runs"].GetDecimal(), beside["ablations"].ValueKind));
    }

    [Fact]
    public void Train_ConfigThatIsNone_IsOneSentence()
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", "no\nconfiguration\n");
        Executable.Run("plan", "train", folder.Path).Says(1, "config.json", "not JSON");
    }

    [Fact]
    public void Memory_NamesFormatsThatFit()
    {
        string[] lines = Executable.Run("plan", "memory", "--preset", "nano").Ends(0).Output.Split('\n');
        Assert.Contains(lines, line => Columns(line) is ["use", "formats", "MB", "fits", "parts, MB"]);
        foreach (string use in new[] { "generate", "bench", "train" })
            Assert.Contains(lines, line => Columns(line) is [var first, _, var size, "yes", var parts] && first == use && double.Parse(size, CultureInfo.InvariantCulture) > 50 && parts.Contains("runtime", StringComparison.Ordinal));

        static string[] Columns(string line) => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    [Fact]
    public void Train_Here_MeasuresOperatorsAndSumsThem()
    {
        JsonElement json = Executable.Run("plan", "train", "--preset", "nano", "--cluster", "here", "--json").Ends(0).Json();
        JsonElement stage = json.GetProperty("stages")[0];
        JsonElement[] parts = [.. stage.GetProperty("parts").EnumerateArray()];
        Assert.Equal(["matrix products", "routed experts", "attention", "element-wise kernels", "head and loss", "update"], parts.Select(part => part.GetProperty("name").GetString()));
        Assert.All(parts, part => Assert.True(part.GetProperty("value").GetDouble() > 0, $"{part}"));
        // 20 tokens for each of 1,149,272 parameters, 4,096 in a step.
        double steps = 20 * 1_149_272 / 4096.0, hours = json.GetProperty("gpuHours").GetDouble();
        Assert.Equal(stage.GetProperty("stepSeconds").GetDouble() * steps / 3600, hours, hours * 1e-9);
        Assert.Equal(hours, parts.Sum(part => part.GetProperty("value").GetDouble()), hours * 1e-9);
    }
}
