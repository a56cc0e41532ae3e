// What a process of Fathom holds before it holds a model: the runtime, its libraries, compiled code, threads, kernels' buffers. Measured in this
// process, after a tiny model of the same kind has gone through the same code and is gone again.
using Fathom.Inference;
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Planning;
using Fathom.Planning.Here;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli.Measurements;

/// <summary>Measures the runtime's memory.</summary>
static class RuntimeMemory
{
    /// <summary>A process that trains models like this one.</summary>
    public static Figure OfTraining(ModelConfig config)
    {
        TrainingMeasurement.Run("", Tiny(config), sequences: 2, length: 32, steps: 1, limit: 1);
        return Now("a tiny model was trained for three steps and given back");
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
        return Now("a tiny model read a prompt and decoded two tokens, in two formats, and was given back");
    }

    /// <summary>A process that answers prompts by models like this one, with as many tokens in their vocabulary.</summary>
    public static Figure OfGenerating(ModelConfig config)
    {
        // One narrow layer, in a GGUF file as `init` writes it: tokens and names are what counts.
        Tokenizer tokenizer = BpeTrainer.Train([], Math.Min(config.VocabularySize, 256 + DeepSeekTokens.All.Count), DeepSeekTokens.All);
        ModelConfig tiny = Tiny(config) with { VocabularySize = config.VocabularySize, BosTokenId = tokenizer.BosId, EosTokenIds = [tokenizer.EosId!.Value], WeightType = ElementType.BF16 };
        GgufTarget target = GgufTarget.Find("q8_0")!;
        DirectoryInfo folder = Directory.CreateTempSubdirectory("fathom-");
        try
        {
            string path = Path.Combine(folder.FullName, "tiny" + GgufFile.Extension);
            ModelConversion.RandomToGguf(tiny, 1, path, new GgufOptions { Target = target, Name = "tiny", Metadata = tokenizer.ToGguf(tiny.VocabularySize) });
            _ = Memory.Now();
            using OpenModel model = OpenModel.Load(path);
            using InferenceEngine engine = new(model.Model, model.Tokenizer);
            int[] prompt = [.. Enumerable.Range(0, LatentAttention.AbsorbedTokenLimit).Select(i => i % 256)];
            _ = engine.Submit(new GenerationRequest(prompt, model.Chat.Options with { MaxNewTokens = 16 }, 1)).Finished.GetAwaiter().GetResult();
            // As it stands: what reading file and vocabulary left for the collector is still there in a process that answers one prompt.
            Figure now = Resident(Environment.WorkingSet, "a tiny model of the same vocabulary answered a prompt");
            double own = HereMemory.OfRunning(tiny, target, ElementType.F32, prompt.Length + 16, bench: false, now).Sum(part => part.Value) - now.Value;
            return now with { Value = now.Value - own, Source = now.Source + ", less what the tiny model holds" };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static Figure Now(string what) => Resident(Memory.Now(), what);

    static Figure Resident(long bytes, string what) => new("runtime", bytes, "bytes", $"measured now: the resident set of this process after {what} (libraries, compiled code, threads, kernels' buffers)");

    static ModelConfig Tiny(ModelConfig config) => config.Attention is LatentAttentionConfig
        ? Presets.Nano with { LayerCount = 2 }
        : Presets.BenchDense with { LayerCount = 1, VocabularySize = 512 };
}
