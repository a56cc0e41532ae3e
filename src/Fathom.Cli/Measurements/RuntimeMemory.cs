// What a process of Fathom holds before it holds a model: the runtime, its libraries, compiled code, threads, kernels' buffers. Measured in this
// process, after a tiny model of the same kind has gone through the same code and is gone again.
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Planning;

namespace Fathom.Cli.Measurements;

/// <summary>Measures the runtime's memory.</summary>
static class RuntimeMemory
{
    /// <summary>A process that trains models like this one.</summary>
    public static Figure OfTraining(ModelConfig config)
    {
        TrainingMeasurement.Run("", Tiny(config), sequences: 2, length: 32, steps: 1, limit: 1);
        return Now("a tiny model was trained for three steps");
    }

    /// <summary>A process that runs models like this one.</summary>
    public static Figure OfRunning(ModelConfig config)
    {
        foreach (string format in new[] { "q8_0", "bf16" })
        {
            using DecoderModel model = new(new StoredWeights(new RandomCheckpoint(Tiny(config), GgufTarget.Find(format)!, 1)));
            using var measurement = new InferenceMeasurement(model, new MachineLimits(1, 1, 1, 1, 1, 1, 1, 1, 1, 1), 1024, ElementType.F32);
            measurement.Prompt(LatentAttention.AbsorbedTokenLimit, 0, 1);
            measurement.Decode(2, 0, 1, 1);
        }
        return Now("a tiny model read a prompt and decoded two tokens, in two formats");
    }

    static Figure Now(string what) => new("runtime", Memory.Now(), "bytes", $"measured now: the resident set of this process after {what} and was given back (libraries, compiled code, threads, kernels' buffers)");

    static ModelConfig Tiny(ModelConfig config) => config.Attention is LatentAttentionConfig
        ? Presets.Nano with { LayerCount = 2 }
        : Presets.BenchDense with { LayerCount = 1, VocabularySize = 512 };
}
