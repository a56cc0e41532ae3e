// Products with packed weights against the FP32 product of the decoded weight: the same bits, on every rung, with any number of threads.

using System.Collections.Immutable;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;
using Fathom.Testing;
using Dense = Fathom.Numerics.Kernels.MatMul.MatMul;
using Packed = Fathom.Numerics.Kernels.PackedMatMul;

namespace Fathom.Numerics.Tests.Kernels.PackedMatMul;

[Collection("ladder")]
public sealed unsafe class PackedMatMulTests : IDisposable
{
    readonly Rung _ceiling = Ladder.Ceiling;

    public void Dispose()
    {
        Ladder.Ceiling = _ceiling;
        ThreadTeam.SetSharedThreadCount(Environment.ProcessorCount);
    }

    public static TheoryData<Rung, ElementType> Cases()
    {
        var cases = new TheoryData<Rung, ElementType>();
        foreach (Rung rung in Ladder.Supported)
        {
            foreach (ElementType type in new[] { ElementType.F32, ElementType.BF16, ElementType.F16, ElementType.F8E4M3, ElementType.Q8_0, ElementType.Q4_K })
                cases.Add(rung, type);
        }
        return cases;
    }

    // More rows than a panel holds, not a whole number of vectors.
    const int Rows = 300, Columns = 512, Pad = 5;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Product_EqualsTheDecodedWeights(Rung rung, ElementType type)
    {
        var random = new System.Random(11);
        using var bytes = RandomBytes(type, Rows, random);
        Weight weight = Of(type, bytes);
        using var decoded = new GuardedMemory<float>(Rows * Columns);
        weight.Decode(0, Rows, decoded.Pointer);
        foreach (int m in new[] { 1, 3, 8, 9, 70 })
        {
            using var x = Floats(m * (Columns + Pad), random);
            using var expected = new GuardedMemory<float>(m * (Rows + Pad));
            Ladder.Ceiling = Rung.Scalar;
            Dense.NT(x.Pointer, Columns + Pad, decoded.Pointer, Columns, expected.Pointer, Rows + Pad, m, Rows, Columns, accumulate: false);
            Ladder.Ceiling = rung;
            foreach (int threads in new[] { 1, 3 })
            {
                ThreadTeam.SetSharedThreadCount(threads);
                using var y = new GuardedMemory<float>(m * (Rows + Pad));
                Packed.NT(x.Pointer, Columns + Pad, weight, y.Pointer, Rows + Pad, m);
                Assert.True(expected.Span.SequenceEqual(y.Span), $"{m} rows, {threads} threads");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void OneWeightPerGroup_EqualsOneProductPerGroup(Rung rung, ElementType type)
    {
        int[] starts = [0, 0, 1, 20, 20, 37];
        int groups = starts.Length - 1;
        var random = new System.Random(12);
        GuardedMemory<byte>[] memory = [.. Enumerable.Range(0, groups).Select(_ => RandomBytes(type, Rows, random))];
        ImmutableArray<Weight> weights = [.. memory.Select(bytes => Of(type, bytes))];
        using var x = Floats(starts[^1] * Columns, random);
        using var expected = new GuardedMemory<float>(starts[^1] * Rows);
        using var y = new GuardedMemory<float>(starts[^1] * Rows);
        Ladder.Ceiling = rung;
        for (int g = 0; g < groups; g++)
            Packed.NT(x.Pointer + starts[g] * Columns, Columns, weights[g], expected.Pointer + starts[g] * Rows, Rows, starts[g + 1] - starts[g]);
        fixed (int* offsets = starts)
            Packed.NT(x.Pointer, Columns, weights, default, y.Pointer, Rows, offsets);
        Assert.True(expected.Span.SequenceEqual(y.Span));
        foreach (GuardedMemory<byte> bytes in memory)
            bytes.Dispose();
    }

    [Fact]
    public void Fp8_IsCodeTimesItsBlocksFactor()
    {
        const int rows = 5, columns = 7, blockRows = 2, blockColumns = 3;
        var random = new System.Random(13);
        using var codes = new GuardedMemory<byte>(rows * columns);
        for (int i = 0; i < codes.Length; i++)
            codes.Span[i] = (byte)random.Next(0x7F); // No NaN.
        float[] factors = [.. Enumerable.Range(0, 3 * 3).Select(i => 0.25f + i)];
        using var scales = new GuardedMemory<float>(factors);
        var weight = new Weight(codes.Pointer, rows, columns, scales.Pointer, blockRows, blockColumns);
        using var decoded = new GuardedMemory<float>(rows * columns);
        weight.Decode(0, rows, decoded.Pointer);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                // E4M3 by its definition: bias 7, subnormals below exponent 1.
                int code = codes.Span[i * columns + j], exponent = code >> 3, fraction = code & 7;
                double value = exponent == 0 ? fraction / 8.0 * Math.Pow(2, -6) : (1 + fraction / 8.0) * Math.Pow(2, exponent - 7);
                Assert.Equal((float)value * factors[i / blockRows * 3 + j / blockColumns], decoded.Span[i * columns + j]);
            }
        }
        Assert.Equal(rows * columns + 9 * 4, weight.ByteLength);
    }

    [Fact]
    public void Weight_OfPartialBlocksOrForTraining_IsRefused()
    {
        byte* bytes = stackalloc byte[64];
        Assert.Contains("32", Assert.Throws<ArgumentException>(() => new Weight(ElementType.Q8_0, bytes, 1, 33)).Message, StringComparison.Ordinal);
        Assert.Contains("BF16", Assert.Throws<InvalidOperationException>(() => new Weight(ElementType.BF16, bytes, 1, 4).Trainable).Message, StringComparison.Ordinal);
    }

    // The factors of FP8 stand behind the codes.
    static Weight Of(ElementType type, GuardedMemory<byte> bytes) => type == ElementType.F8E4M3
        ? new Weight(bytes.Pointer, Rows, Columns, (float*)(bytes.Pointer + Rows * Columns), 128, 128)
        : new Weight(type, bytes.Pointer, Rows, Columns);

    // Bit patterns of ordinary numbers: whatever a format reads as an exponent stays small.
    static GuardedMemory<byte> RandomBytes(ElementType type, int rows, System.Random random)
    {
        int blocks = type == ElementType.F8E4M3 ? (rows + 127) / 128 * (Columns / 128) : 0;
        var memory = new GuardedMemory<byte>(checked((int)type.ByteLength((long)rows * Columns)) + blocks * sizeof(float));
        random.NextBytes(memory.Span);
        int count = rows * Columns;
        switch (type)
        {
            case ElementType.F32:
                for (int i = 0; i < count; i++)
                    ((float*)memory.Pointer)[i] = (float)(random.NextDouble() - 0.5);
                break;
            case ElementType.BF16:
                for (int i = 0; i < count; i++)
                    ((ushort*)memory.Pointer)[i] = (ushort)(BitConverter.SingleToUInt32Bits((float)(random.NextDouble() - 0.5)) >> 16);
                break;
            case ElementType.F16:
                for (int i = 0; i < count; i++)
                    ((Half*)memory.Pointer)[i] = (Half)(random.NextDouble() - 0.5);
                break;
            case ElementType.F8E4M3:
                for (int i = 0; i < count; i++)
                    memory.Span[i] = (byte)(memory.Span[i] & 0xBF); // Below 2, no NaN.
                for (int i = 0; i < blocks; i++)
                    ((float*)(memory.Pointer + count))[i] = (float)random.NextDouble();
                break;
            default:
                // Every block begins with its factors in FP16.
                int size = type.BlockBytes();
                for (int block = 0; block < memory.Length; block += size)
                {
                    for (int half = 0; half < (type == ElementType.Q4_K ? 2 : 1); half++)
                        ((Half*)(memory.Pointer + block))[half] = (Half)(random.NextDouble() * 0.01);
                }
                break;
        }
        return memory;
    }

    static GuardedMemory<float> Floats(int count, System.Random random)
        => new(Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray());
}
