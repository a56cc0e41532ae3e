using System.Text.Json;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Testing;

namespace Fathom.Models.Tests.Configs;

public class RotaryFrequenciesTests
{
    // A power and a division, each rounded, against another library's: two steps of the last bit of float32.
    const double RelativeTolerance = 2 * 1.2e-7;

    public static readonly TheoryData<string> Names = ["deepseek_v3", "deepseek_v2_lite", "yarn_mscale_ratio", "llama_3_1_8b", "plain_theta10000_dim128"];

    static (ModelConfig Config, int Dim, JsonElement Case) Case(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "rope", "rope.json")));
        var json = document.RootElement.GetProperty(name).Clone();
        int dim = json.GetProperty("dim").GetInt32(), headDim = json.GetProperty("qk_head_dim").GetInt32();
        // The case's theta and scaling in the description of a model of the right family and head size.
        bool latent = json.GetProperty("kind").GetString() == "yarn";
        var model = latent
            ? Presets.DeepSeekV3 with { Attention = new LatentAttentionConfig(null, 512, headDim - dim, dim, 128) }
            : Presets.DistillLlama8B with { Attention = new GroupedQueryAttentionConfig(8, headDim, false) };
        var keys = System.Text.Json.Nodes.JsonNode.Parse(model.ToJson())!;
        keys["rope_theta"] = System.Text.Json.Nodes.JsonNode.Parse(json.GetProperty("theta").GetRawText());
        keys["rope_scaling"] = System.Text.Json.Nodes.JsonNode.Parse(json.GetProperty("rope_scaling").GetRawText());
        return (ModelConfig.Parse(keys.ToJsonString(), name), dim, json);
    }

    [SharedDataTheory]
    [MemberData(nameof(Names))]
    public void InverseAndScales_EqualTheReference(string name)
    {
        var (config, dim, json) = Case(name);
        using var file = SafetensorsFile.Open(SharedData.Path("vectors", "rope", "rope.safetensors"));
        var rotary = RotaryFrequencies.Of(config.Rotary, dim);
        float[] expected = file.ReadFloats($"{name}.inv_freq");
        Assert.Equal(expected.Length, rotary.Inverse.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(rotary.Inverse[i] - (double)expected[i]) <= RelativeTolerance * expected[i], $"inv_freq[{i}]: expected {expected[i]:R}, actual {rotary.Inverse[i]:R}");
        }

        Assert.Equal(json.GetProperty("cos_sin_scale").GetDouble(), rotary.CosSinScale, 1e-7);
        Assert.Equal(json.GetProperty("softmax_scale").GetDouble(), RotaryFrequencies.SoftmaxScale(config), 1e-8);
    }

    [SharedDataTheory]
    [MemberData(nameof(Names))]
    public void Table_EqualsTheReference(string name)
    {
        var (config, dim, _) = Case(name);
        using var file = SafetensorsFile.Open(SharedData.Path("vectors", "rope", "rope.safetensors"));
        var rotary = RotaryFrequencies.Of(config.Rotary, dim);
        long[] positions = file.ReadInt64("positions");
        float[] cos = file.ReadFloats($"{name}.cos"), sin = file.ReadFloats($"{name}.sin");
        int half = dim / 2;
        float[] rowCos = new float[half], rowSin = new float[half];
        for (int p = 0; p < positions.Length; p++)
        {
            rotary.FillTable((int)positions[p], rowCos, rowSin);
            for (int i = 0; i < half; i++)
            {
                // The frequency's own tolerance grows with the position; the slope of cosine and sine is at most the scale.
                double tolerance = rotary.CosSinScale * (positions[p] * RelativeTolerance * rotary.Inverse[i] + 3e-7);
                Assert.Equal(cos[p * half + i], rowCos[i], tolerance);
                Assert.Equal(sin[p * half + i], rowSin[i], tolerance);
            }
        }
    }

    [Fact]
    public void FillTable_ManyPositions_IsTheRowsOneByOne()
    {
        var rotary = RotaryFrequencies.Of(new RotaryConfig(10000, true, new LinearScaling(2)), 8);
        float[] cos = new float[12], sin = new float[12], rowCos = new float[4], rowSin = new float[4];
        rotary.FillTable(5, cos, sin);
        for (int p = 0; p < 3; p++)
        {
            rotary.FillTable(5 + p, rowCos, rowSin);
            Assert.Equal(rowCos, cos[(4 * p)..(4 * p + 4)]);
            Assert.Equal(rowSin, sin[(4 * p)..(4 * p + 4)]);
        }

        Assert.Equal(Math.Cos(2.5), cos[0], 1e-6);
        Assert.Throws<ArgumentException>(() => rotary.FillTable(0, new float[3], new float[3]));
    }
}
