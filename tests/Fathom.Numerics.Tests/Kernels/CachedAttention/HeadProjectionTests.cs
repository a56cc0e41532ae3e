// The products per head that absorb up-projections, against double precision, and their bits across widths, threads and batches.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

[Collection("ladder")]
public sealed unsafe class HeadProjectionTests : IDisposable
{
    readonly Rung _ceiling = Ladder.Ceiling;
    readonly int _threads = ThreadTeam.Shared.ThreadCount;

    public void Dispose()
    {
        Ladder.Ceiling = _ceiling;
        ThreadTeam.SetSharedThreadCount(_threads);
    }

    public enum Form
    {
        Plain,
        Transposed,
        Narrow,
    }

    public static TheoryData<Form, int, int, int, int> Cases => new()
    {
        { Form.Plain, 1, 4, 24, 48 }, { Form.Plain, 70, 2, 5, 7 }, { Form.Plain, 3, 3, 128, 80 }, { Form.Transposed, 130, 4, 48, 32 }, { Form.Transposed, 1, 2, 7, 5 },
        { Form.Narrow, 1, 3, 128, 512 }, { Form.Narrow, 70, 2, 48, 32 }, { Form.Narrow, 2, 2, 5, 16 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Forward_EveryRung_MatchesDoublePrecision_WithTheSameBits(Form form, int tokens, int heads, int inputs, int outputs)
    {
        var random = new System.Random(6);
        const int gap = 3;
        int xRow = (heads * inputs) + gap, yRow = (heads * outputs) + gap;
        using GuardedMemory<float> x = new((tokens * xRow) - gap), w = new(heads * inputs * outputs), y = new((tokens * yRow) - gap), first = new((tokens * yRow) - gap);
        using GuardedMemory<ushort> narrow = new(heads * inputs * outputs);
        foreach (ref float value in x.Span)
            value = (float)((random.NextDouble() * 2) - 1);
        for (int i = 0; i < w.Length; i++)
        {
            narrow.Span[i] = BFloat16.FromSingle((float)((random.NextDouble() * 2) - 1));
            w.Span[i] = BFloat16.ToSingle(narrow.Span[i]);
        }
        HeadMatrices matrices = new()
        {
            Values = form == Form.Narrow ? null : w.Pointer,
            Narrow = form == Form.Narrow ? narrow.Pointer : null,
            Transposed = form == Form.Transposed,
            HeadStride = inputs * outputs,
        };
        bool compared = false;
        foreach (Rung rung in Ladder.Supported)
        {
            Ladder.Ceiling = rung;
            Assert.Equal(rung > Rung.Vector512 ? Rung.Vector512 : rung, HeadProjection.Chosen);
            ThreadTeam.SetSharedThreadCount(rung == Rung.Scalar ? 1 : 3);
            y.Span.Fill(float.NaN);
            HeadProjection.Forward(tokens, heads, inputs, outputs, x.Pointer, xRow, inputs, matrices, y.Pointer, yRow, outputs);
            for (int t = 0; t < tokens; t++)
            {
                for (int h = 0; h < heads; h++)
                {
                    for (int n = 0; n < outputs; n++)
                    {
                        double expected = 0;
                        for (int k = 0; k < inputs; k++)
                            expected += (double)x.Span[(t * xRow) + (h * inputs) + k] * w.Span[(h * inputs * outputs) + (form == Form.Transposed ? (n * inputs) + k : (k * outputs) + n)];
                        // A chain of k roundings of partial sums, of which the largest is below k.
                        double bound = inputs * inputs * Math.ScaleB(1, -24);
                        float actual = y.Span[(t * yRow) + (h * outputs) + n];
                        Assert.True(Math.Abs(expected - actual) <= bound, $"{rung}, token {t}, head {h}, {n}: expected {expected:R}, got {actual:R}");
                    }
                }
            }
            if (compared)
                CausalAttentionBitsTests.Same(first.Span, y.Span, $"{rung}");
            y.Span.CopyTo(first.Span);
            compared = true;
        }
        // Each token alone.
        y.Span.Fill(float.NaN);
        for (int t = 0; t < tokens; t++)
            HeadProjection.Forward(1, heads, inputs, outputs, x.Pointer + (t * xRow), xRow, inputs, matrices, y.Pointer + (t * yRow), yRow, outputs);
        CausalAttentionBitsTests.Same(first.Span, y.Span, "token by token");
    }
}
