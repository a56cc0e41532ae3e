// SwiGlu against the formula in double precision and finite differences of it.
using Fathom.Numerics.Tests.Kernels.Traversal;
using Kernel = Fathom.Numerics.Kernels.SwiGlu;

namespace Fathom.Numerics.Tests.Kernels.SwiGlu;

public sealed unsafe class SwiGluTests : KernelTests
{
    static double Naive(double gate, double up) => gate / (1 + Math.Exp(-gate)) * up;

    [Fact]
    public void Forward_HalvesOfOneBuffer_IsTheFormula()
    {
        foreach (int width in Widths)
        {
            foreach (int tokens in (int[])[1, 3, 130])
            {
                float[] both = Normal(tokens * 2 * width, 1, 4);
                double[] y = EveryWay(() =>
                {
                    using var input = Guarded(both);
                    using var output = Guarded(new float[tokens * width]);
                    Kernel.Forward(input.Pointer, 2 * width, input.Pointer + width, 2 * width, output.Pointer, width, tokens, width);
                    return [output.Span.ToArray()];
                })[0];
                double[] expected = [.. Enumerable.Range(0, tokens * width).Select(i =>
                    Naive(both[i / width * 2 * width + i % width], both[i / width * 2 * width + width + i % width]))];
                // The sigmoid is good to about 3 units in the last place, then two products.
                Near(expected, y, 5 * 1.2e-7, 1e-37, $"width {width}, {tokens} tokens");
            }
        }
    }

    [Fact]
    public void Forward_ExtremeGates_NeitherOverflowNorVanishWrongly()
    {
        float[] gate = [-1e30f, -200, -88, 0, 88, 200, 1e30f, float.NaN], up = [1, 1, 1, 1, 1, 1, 1, 1];
        using var gates = Guarded(gate);
        using var ups = Guarded(up);
        using var y = Guarded(new float[8]);
        Kernel.Forward(gates.Pointer, 8, ups.Pointer, 8, y.Pointer, 8, 1, 8);
        Assert.Equal(0, y.Span[0], 0f);
        Assert.Equal(0, y.Span[1], 0f);
        Assert.Equal(Naive(-88, 1), y.Span[2], 1e-43);
        Assert.Equal([0, 88, 200, 1e30f, float.NaN], y.Span[3..].ToArray());
    }

    [Fact]
    public void Backward_OddWidths_IsTheSlope()
    {
        foreach (int width in Widths)
        {
            foreach (int tokens in (int[])[2, 90])
            {
                int n = tokens * width;
                float[] gate = Normal(n, 1, 3), up = Normal(n, 2), dy = Normal(n, 3);
                double[][] actual = EveryWay(() =>
                {
                    using var gates = Guarded(gate);
                    using var ups = Guarded(up);
                    using var dys = Guarded(dy);
                    using var both = Guarded(new float[2 * n]);
                    Kernel.Backward(
                        gates.Pointer, width, ups.Pointer, width, dys.Pointer, width, both.Pointer, 2 * width, both.Pointer + width, 2 * width, tokens, width);
                    return [both.Span.ToArray()];
                });
                double[] expected = new double[2 * n];
                const double h = 1e-5;
                for (int i = 0; i < n; i++)
                {
                    int at = i / width * 2 * width + i % width;
                    expected[at] = dy[i] * (Naive(gate[i] + h, up[i]) - Naive(gate[i] - h, up[i])) / (2 * h);
                    expected[at + width] = dy[i] * (Naive(gate[i], up[i] + h) - Naive(gate[i], up[i] - h)) / (2 * h);
                }
                // Terms of size |dy up| and |dy silu|, below 50, about eight roundings; differences are good to 1e-9.
                Near(expected, actual[0], 2e-6, 4e-6, $"width {width}");
            }
        }
    }
}
