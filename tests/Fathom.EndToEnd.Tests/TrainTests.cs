// From a recipe to a model that is talked to, through the executable alone.
using System.Diagnostics;
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

/// <summary>One finished run for all tests that look at one.</summary>
public sealed class FinishedRun : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public FinishedRun()
    {
        Recipe = _folder.Write("mini.jsonc", MiniRecipe.Json);
        Folder = _folder.In("run");
        Outcome = Executable.Run("train", Recipe, "--out", Folder, "--json").Ends(0);
    }

    internal Outcome Outcome { get; }

    public string Recipe { get; }

    public string Folder { get; }

    public void Dispose() => _folder.Dispose();
}

public sealed class TrainTests(FinishedRun run) : IClassFixture<FinishedRun>
{
    [Fact]
    public void Train_Json_PrintsTheSummaryAndNothingElse()
    {
        Assert.Equal(File.ReadAllText(Path.Combine(run.Folder, "summary.json")), run.Outcome.Output);
        JsonElement summary = run.Outcome.Json();
        JsonElement[] stages = [.. summary.GetProperty("stages").EnumerateArray()];
        // An evaluation's score stands in the row of the stage before it.
        Assert.Equal(["base", "cold-start", "rl"], stages.Select(stage => stage.GetProperty("name").GetString()!));
        foreach (JsonElement stage in stages)
        {
            Assert.Equal(["name", "passAt1", "standardError", "meanTokens", "seconds"], stage.EnumerateObject().Select(p => p.Name));
            bool evaluated = stage.GetProperty("name").GetString() != "cold-start";
            Assert.Equal(evaluated ? JsonValueKind.Number : JsonValueKind.Null, stage.GetProperty("passAt1").ValueKind);
        }
        Assert.True(summary.GetProperty("bill").GetProperty("total").GetProperty("flops").GetDouble() > 0);
        Assert.Contains("step 6/6", run.Outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_Folder_HoldsReportAndModel()
    {
        foreach (string file in new[] { "recipe.json", "metrics.jsonl", "samples.jsonl", "bill.json", "report.html", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json" })
            Assert.True(File.Exists(Path.Combine(run.Folder, file)), file);
        string report = File.ReadAllText(Path.Combine(run.Folder, "report.html"));
        Assert.Contains(Path.Combine(run.Folder, "report.html"), Executable.Run("report", run.Folder).Ends(0).Output, StringComparison.Ordinal);
        Assert.Equal(report, File.ReadAllText(Path.Combine(run.Folder, "report.html")));
    }

    [Fact]
    public void Chat_PipedInput_AnswersEveryLineUntilExit()
    {
        Outcome chat = Executable.RunWithInput("What is 1 + 2?\n\n/clear\nWhat is 3 + 4?\n/exit\nnever asked\n", "chat", run.Folder, "--max-tokens", "16");
        chat.Ends(0);
        Assert.Equal(2, chat.Output.Split("<think>").Length - 1);
        Assert.DoesNotContain('\e', chat.Output);
        Assert.Empty(chat.Error);
    }

    [Fact]
    public void Train_WithData_PrintsTableBillAndNextStep()
    {
        using var folder = new TemporaryFolder();
        string data = folder.Write("text.txt", string.Concat(Enumerable.Repeat("The cat sat on the mat. The dog ran after the cat.\n\n", 200)));
        string output = Executable.Run(
            "train", run.Recipe, "--out", folder.In("run"), "--data", data, "--set", "base.steps=3", "--set", "rl.steps=1", "--seed", "5", "--threads", "1").Ends(0).Output;
        foreach (string part in new[] { "pass@1", "±", "mean tokens", "seconds", "evaluate-rl", "FLOP", "core hours", "H800", "peak memory", "report.html", $"fathom chat {folder.In("run")}" })
            Assert.Contains(part, output, StringComparison.Ordinal);
        JsonElement recipe = JsonDocument.Parse(File.ReadAllText(folder.In("run", "recipe.json"))).RootElement;
        Assert.Equal(5, recipe.GetProperty("seed").GetInt32());
        Assert.Equal(3, recipe.GetProperty("stages")[0].GetProperty("steps").GetInt32());
        Assert.Contains("bitsPerByte", File.ReadAllText(folder.In("run", "metrics.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void Train_Stopped_SaysHowToResumeAndItsCheckpointAnswers()
    {
        using var folder = new TemporaryFolder();
        using Process process = Executable.Start("train", run.Recipe, "--out", folder.In("run"), "--set", "base.steps=1000000");
        Task<string> error = process.StandardError.ReadToEndAsync();
        // A checkpoint comes every second step; by step 10 there is one.
        while (process.StandardOutput.ReadLine() is { } line && !(line.StartsWith("base ", StringComparison.Ordinal) && StepOf(line) >= 10))
        {
        }
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        using (Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            kill.WaitForExit();
        Executable.Finish(process, output, error).Says(1, "stage 'base'", "is kept", "--set base.steps=1000000 --resume");
        Assert.Contains("<think>", Executable.Run("generate", folder.In("run"), "-p", "What is 1 + 2?", "--max-tokens", "4").Ends(0).Output, StringComparison.Ordinal);
    }

    static int StepOf(string line)
    {
        string count = line.Split("step ")[1];
        return int.Parse(count[..count.IndexOf('/', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public void BenchTrain_Json_HasLimitsAndResults()
    {
        JsonElement bench = Executable.Run("bench", "train", "nano", "--only", "training", "--sequences", "2", "--length", "32", "--steps", "1", "--json").Ends(0).Json();
        Assert.True(bench.GetProperty("limits").GetArrayLength() >= 1);
        JsonElement result = Assert.Single(bench.GetProperty("results").EnumerateArray());
        Assert.True(result.GetProperty("tokensPerSecond").GetDouble() > 0);
        Assert.InRange(result.GetProperty("fractionOfLimit").GetDouble(), 1e-9, 1);
    }
}
