// AdamW against the published algorithm in double precision; the gradient norm against a plain sum.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tests.Kernels.Traversal;
using Kernel = Fathom.Numerics.Kernels.AdamW;

namespace Fathom.Numerics.Tests.Kernels.AdamW;

public sealed unsafe class AdamWTests : KernelTests
{
    [Fact]
    public void Step_TenSteps_IsThePublishedAlgorithm()
    {
        const double lr = 3e-3, beta1 = 0.9, beta2 = 0.95, eps = 1e-8, decay = 0.1, clip = 0.7;
        foreach (int n in Widths.Append(40_003))
        {
            float[] start = Normal(n, 1);
            float[][] gradients = [.. Enumerable.Range(0, 10).Select(s => Normal(n, 2 + (ulong)s, 0.1))];
            double[] actual = EveryWay(() =>
            {
                using var p = Guarded(start);
                using var m = Guarded(new float[n]);
                using var v = Guarded(new float[n]);
                for (int step = 1; step <= gradients.Length; step++)
                {
                    using var g = Guarded(gradients[step - 1]);
                    Kernel.Step(
                        p.Pointer, g.Pointer, m.Pointer, v.Pointer, n, (float)lr, (float)beta1, (float)beta2, (float)eps, (float)decay, (float)clip, step);
                }
                return [p.Span.ToArray()];
            })[0];
            double[] expected = Exact(start);
            for (int i = 0; i < n; i++)
            {
                double m = 0, v = 0;
                for (int step = 1; step <= gradients.Length; step++)
                {
                    double g = clip * gradients[step - 1][i];
                    m = beta1 * m + (1 - beta1) * g;
                    v = beta2 * v + (1 - beta2) * g * g;
                    double mHat = m / (1 - Math.Pow(beta1, step)), vHat = v / (1 - Math.Pow(beta2, step));
                    expected[i] -= lr * (mHat / (Math.Sqrt(vHat) + eps) + decay * expected[i]);
                }
            }
            // Ten roundings of p, whose size is below 5 (6e-8 of it each, two per step); updates of at most 3e-3 each are good to about 1e-5
            // of themselves, since float betas are off by 1e-8 of 1 - beta2 = 0.05.
            Near(expected, actual, 20 * 6e-8, 10 * 3e-3 * 1e-5, $"{n} elements");
        }
    }

    [Fact]
    public void SumOfSquares_AnyLengthAndSize_IsTheSum()
    {
        foreach (int n in Widths.Concat([16_383, 16_384, 16_385, 100_001]))
        {
            // 1e25 squared is beyond float, 1e-25 squared below it: the sum is in double all the way.
            foreach (double scale in (double[])[1, 1e25, 1e-25])
            {
                float[] g = Normal(n, 1, scale);
                double[] actual = EveryWay(() =>
                {
                    using var memory = Guarded(g);
                    double sum = GradientNorm.SumOfSquares(memory.Pointer, n);
                    long bits = BitConverter.DoubleToInt64Bits(sum);
                    return [[(float)(sum / scale / scale), BitConverter.Int32BitsToSingle((int)bits), BitConverter.Int32BitsToSingle((int)(bits >> 32))]];
                })[0];
                double expected = g.Sum(v => (double)v * v) / scale / scale;
                Near([expected], [actual[0]], 1e-7, 0, $"{n} elements");
            }
        }
    }
}
