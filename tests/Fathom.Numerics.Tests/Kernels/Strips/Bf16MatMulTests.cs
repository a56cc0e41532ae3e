// Products with BF16 and FP8 weights against a naive product in double precision, and against themselves: any number of rows at once, any
// number of threads; all rungs but tiles give the same bits.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Kernels.Strips;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;
using Fathom.Testing;
using Packed = Fathom.Numerics.Kernels.PackedMatMul;

namespace Fathom.Numerics.Tests.Kernels.Strips;

[Collection("ladder")]
public sealed unsafe class Bf16MatMulTests : IDisposable
{
    const int Rows = 70, Pad = 5;

    readonly Rung _ceiling = Ladder.Ceiling;

    public void Dispose()
    {
        Ladder.Ceiling = _ceiling;
        ThreadTeam.SetSharedThreadCount(Environment.ProcessorCount);
    }

    public static TheoryData<Rung, ElementType, int> Cases()
    {
        var cases = new TheoryData<Rung, ElementType, int>();
        foreach (Rung rung in Ladder.Supported)
        {
            // Whole steps; more than is multiplied at once and not whole steps; an odd number.
            foreach (int columns in new[] { 64, 1064, 37 })
            {
                cases.Add(rung, ElementType.BF16, columns);
                cases.Add(rung, ElementType.F8E4M3, columns);
            }
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Product_SecondTime_AllocatesNothing(Rung rung, ElementType type, int columns)
    {
        const int m = 19;
        using var memory = new Memory(type, columns, new System.Random(33));
        Weight weight = memory.Weight;
        using GuardedMemory<float> x = new(m * columns), y = new(m * Rows);
        Ladder.Ceiling = rung;
        void Product() => Packed.NT(x.Pointer, columns, weight, y.Pointer, Rows, m);
        Allocations.OnOneThread(Product);
        Allocations.OnOneThread(Product);
        Assert.Equal(0, Allocations.OnOneThread(Product));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Product_EqualsTheNaiveOne(Rung rung, ElementType type, int columns)
    {
        const int m = 19;
        var random = new System.Random(31);
        using var memory = new Memory(type, columns, random);
        Weight weight = memory.Weight;
        var decoded = new float[Rows * columns];
        fixed (float* all = decoded)
            new Weight(ElementType.BF16, (byte*)memory.Rounded.Pointer, Rows, columns).Decode(0, Rows, all);
        using var x = new GuardedMemory<float>(m * (columns + Pad));
        foreach (ref float value in x.Span)
            value = (float)(random.NextDouble() - 0.5);
        Ladder.Ceiling = rung;
        using GuardedMemory<float> y = new(m * (Rows + Pad)), one = new(m * (Rows + Pad));
        Packed.NT(x.Pointer, columns + Pad, weight, y.Pointer, Rows + Pad, m);
        for (int i = 0; i < m; i++)
        {
            for (int row = 0; row < Rows; row++)
            {
                double expected = 0, magnitude = 0;
                for (int k = 0; k < columns; k++)
                {
                    double product = (double)decoded[row * columns + k] * BFloat16.ToSingle(BFloat16.FromSingle(x.Span[i * (columns + Pad) + k]));
                    expected += product;
                    magnitude += Math.Abs(product);
                }
                // A chain of `columns` roundings, each of a partial sum that is at most the magnitude.
                double tolerance = columns * Math.Pow(2, -24) * magnitude;
                Assert.InRange(y.Span[i * (Rows + Pad) + row], expected - tolerance, expected + tolerance);
            }
        }
        // Row by row, in other companies and with other teams: the same bits.
        foreach (int threads in new[] { 1, 3 })
        {
            ThreadTeam.SetSharedThreadCount(threads);
            foreach (int at in new[] { 1, 2, 5, 16, 17 })
            {
                one.Span.Clear();
                for (int first = 0; first < m; first += at)
                    Packed.NT(x.Pointer + first * (columns + Pad), columns + Pad, weight, one.Pointer + first * (Rows + Pad), Rows + Pad, Math.Min(at, m - first));
                Assert.True(y.Span.SequenceEqual(one.Span), $"{at} rows at once, {threads} threads");
            }
        }
        if (Bf16Kernel.Chosen == Rung.Tiles)
            return;
        Ladder.Ceiling = Rung.Scalar;
        one.Span.Clear();
        Packed.NT(x.Pointer, columns + Pad, weight, one.Pointer, Rows + Pad, m);
        Assert.True(y.Span.SequenceEqual(one.Span), "the plain loops");
    }

    [Fact]
    public void ManyRows_AreTheSameAsFew()
    {
        const int m = 300, columns = 96;
        var random = new System.Random(32);
        using var memory = new Memory(ElementType.BF16, columns, random);
        using var x = new GuardedMemory<float>(m * columns);
        foreach (ref float value in x.Span)
            value = (float)(random.NextDouble() - 0.5);
        using GuardedMemory<float> all = new(m * Rows), one = new(m * Rows);
        Packed.NT(x.Pointer, columns, memory.Weight, all.Pointer, Rows, m);
        for (int i = 0; i < m; i++)
            Packed.NT(x.Pointer + i * columns, columns, memory.Weight, one.Pointer + i * Rows, Rows, 1);
        Assert.True(all.Span.SequenceEqual(one.Span));
    }

    // A weight, and its values rounded to BF16: what products are defined over.
    sealed class Memory : IDisposable
    {
        readonly GuardedMemory<byte> _codes;
        readonly GuardedMemory<float>? _scales;

        public Memory(ElementType type, int columns, System.Random random)
        {
            Rounded = new(Rows * columns);
            if (type == ElementType.BF16)
            {
                foreach (ref ushort value in Rounded.Span)
                    value = BFloat16.FromSingle((float)(random.NextDouble() - 0.5));
                _codes = new(Rows * columns * 2);
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(Rounded.Span).CopyTo(_codes.Span);
                Weight = new Weight(type, _codes.Pointer, Rows, columns) { Interleaves = true };
                return;
            }
            const int side = 32;
            int across = (columns + side - 1) / side;
            _codes = new(Rows * columns);
            _scales = new((Rows + side - 1) / side * across);
            foreach (ref float scale in _scales.Span)
                scale = (float)random.NextDouble() + 0.1f;
            for (int i = 0; i < _codes.Length; i++)
            {
                _codes.Span[i] = (byte)(random.Next(256) & 0xBF); // Below 2, no NaN.
                int code = _codes.Span[i] & 127, exponent = code >> 3, fraction = code & 7;
                double value = exponent == 0 ? fraction / 8.0 * Math.Pow(2, -6) : (1 + fraction / 8.0) * Math.Pow(2, exponent - 7);
                float signed = (float)(_codes.Span[i] >= 128 ? -value : value);
                Rounded.Span[i] = BFloat16.FromSingle(signed * _scales.Span[i / columns / side * across + i % columns / side]);
            }
            Weight = new Weight(_codes.Pointer, Rows, columns, _scales.Pointer, side, side) { Interleaves = true };
        }

        public GuardedMemory<ushort> Rounded { get; }

        public Weight Weight { get; }

        public void Dispose()
        {
            _codes.Dispose();
            _scales?.Dispose();
            Rounded.Dispose();
        }
    }
}
