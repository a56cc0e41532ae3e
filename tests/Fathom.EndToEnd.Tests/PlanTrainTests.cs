// `plan train` and `plan memory` as they are called.
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
    public void Memory_NamesFormatsThatFit()
    {
        Outcome outcome = Executable.Run("plan", "memory", "--preset", "nano").Ends(0);
        Assert.Contains("generate", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("train", outcome.Output, StringComparison.Ordinal);
    }
}
