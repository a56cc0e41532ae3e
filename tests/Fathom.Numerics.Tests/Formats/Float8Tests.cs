// FP8 against the recorded results of public reference code (shared/vectors/fp8), and against a search over all codes.
using System.Text.Json;
using Fathom.Numerics.Formats;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Formats;

public unsafe class Float8Tests
{
    static readonly Lazy<Vectors> s_vectors = new(() => new Vectors(SharedData.Path("vectors", "fp8", "fp8.safetensors")));

    // Just enough of safetensors to read vectors without the library.
    sealed class Vectors(string path)
    {
        readonly byte[] _bytes = File.ReadAllBytes(path);

        public byte[] Bytes(string name)
        {
            int header = (int)BitConverter.ToInt64(_bytes);
            using JsonDocument json = JsonDocument.Parse(_bytes.AsMemory(8, header));
            JsonElement offsets = json.RootElement.GetProperty(name).GetProperty("data_offsets");
            return _bytes[(8 + header + offsets[0].GetInt32())..(8 + header + offsets[1].GetInt32())];
        }

        public float[] Floats(string name) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Bytes(name)).ToArray();
    }

    [SharedDataFact]
    public void Values_OfAll256Codes_AreTheRecordedOnes()
    {
        Assert.Equal(s_vectors.Value.Floats("e4m3fn_values"), Float8.E4M3Values.ToArray());
        Assert.Equal(s_vectors.Value.Floats("e5m2_values"), Float8.E5M2Values.ToArray());
    }

    [SharedDataFact]
    public void Casts_OfTheRecordedInputs_GiveTheRecordedCodes()
    {
        float[] input = s_vectors.Value.Floats("cast_input");
        byte[] e4m3 = s_vectors.Value.Bytes("cast_e4m3fn"), e5m2 = s_vectors.Value.Bytes("cast_e5m2");
        Assert.Equal(e4m3, input.Select(Float8.ToE4M3));
        Assert.Equal(e5m2, input.Select(Float8.ToE5M2));
        var bulk = new byte[input.Length];
        fixed (float* x = input)
        fixed (byte* y = bulk)
        {
            Float8.ToE4M3(x, y, bulk.Length);
            Assert.Equal(e4m3, bulk);
            Float8.ToE5M2(x, y, bulk.Length);
            Assert.Equal(e5m2, bulk);
        }
    }

    [Fact]
    public void Casts_InBulk_GiveTheCodesOfOneByOne()
    {
        // Every sign, exponent and leading fraction bits, with ties and their neighbours below; specials among them.
        var input = new float[1 << 16];
        for (int i = 0; i < input.Length; i++)
            input[i] = BitConverter.UInt32BitsToSingle((uint)i << 16 | (i % 3) switch { 0 => 0u, 1 => 1u, _ => 0xFFFFu });
        var codes = new byte[input.Length];
        fixed (float* x = input)
        fixed (byte* y = codes)
        {
            Float8.ToE4M3(x, y, codes.Length);
            Assert.Equal(input.Select(Float8.ToE4M3), codes);
            Float8.ToE5M2(x, y, codes.Length);
            Assert.Equal(input.Select(Float8.ToE5M2), codes);
        }
        foreach (float special in new[] { float.NaN, -float.NaN })
            Assert.True(float.IsNaN(Float8.E4M3Values[Float8.ToE4M3(special)]) && float.IsNaN(Float8.E5M2Values[Float8.ToE5M2(special)]));
        Assert.Equal([448f, -448f, 57344f], [Float8.E4M3Values[Float8.ToE4M3(float.PositiveInfinity)], Float8.E4M3Values[Float8.ToE4M3(-1e9f)], Float8.E5M2Values[Float8.ToE5M2(float.MaxValue)]]);
    }

    [Fact]
    public void FromE4M3_EveryCodeAndFactor_IsTheTablesValueTimesTheFactor()
    {
        byte[] codes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        var values = new float[256];
        fixed (byte* x = codes)
        fixed (float* y = values)
        {
            foreach (float factor in new[] { 1f, 0.3f, -1e-3f })
            {
                foreach (int count in new[] { 256, 251, 7 })
                {
                    Float8.FromE4M3(x, y, count, factor);
                    for (int i = 0; i < count; i++)
                        Assert.Equal(Float8.E4M3Values[i] * factor, values[i]);
                }
            }
        }
    }

    [SharedDataTheory]
    [InlineData("act", false)]
    [InlineData("act_ue8m0", true)]
    public void QuantizeTiles_OfTheRecordedActivations_GivesTheRecordedCodesAndScales(string name, bool powersOfTwo)
    {
        float[] input = s_vectors.Value.Floats("act.input"), scales = new float[6 * 3];
        var codes = new byte[6 * 384];
        fixed (float* x = input, s = scales)
        fixed (byte* c = codes)
            Float8Blocks.QuantizeTiles(x, c, s, 6, 384, powersOfTwo);
        Assert.Equal(s_vectors.Value.Floats(name + ".scale"), scales);
        Assert.Equal(s_vectors.Value.Bytes(name + ".codes"), codes);
    }

    [SharedDataTheory]
    [InlineData("weight", 384)]
    [InlineData("weight_ragged", 327)]
    public void QuantizeBlocks_OfTheRecordedWeights_GivesTheRecordedCodesScalesAndValues(string name, int columns)
    {
        // The ragged weight is the left part of the other.
        float[] input = [.. s_vectors.Value.Floats("weight.input").Chunk(384).SelectMany(row => row.Take(columns))];
        int across = Float8Blocks.Count(columns, 128);
        Assert.Equal(3, across);
        var codes = new byte[200 * columns];
        var (scales, back) = (new float[2 * across], new float[200 * columns]);
        fixed (float* w = input, s = scales, b = back)
        fixed (byte* c = codes)
        {
            for (int row = 0; row < 200; row += 128)
            {
                int rows = Math.Min(128, 200 - row);
                Float8Blocks.QuantizeBlocks(w + row * columns, c + row * columns, s + row / 128 * across, rows, columns);
                Float8Blocks.Dequantize(c + row * columns, s + row / 128 * across, b + row * columns, rows, columns);
            }
        }
        Assert.Equal(s_vectors.Value.Floats(name + ".scale_inv"), scales);
        Assert.Equal(s_vectors.Value.Bytes(name + ".codes"), codes);
        Assert.Equal(s_vectors.Value.Floats(name + ".dequant"), back);
    }

    [SharedDataTheory]
    [InlineData("act", "gemm.out_f64")]
    [InlineData("act_ue8m0", "gemm_ue8m0.out_f64")]
    public void Product_OfCodesAndScales_IsTheRecordedOne(string activations, string result)
    {
        Vectors v = s_vectors.Value;
        byte[] a = v.Bytes(activations + ".codes"), b = v.Bytes("weight.codes");
        float[] aScale = v.Floats(activations + ".scale"), bScale = v.Floats("weight.scale_inv");
        double[] expected = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(v.Bytes(result)).ToArray();
        double peak = expected.Max(Math.Abs);
        for (int m = 0; m < 6; m++)
        {
            for (int n = 0; n < 200; n++)
            {
                double sum = 0;
                for (int k = 0; k < 384; k += 128)
                {
                    double dot = 0;
                    for (int i = k; i < k + 128; i++)
                        dot += (double)Float8.E4M3Values[a[m * 384 + i]] * Float8.E4M3Values[b[n * 384 + i]];
                    sum += dot * aScale[m * 3 + k / 128] * bScale[n / 128 * 3 + k / 128];
                }
                // Both sums are in double, in orders of their own: 384 roundings of 2^-53 stay below 1e-13 of the largest.
                Assert.True(Math.Abs(sum - expected[m * 200 + n]) <= 1e-12 * peak, $"[{m}, {n}]: {sum:R} instead of {expected[m * 200 + n]:R}");
            }
        }
    }

    [Fact]
    public void Quantize_ZerosAndTinyNumbers_GivesUsableScales()
    {
        var (zeros, back, scale) = (new float[300], new float[300], new float[3]);
        var codes = new byte[300];
        fixed (float* x = zeros, b = back, s = scale)
        fixed (byte* c = codes)
        {
            Float8Blocks.QuantizeBlocks(x, c, s, 1, 300);
            Assert.Equal([1f, 1f, 1f], scale);
            Float8Blocks.Dequantize(c, s, b, 1, 300);
            Assert.Equal(zeros, back);
            Float8Blocks.QuantizeTiles(x, c, s, 1, 300);
            Assert.All(scale, value => Assert.Equal(1e-4f / 448, value));
        }
    }
}
