// Products with block-quantised weights against a naive product in double precision, and against themselves: every rung, any number of
// rows at once, any number of threads and either form (alone, grouped) give the same bits.
using System.Collections.Immutable;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Kernels.Assembly;
using Fathom.Numerics.Kernels.Strips;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;
using Fathom.Testing;
using Packed = Fathom.Numerics.Kernels.PackedMatMul;

namespace Fathom.Numerics.Tests.Kernels.Strips;

[Collection("ladder")]
public sealed unsafe class QuantizedMatMulTests : IDisposable
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
            foreach (ElementType type in BlockWeights.Types)
                cases.Add(rung, type);
        }
        return cases;
    }

    // Not a whole number of strips; for types with blocks of 32 not a whole number of blocks of 256 either, and more than a panel's worth.
    const int Rows = 70, Pad = 5;

    static int Columns(ElementType type) => type.BlockLength() == 32 ? 1408 : 1536;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Product_EqualsTheNaiveOne(Rung rung, ElementType type)
    {
        Ladder.Ceiling = rung;
        const int m = 3;
        int columns = Columns(type);
        var random = new System.Random(21);
        using GuardedMemory<byte> bytes = BlockWeights.Bytes(type, Rows, columns, random);
        Weight weight = BlockWeights.Of(type, bytes, Rows, columns);
        using GuardedMemory<float> x = Floats(m * (columns + Pad), random);
        using var y = new GuardedMemory<float>(m * (Rows + Pad));
        Packed.NT(x.Pointer, columns + Pad, weight, y.Pointer, Rows + Pad, m);

        var decoded = new float[columns];
        int block = type.BlockLength(), blockBytes = type.BlockBytes();
        for (int row = 0; row < Rows; row++)
        {
            for (int b = 0; b < columns / block; b++)
            {
                byte[] one = bytes.Span.Slice((row * (columns / block) + b) * blockBytes, blockBytes).ToArray();
                Formats.ReferenceBlocks.Decode(type, one).CopyTo(decoded, b * block);
            }
            // A scaled code and a minimum can be larger than the value they give: by the largest value of the row, each.
            double largest = decoded.Max(Math.Abs);
            for (int i = 0; i < m; i++)
            {
                double expected = 0, magnitude = 0;
                for (int first = 0; first < columns; first += 256)
                {
                    ReadOnlySpan<float> part = x.Span.Slice(i * (columns + Pad) + first, Math.Min(256, columns - first));
                    float max = 0;
                    foreach (float value in part)
                        max = Math.Max(max, Math.Abs(value));
                    float inverse = 127 / max, scale = max / 127;
                    for (int j = 0; j < part.Length; j++)
                    {
                        double code = Math.Round((double)(part[j] * inverse), MidpointRounding.ToEven);
                        expected += decoded[first + j] * (code * scale);
                        magnitude += Math.Abs(code * scale);
                    }
                }
                // One rounding of 2^-24 for each group's scale, minimum and sum, and two for each block; decoding rounds once more.
                double operations = columns / 16 * 3 + columns / 256 * 3 + 1;
                double tolerance = operations * Math.Pow(2, -24) * 3 * largest * magnitude;
                Assert.InRange(y.Span[i * (Rows + Pad) + row], expected - tolerance, expected + tolerance);
            }
        }
        // What lies between the rows is not touched.
        for (int i = 0; i < m; i++)
            Assert.True(y.Span.Slice(i * (Rows + Pad) + Rows, Pad).IndexOfAnyExcept(0f) < 0);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Product_SecondTime_AllocatesNothing(Rung rung, ElementType type)
    {
        Ladder.Ceiling = rung;
        int columns = Columns(type);
        var random = new System.Random(23);
        using GuardedMemory<byte> bytes = BlockWeights.Bytes(type, Rows, columns, random);
        Weight weight = BlockWeights.Of(type, bytes, Rows, columns);
        using GuardedMemory<float> x = Floats(19 * columns, random);
        using var y = new GuardedMemory<float>(19 * Rows);
        // One row and many take different ways.
        foreach (int m in new[] { 1, 19 })
        {
            void Product() => Packed.NT(x.Pointer, columns, weight, y.Pointer, Rows, m);
            // The first ones make what is made once: code, memory for panels.
            Allocations.OnOneThread(Product);
            Allocations.OnOneThread(Product);
            Assert.Equal(0, Allocations.OnOneThread(Product));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bits_DependOnTheRowAlone(Rung rung, ElementType type)
    {
        int columns = Columns(type);
        const int m = 19;
        var random = new System.Random(22);
        using GuardedMemory<byte> bytes = BlockWeights.Bytes(type, Rows, columns, random);
        Weight weight = BlockWeights.Of(type, bytes, Rows, columns);
        using GuardedMemory<float> x = Floats(m * columns, random);
        using var expected = new GuardedMemory<float>(m * Rows);
        Ladder.Ceiling = Rung.Scalar;
        Packed.NT(x.Pointer, columns, weight, expected.Pointer, Rows, m);
        Ladder.Ceiling = rung;
        Assert.Equal(Ladder.Pick(MachineCode.HasInt8Tiles ? [Rung.Scalar, Rung.Vector256, Rung.Assembled, Rung.Tiles] : MachineCode.HasVnni ? [Rung.Scalar, Rung.Vector256, Rung.Assembled] : [Rung.Scalar, Rung.Vector256]), QuantizedKernel.Chosen);
        foreach (int threads in new[] { 1, 3 })
        {
            ThreadTeam.SetSharedThreadCount(threads);
            foreach (int at in new[] { 1, 2, 3, 4, 5, 6, 7, 16, 19 })
            {
                using var y = new GuardedMemory<float>(m * Rows);
                for (int first = 0; first < m; first += at)
                    Packed.NT(x.Pointer + first * columns, columns, weight, y.Pointer + first * Rows, Rows, Math.Min(at, m - first));
                Assert.True(expected.Span.SequenceEqual(y.Span), $"{at} rows at once, {threads} threads");
            }
        }
    }

    [Fact]
    public void ManyRows_AreTheSameAsFew()
    {
        // More rows than are taken through a strip at once.
        const int m = 300, columns = 512;
        var random = new System.Random(23);
        using GuardedMemory<byte> bytes = BlockWeights.Bytes(ElementType.Q4_K, Rows, columns, random);
        Weight weight = BlockWeights.Of(ElementType.Q4_K, bytes, Rows, columns);
        using GuardedMemory<float> x = Floats(m * columns, random);
        using GuardedMemory<float> all = new(m * Rows), one = new(m * Rows);
        Packed.NT(x.Pointer, columns, weight, all.Pointer, Rows, m);
        for (int i = 0; i < m; i++)
            Packed.NT(x.Pointer + i * columns, columns, weight, one.Pointer + i * Rows, Rows, 1);
        Assert.True(all.Span.SequenceEqual(one.Span));
    }

    [Theory]
    [InlineData(ElementType.Q8_0)]
    [InlineData(ElementType.Q6_K)]
    public void OneWeightPerGroup_EqualsOneProductPerGroup(ElementType type)
    {
        int[] starts = [0, 0, 1, 20, 20, 37];
        int groups = starts.Length - 1, columns = 512;
        var random = new System.Random(24);
        GuardedMemory<byte>[] memory = [.. Enumerable.Range(0, 2 * groups).Select(_ => BlockWeights.Bytes(type, Rows, columns, random))];
        ImmutableArray<Weight> weights = [.. memory.Select(bytes => BlockWeights.Of(type, bytes, Rows, columns))];
        using GuardedMemory<float> x = Floats(starts[^1] * columns, random);
        using GuardedMemory<float> expected = new(starts[^1] * 2 * Rows), y = new(starts[^1] * 2 * Rows);
        for (int g = 0; g < groups; g++)
        {
            for (int half = 0; half < 2; half++)
                Packed.NT(x.Pointer + starts[g] * columns, columns, weights[half * groups + g], expected.Pointer + (2 * starts[g] + half) * Rows, 2 * Rows, starts[g + 1] - starts[g]);
        }
        fixed (int* offsets = starts)
            Packed.NT(x.Pointer, columns, weights[..groups], weights[groups..], y.Pointer, 2 * Rows, offsets);
        Assert.True(expected.Span.SequenceEqual(y.Span));
        foreach (GuardedMemory<byte> bytes in memory)
            bytes.Dispose();
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void BrokenActivations_AreNotHidden(float broken)
    {
        const int columns = 512;
        var random = new System.Random(25);
        using GuardedMemory<byte> bytes = BlockWeights.Bytes(ElementType.Q8_0, Rows, columns, random);
        Weight weight = BlockWeights.Of(ElementType.Q8_0, bytes, Rows, columns);
        foreach (int at in new[] { 0, 100, 511 })
        {
            using GuardedMemory<float> x = Floats(columns, random);
            x.Span[at] = broken;
            using var y = new GuardedMemory<float>(Rows);
            Packed.NT(x.Pointer, columns, weight, y.Pointer, Rows, 1);
            foreach (float value in y.Span)
                Assert.False(float.IsFinite(value));
        }
    }

    [Fact]
    public void Zeros_GiveZeros()
    {
        const int columns = 256;
        using GuardedMemory<byte> bytes = BlockWeights.Bytes(ElementType.Q4_K, Rows, columns, new System.Random(26));
        Weight weight = BlockWeights.Of(ElementType.Q4_K, bytes, Rows, columns);
        using GuardedMemory<float> x = new(columns), y = new(Rows);
        y.Span.Fill(7);
        Packed.NT(x.Pointer, columns, weight, y.Pointer, Rows, 1);
        Assert.True(y.Span.IndexOfAnyExcept(0f) < 0);
    }

    static GuardedMemory<float> Floats(int count, System.Random random)
        => new(Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray());
}
