// Weights that are no numbers: a model with them opens, and generation ends in one clear error, not in tokens made of nothing.
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Testing;

namespace Fathom.Inference.Tests;

public sealed class DamagedWeightsTests : IDisposable
{
    const int Block = 8;

    readonly string folder = Directory.CreateTempSubdirectory("fathom-nan-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string, float, float> Cases()
    {
        TheoryData<string, float, float> cases = [];
        foreach (string preset in new[] { "deepseek-v3", "deepseek-v2", "llama" })
        {
            foreach (float scale in new[] { float.NaN, float.PositiveInfinity, float.MaxValue })
            {
                cases.Add(preset, scale, 0);
                cases.Add(preset, scale, 0.8f);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Generate_Fp8ScaleThatIsNoNumber_IsAnErrorAboutTheWeights(string preset, float scale, float temperature)
    {
        Save(ToyPresets.All[preset], scale);
        using DecoderModel model = DecoderModel.Open(folder);
        using var generator = new Generator(model, null, 2);
        var options = new SamplingOptions { Temperature = temperature, TopP = 0.9f, MaxNewTokens = 4 };
        var error = Assert.Throws<InvalidDataException>(() => generator.Generate([new GenerationRequest([1, 2, 3], options, 1), new GenerationRequest([4], options, 2)]));
        Assert.Equal("The model's logits are not finite numbers: its weights are damaged, or training diverged.", error.Message);
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("llama")]
    public void Generate_SoundScales_Works(string preset)
    {
        Save(ToyPresets.All[preset], 0.01f);
        using DecoderModel model = DecoderModel.Open(folder);
        using var generator = new Generator(model, null, 1);
        Assert.Equal(4, generator.Generate([new GenerationRequest([1, 2, 3], new SamplingOptions { Temperature = 0, MaxNewTokens = 4 }, 1)])[0].Tokens.Count);
    }

    // An FP8 model whose first block of every matrix of layer 0 has the given scale.
    void Save(ModelConfig config, float scale)
    {
        ModelConfig fp8 = config with { Quantization = new Fp8Config(Block, Block), EosTokenIds = [], MtpLayerCount = 0 };
        var random = new Random(3);
        TensorSpec[] specs = [.. TensorNames.Of(fp8)];
        HashSet<string> scales = [.. specs.Where(spec => spec.Role == TensorRole.BlockScale).Select(spec => spec.Name)];
        ModelFolder.Write(folder, specs.Select(spec =>
        {
            long[] shape = [.. spec.Shape.Select(size => (long)size)];
            if (scales.Contains(spec.Name + "_scale_inv"))
            {
                // Codes of 1 to 15, either sign.
                byte[] codes = new byte[spec.ElementCount];
                for (int i = 0; i < codes.Length; i++)
                    codes[i] = (byte)(random.Next(0x38, 0x57) | random.Next(2) << 7);
                return TensorSource.Raw<byte>(spec.Name, ElementType.F8E4M3, shape, codes);
            }
            float[] values = new float[spec.ElementCount];
            Array.Fill(values, spec.Role == TensorRole.BlockScale ? 0.01f : 1f);
            if (spec.Role == TensorRole.BlockScale && spec.Layer == 0)
                values[0] = scale;
            else if (spec.Role is TensorRole.Embedding or TensorRole.Head or TensorRole.Router)
                values = [.. values.Select(_ => (float)random.NextDouble() - 0.5f)];
            return TensorSource.Floats(spec.Name, shape, values);
        }));
        File.WriteAllText(Path.Combine(folder, ModelFolder.ConfigFileName), fp8.ToJson());
    }
}
