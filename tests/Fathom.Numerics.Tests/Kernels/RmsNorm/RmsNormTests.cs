// RmsNorm against the formula in double precision and its gradients against finite differences of that.
using Fathom.Numerics.Tests.Kernels.Traversal;
using Kernel = Fathom.Numerics.Kernels.RmsNorm;

namespace Fathom.Numerics.Tests.Kernels.RmsNorm;

public sealed unsafe class RmsNormTests : KernelTests
{
    const float Eps = 1e-6f;

    static double[] Naive(double[] x, double[] gain, int tokens, int width)
    {
        double[] y = new double[tokens * width];
        for (int t = 0; t < tokens; t++)
        {
            double squares = 0;
            for (int i = 0; i < width; i++)
                squares += x[t * width + i] * x[t * width + i];
            double inverse = 1 / Math.Sqrt(squares / width + Eps);
            for (int i = 0; i < width; i++)
                y[t * width + i] = x[t * width + i] * inverse * gain[i];
        }
        return y;
    }

    static float[][] Forward(float[] x, float[] gain, int tokens, int width)
    {
        using var xs = Guarded(x);
        using var gains = Guarded(gain);
        using var y = Guarded(new float[x.Length]);
        using var inverse = Guarded(new float[tokens]);
        Kernel.Forward(xs.Pointer, width, gains.Pointer, y.Pointer, width, inverse.Pointer, tokens, width, Eps);
        return [y.Span.ToArray(), inverse.Span.ToArray()];
    }

    [Fact]
    public void Forward_OddWidths_IsTheFormula()
    {
        foreach (int width in Widths.Append(4101))
        {
            float[] x = Normal(3 * width, 1), gain = Normal(width, 2);
            double[][] y = EveryWay(() => Forward(x, gain, 3, width));
            // Each of at most 129 sequential roundings of the mean square (a chain) counts half in its root; then three products.
            Near(Naive(Exact(x), Exact(gain), 3, width), y[0], 70 * 6e-8, 1e-30, $"width {width}");
        }
    }

    [Fact]
    public void Forward_ARowAlone_HasTheBitsItHasAmongOthers()
    {
        const int tokens = 90, width = 515;
        float[] x = Normal(tokens * width, 3), gain = Normal(width, 4);
        float[][] all = Forward(x, gain, tokens, width);
        for (int t = 0; t < tokens; t += 13)
        {
            float[][] alone = Forward(x[(t * width)..((t + 1) * width)], gain, 1, width);
            EqualBits(all[0].AsSpan(t * width, width), alone[0], $"token {t}");
            Assert.Equal(all[1][t], alone[1][0]);
        }
    }

    [Fact]
    public void Forward_ColumnSlices_LeaveTheRestAlone()
    {
        const int tokens = 4, width = 19, ldx = 25, ldy = 31;
        float[] x = Normal(tokens * ldx, 5), gain = Normal(width, 6);
        using var xs = Guarded(x);
        using var gains = Guarded(gain);
        using var y = Guarded(Enumerable.Repeat(7f, tokens * ldy).ToArray());
        Kernel.Forward(xs.Pointer, ldx, gains.Pointer, y.Pointer, ldy, null, tokens, width, Eps);
        for (int t = 0; t < tokens; t++)
        {
            EqualBits(Forward(x[(t * ldx)..(t * ldx + width)], gain, 1, width)[0], y.Span.Slice(t * ldy, width), $"token {t}");
            Assert.All(y.Span[(t * ldy + width)..((t + 1) * ldy)].ToArray(), v => Assert.Equal(7f, v));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_OddWidths_IsTheSlope(bool accumulate)
    {
        const int tokens = 3;
        foreach (int width in Widths)
        {
            float[] x = Normal(tokens * width, 1), gain = Normal(width, 2), dy = Normal(tokens * width, 3), old = Normal(tokens * width, 4);
            float[] oldGain = Normal(width, 5);
            double[][] actual = EveryWay(() =>
            {
                using var xs = Guarded(x);
                using var gains = Guarded(gain);
                using var dys = Guarded(dy);
                using var dx = Guarded(old);
                using var dGain = Guarded(oldGain);
                using var inverse = Guarded(Forward(x, gain, tokens, width)[1]);
                Kernel.Backward(xs.Pointer, width, gains.Pointer, inverse.Pointer, dys.Pointer, width, dx.Pointer, width, accumulate, tokens, width);
                Kernel.BackwardGain(xs.Pointer, width, inverse.Pointer, dys.Pointer, width, dGain.Pointer, tokens, width);
                return [dx.Span.ToArray(), dGain.Span.ToArray()];
            });
            double[] dx = Slopes(v => Dot(Naive(v, Exact(gain), tokens, width), dy), x);
            double[] dGain = Slopes(v => Dot(Naive(Exact(x), v, tokens, width), dy), gain);
            // Numbers of size up to 10, about ten roundings; a row of one element has a gradient near 0 by cancellation of terms of size 1 / |x|.
            double scale = 1 + (x.Length == 0 ? 0 : 3 / x.Min(v => Math.Abs(v)) * (width == 1 ? 1 : 0));
            Near([.. dx.Select((v, i) => v + (accumulate ? old[i] : 0))], actual[0], 1e-5, 1e-5 * scale, $"dx, width {width}");
            Near([.. dGain.Select((v, i) => v + oldGain[i])], actual[1], 1e-5, 1e-5, $"dGain, width {width}");
        }
    }

    [Fact]
    public void BackwardGain_TokensInTwoBatches_HasTheBitsOfOne()
    {
        const int tokens = 101, width = 700, cut = 37;
        float[] x = Normal(tokens * width, 1), dy = Normal(tokens * width, 2), inverse = Normal(tokens, 3);
        float[] Run(params (int Start, int End)[] batches)
        {
            using var xs = Guarded(x);
            using var dys = Guarded(dy);
            using var inverses = Guarded(inverse);
            using var dGain = Guarded(new float[width]);
            foreach ((int start, int end) in batches)
            {
                Kernel.BackwardGain(
                    xs.Pointer + start * width, width, inverses.Pointer + start, dys.Pointer + start * width, width, dGain.Pointer, end - start, width);
            }
            return dGain.Span.ToArray();
        }

        EveryWay(() => [Run((0, tokens))]);
        EqualBits(Run((0, tokens)), Run((0, cut), (cut, tokens)), "two batches");
    }
}
