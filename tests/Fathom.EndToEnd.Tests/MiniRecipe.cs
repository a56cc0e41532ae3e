// A recipe that runs through all kinds of stages in seconds. It learns nothing; it shows that everything is wired.
namespace Fathom.EndToEnd.Tests;

static class MiniRecipe
{
    public const string Json =
        """
        {
          "name": "mini", "seed": 1,
          "model": { "preset": "nano", "layerCount": 2, "hiddenSize": 32 },
          "tokenizer": { "vocabularySize": 300 },
          "tasks": [{ "task": "addition", "maxDifficulty": 1 }],
          "stages": [
            { "stage": "pretrain", "name": "base", "steps": 6, "tokensPerStep": 512, "sequenceLength": 64, "peakLearningRate": 3e-3,
              "checkpointEverySteps": 2, "validationEverySteps": 3, "validationTokens": 512 },
            { "stage": "evaluate", "name": "evaluate-base", "problems": 4, "samples": 2, "maxNewTokens": 16 },
            { "stage": "sft", "name": "cold-start", "examples": 8, "epochs": 1, "examplesPerStep": 4, "sequenceLength": 64, "peakLearningRate": 1e-3 },
            { "stage": "rl", "name": "rl", "steps": 2, "questionsPerStep": 2, "groupSize": 2, "maxNewTokens": 16, "checkpointEverySteps": 1 },
            { "stage": "evaluate", "name": "evaluate-rl", "problems": 4, "samples": 2, "maxNewTokens": 16 }
          ]
        }
        """;
}
