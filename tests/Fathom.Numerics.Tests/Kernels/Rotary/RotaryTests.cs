// Rotary against complex multiplication in double precision; the backward pass against the definition of a transpose.
using System.Numerics;
using Fathom.Numerics.Tests.Kernels.Traversal;
using Kernel = Fathom.Numerics.Kernels.Rotary;

namespace Fathom.Numerics.Tests.Kernels.Rotary;

public sealed unsafe class RotaryTests : KernelTests
{
    const int Heads = 3, Offset = 5, Pad = 2, MaxPosition = 11;

    static float[] Apply(float[] x, int rotaryDim, int[] positions, float[] cos, float[] sin, bool interleaved, bool inverse)
    {
        int headStride = Offset + rotaryDim + Pad;
        using var xs = Guarded(x);
        using var places = Guarded(positions);
        using var coses = Guarded(cos);
        using var sins = Guarded(sin);
        Kernel.Apply(
            xs.Pointer, Heads * headStride, headStride, Heads, Offset, rotaryDim, places.Pointer, coses.Pointer, sins.Pointer,
            interleaved, inverse, positions.Length);
        return xs.Span.ToArray();
    }

    public static IEnumerable<int> RotaryDims => [0, 2, 4, 14, 16, 18, 30, 32, 34, 64, 66, 128];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Apply_OddSizes_IsComplexMultiplication(bool interleaved, bool inverse)
    {
        foreach (int dim in RotaryDims)
        {
            foreach (int tokens in (int[])[0, 1, 7, 90])
            {
                int half = dim / 2, stride = Offset + dim + Pad;
                float[] x = Normal(tokens * Heads * stride, 1), cos = Normal(MaxPosition * half, 2), sin = Normal(MaxPosition * half, 3);
                int[] positions = [.. Enumerable.Range(0, tokens).Select(t => t * 7 % MaxPosition)];
                double[] expected = Exact(x);
                for (int t = 0; t < tokens; t++)
                {
                    for (int row = t * Heads; row < (t + 1) * Heads; row++)
                    {
                        for (int i = 0; i < half; i++)
                        {
                            int a = row * stride + Offset + (interleaved ? 2 * i : i), b = interleaved ? a + 1 : a + half;
                            int angle = positions[t] * half + i;
                            Complex turned = new Complex(x[a], x[b]) * new Complex(cos[angle], inverse ? -sin[angle] : sin[angle]);
                            (expected[a], expected[b]) = (turned.Real, turned.Imaginary);
                        }
                    }
                }
                // Two products and a sum of numbers below 5: half a unit in the last place of at most 25 + 25, twice.
                Near(expected, EveryWay(() => [Apply(x, dim, positions, cos, sin, interleaved, inverse)])[0], 0, 50 * 1.2e-7, $"dim {dim}, {tokens} tokens");
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Inverse_WithScaledTables_IsTheTranspose(bool interleaved)
    {
        const int dim = 20, half = dim / 2;
        int[] positions = [10, 0, 3];
        int count = positions.Length * Heads * (Offset + dim + Pad);
        float[] x = Normal(count, 1), y = Normal(count, 2), angle = Normal(MaxPosition * half, 3);
        float[] cos = [.. angle.Select(a => 1.3f * MathF.Cos(a))], sin = [.. angle.Select(a => 1.3f * MathF.Sin(a))];
        // <A x, y> = <x, transpose(A) y>.
        double left = Dot(Exact(Apply(x, dim, positions, cos, sin, interleaved, false)), y);
        double right = Dot(Exact(Apply(y, dim, positions, cos, sin, interleaved, true)), x);
        Assert.Equal(left, right, 1e-7 * count * 10);
        Assert.NotEqual(x, Apply(Apply(x, dim, positions, cos, sin, interleaved, false), dim, positions, cos, sin, interleaved, true));
    }
}
