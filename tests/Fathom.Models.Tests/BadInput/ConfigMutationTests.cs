// Damaged config.json files: tens of thousands of them, of every family and every way to scale the rotation.
using System.Text;
using System.Text.Json.Nodes;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Testing;
using Fathom.Testing.Mutations;

namespace Fathom.Models.Tests.BadInput;

public class ConfigMutationTests
{
    const int Mutations = 45_000;

    [Fact]
    public void Parse_Mutations_EndInSuccessOrATypedError()
    {
        string[] seeds = [.. Seeds()];
        JsonMutator[] mutators = [.. seeds.Select((json, i) => new JsonMutator(json, seed: 100 + i))];
        var result = Kept();
        for (int i = 0; i < Mutations; i++)
        {
            byte[] json = mutators[i % mutators.Length].Next();
            result.Try($"mutation {i}", () => Use(Encoding.UTF8.GetString(json)), json);
        }

        result.AssertKept();
    }

    [Fact]
    public void Parse_CutAtEveryCharacter_IsRefused()
    {
        string json = Seeds().First().TrimEnd();
        var result = Kept();
        for (int length = 0; length <= json.Length; length++)
        {
            string cut = json[..length];
            result.Try($"cut at {length}", () => Use(cut), Encoding.UTF8.GetBytes(cut));
        }

        result.AssertKept();
        Assert.Equal((1, json.Length), (result.Accepted, result.Refused));
    }

    [Fact]
    public void Parse_FoundCases_EndInATypedError()
    {
        foreach (string path in FoundCases.Of("config"))
        {
            Assert.Throws<ConfigException>(() => ModelConfig.Read(path));
        }
    }

    static ReaderTrial Kept() => new(typeof(ConfigException));

    // Reads a config and asks all that it answers without weights.
    static void Use(string json)
    {
        ModelConfig config = ModelConfig.Parse(json, "config.json");
        Assert.Equal(config, ModelConfig.Parse(config.ToJson(), "written"));
        Assert.True(config.EosTokenIds.All(id => id >= 0 && id < config.VocabularySize));
        // Counting walks every tensor; the first hundreds show whether sizes are sound, and tell large models from small.
        TensorSpec[] first = [.. TensorNames.Of(config).Take(300)];
        foreach (TensorSpec tensor in first)
        {
            Assert.False(tensor.ElementCount <= 0 || tensor.Shape.Min() <= 0, tensor.Name);
        }

        if (first.Length < 300)
        {
            var counts = new ModelCounts(config);
            Assert.True(counts.ActiveParameters > 0 && counts.ActiveParameters <= counts.Parameters && counts.MtpParameters >= 0, $"{counts.Parameters}");
            Assert.True(counts.CacheElementsPerToken > 0 && counts.FullAttentionCacheElementsPerToken > 0 && counts.MatrixParametersPerToken > 0);
            Assert.True(double.IsFinite(counts.TrainingFlops(config.MaxPositionEmbeddings)));
        }

        if (config.Attention.RotaryDim <= 1 << 12)
        {
            var frequencies = RotaryFrequencies.Of(config.Rotary, config.Attention.RotaryDim);
            Assert.True(float.IsFinite(frequencies.CosSinScale) && frequencies.CosSinScale > 0);
            foreach (float frequency in frequencies.Inverse)
            {
                Assert.True(float.IsFinite(frequency) && frequency >= 0, $"{frequency}");
            }
        }

        Assert.True(RotaryFrequencies.SoftmaxScale(config) is > 0 and < float.PositiveInfinity);
        Assert.True((float)config.RmsNormEpsilon is > 0 and < float.PositiveInfinity);
    }

    static IEnumerable<string> Seeds()
    {
        ModelConfig v3 = ToyPresets.DeepSeekV3, llama = ToyPresets.Llama;
        ModelConfig[] configs =
        [
            .. ToyPresets.All.Values, v3 with { Quantization = new Fp8Config(128, 128) }, llama with { Rotary = new RotaryConfig(10000, false, new LinearScaling(4)) },
            llama with { EosTokenIds = [1, 2, 3] }, Presets.Get("deepseek-v3"),
        ];
        foreach (ModelConfig config in configs)
        {
            yield return config.ToJson();
        }

        // As transformers 5 writes it.
        JsonObject newer = JsonNode.Parse(llama.ToJson())!.AsObject();
        JsonNode scaling = newer["rope_scaling"]!.DeepClone();
        scaling["rope_theta"] = 500000;
        newer.Remove("rope_scaling");
        newer.Remove("rope_theta");
        newer["rope_parameters"] = scaling;
        yield return newer.ToJsonString();
    }
}
