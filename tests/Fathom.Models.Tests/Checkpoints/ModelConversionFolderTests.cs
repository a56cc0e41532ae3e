// Models written in another format: exact where the format holds the numbers, within its rounding otherwise.

using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Models.Tests.Checkpoints;

public sealed unsafe class ModelConversionFolderTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string At(string name) => Path.Combine(_folder, name);

    static void Convert(string from, string to, ElementType type, long shardBytes = ModelFolder.DefaultShardBytes)
    {
        using ICheckpoint source = Checkpoint.Open(from);
        Directory.CreateDirectory(to);
        ModelConversion.ToFolder(source, to, type, shardBytes);
    }

    static Dictionary<string, float[]> Values(string folder)
    {
        using ICheckpoint model = Checkpoint.Open(folder);
        var values = new Dictionary<string, float[]>();
        foreach (TensorSpec spec in TensorNames.Of(model.Config).Where(s => s.Role != TensorRole.BlockScale))
        {
            Weight weight = model.Read(spec);
            var decoded = new float[spec.ElementCount];
            fixed (float* destination = decoded)
                weight.Decode(0, weight.Rows, destination);
            values.Add(spec.Name, decoded);
        }
        return values;
    }

    [Theory]
    [InlineData("deepseek-v3", ElementType.F32, 0)]
    [InlineData("deepseek-v3", ElementType.BF16, 8)]
    [InlineData("qwen2", ElementType.F16, 11)]
    public void Export_OfPlainTypes_IsWithinTheirRounding(string family, ElementType type, int bits)
    {
        using (DecoderModel model = ToyModel.Build(ToyPresets.All[family]))
            model.Save(At("a"));
        Convert(At("a"), At("b"), type, 5000);
        Assert.True(File.Exists(Path.Combine(At("b"), ModelFolder.IndexFileName)));
        Assert.Equal(type, ModelConfig.Read(At("b")).WeightType);
        Dictionary<string, float[]> before = Values(At("a")), after = Values(At("b"));
        Assert.Equal(before.Keys, after.Keys);
        double share = bits == 0 ? 0 : Math.Pow(2, -bits);
        foreach ((string name, float[] values) in before)
        {
            // A router's selection bias stays FP32. FP16 has no numbers below 2^-24.
            double relative = name.EndsWith("e_score_correction_bias", StringComparison.Ordinal) ? 0 : share;
            for (int i = 0; i < values.Length; i++)
                Assert.True(Math.Abs(values[i] - after[name][i]) <= relative * Math.Abs(values[i]) + (relative > 0 ? 3e-8 : 0), $"{name}[{i}]: {values[i]} became {after[name][i]}");
        }
    }

    [SharedDataTheory]
    [InlineData("deepseek_v3")]
    [InlineData("qwen2_tied")]
    [InlineData("deepseek_v1")]
    public void Export_InItsOwnFormat_CopiesEveryTensor(string model)
    {
        string source = SharedData.Path("vectors", model);
        Convert(source, At("copy"), ElementType.BF16);
        Assert.Equal(Values(source), Values(At("copy")));
    }
}
