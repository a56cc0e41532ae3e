// A recipe of all stages that runs in a second or two, and what two runs of it must have in common.

using System.Text.Json.Nodes;
using Fathom.Models.Checkpoints;
using Xunit;

namespace Fathom.Testing;

/// <summary>A run in miniature.</summary>
public static class MiniRun
{
    /// <summary>Pre-training, fine-tuning, reinforcement learning and evaluation, with a checkpoint every two or three steps.</summary>
    public const string Recipe = """
        {
          "name": "mini",
          "seed": 7,
          "model": { "preset": "nano", "layerCount": 2, "hiddenSize": 32, "headCount": 2, "intermediateSize": 48, "expertIntermediateSize": 16 },
          "tokenizer": { "vocabularySize": 300 },
          "tasks": [ { "task": "addition", "maxDifficulty": 1 } ],
          "stages": [
            {
              "stage": "pretrain", "name": "base", "steps": 24, "tokensPerStep": 512, "sequenceLength": 64, "microBatchTokens": 200,
              "peakLearningRate": 5e-3, "warmupSteps": 3, "checkpointEverySteps": 3, "validationEverySteps": 8, "validationTokens": 512
            },
            { "stage": "evaluate", "name": "evaluate-base", "problems": 8, "samples": 2, "maxNewTokens": 24 },
            {
              "stage": "sft", "name": "cold-start", "examples": 24, "epochs": 2, "examplesPerStep": 6, "sequenceLength": 160,
              "peakLearningRate": 3e-3, "checkpointEverySteps": 2
            },
            {
              "stage": "rl", "name": "rl", "steps": 8, "questionsPerStep": 4, "groupSize": 4, "maxNewTokens": 24, "minibatches": 2,
              "referenceRefreshSteps": 3, "klWeight": 0.05, "microBatchTokens": 300, "peakLearningRate": 1e-3, "checkpointEverySteps": 2
            },
            { "stage": "evaluate", "name": "evaluate-rl", "problems": 8, "samples": 2, "maxNewTokens": 24 }
          ]
        }
        """;

    // Everything that a clock decides.
    static readonly string[] s_timings = ["seconds", "tokensPerSecond", "rolloutTokensPerSecond", "rolloutSeconds", "referenceSeconds", "updateSeconds"];

    /// <summary>The numbers logged by a run, timings left out.</summary>
    public static string[] Metrics(string run) => [.. File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line =>
    {
        JsonObject record = JsonNode.Parse(line)!.AsObject();
        foreach (string timing in s_timings)
            record.Remove(timing);
        return record.ToJsonString();
    })];

    /// <summary>Asserts that two finished runs have the same model to the bit, and logged the same but for timings.</summary>
    public static void AssertSame(string expected, string actual)
    {
        Assert.Equal(Metrics(expected), Metrics(actual));
        Assert.Equal(File.ReadAllLines(Path.Combine(expected, "samples.jsonl")), File.ReadAllLines(Path.Combine(actual, "samples.jsonl")));
        foreach (string file in new[] { "config.json", "tokenizer.json", "model.safetensors" })
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(expected, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(actual, file))),
                $"{file} of '{actual}' differs from that of '{expected}'");
        }
    }

    /// <summary>Asserts that every checkpoint under a good name is whole.</summary>
    /// <returns>How many there are.</returns>
    public static int AssertCheckpointsWhole(string run)
    {
        string folder = Path.Combine(run, "checkpoints");
        if (!Directory.Exists(folder))
            return 0;
        string[] checkpoints = [.. Directory.GetDirectories(folder).Where(path => Path.GetExtension(path) != ".tmp")];
        foreach (string checkpoint in checkpoints)
        {
            foreach (string json in new[] { "state.json", "logs.json", "model/config.json", "model/tokenizer.json" })
                Assert.NotNull(JsonNode.Parse(File.ReadAllText(Path.Combine(checkpoint, json))));
            // Opening checks that the file is exactly as long as its header says.
            using (ModelFolder model = ModelFolder.Open(Path.Combine(checkpoint, "model")))
                Assert.NotEmpty(model.Names);
            using SafetensorsFile optimizer = SafetensorsFile.Open(Path.Combine(checkpoint, "optimizer.safetensors"));
            Assert.Equal(2, optimizer.Entries.Count);
        }
        return checkpoints.Length;
    }
}
