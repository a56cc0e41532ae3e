// Elementwise: every operation is exact arithmetic per element, so plain loops give the same bits.
using Fathom.Numerics.Tests.Kernels.Traversal;
using Kernel = Fathom.Numerics.Kernels.Elementwise;

namespace Fathom.Numerics.Tests.Kernels.Elementwise;

public sealed unsafe class ElementwiseTests : KernelTests
{
    [Fact]
    public void Arithmetic_OddLengths_IsThePlainLoop()
    {
        foreach (int n in Widths.Append(70_001))
        {
            float[] x = Normal(n, 1), y = Normal(n, 2);
            double[][] actual = EveryWay(() =>
            {
                using var xs = Guarded(x);
                using var ys = Guarded(y);
                using var z = Guarded(new float[n]);
                using var scaled = Guarded(new float[n]);
                using var filled = Guarded(new float[n]);
                Kernel.Add(xs.Pointer, ys.Pointer, z.Pointer, n);
                Kernel.AddInPlace(xs.Pointer, ys.Pointer, n);
                Kernel.Scale(xs.Pointer, 0.3f, scaled.Pointer, n);
                Kernel.Fill(filled.Pointer, 2.5f, n);
                return [z.Span.ToArray(), ys.Span.ToArray(), scaled.Span.ToArray(), filled.Span.ToArray()];
            });
            double[] sum = [.. x.Zip(y, (a, b) => (double)(a + b))];
            Assert.Equal(sum, actual[0]);
            Assert.Equal(sum, actual[1]);
            Assert.Equal([.. x.Select(a => (double)(a * 0.3f))], actual[2]);
            Assert.Equal(Enumerable.Repeat(2.5, n), actual[3]);
        }
    }

    [Fact]
    public void Rows_BetweenDifferentWidths_LeaveTheRestAlone()
    {
        foreach (int columns in Widths.Append(300))
        {
            const int rows = 123;
            int ldx = columns + 3, ldy = columns + 5;
            float[] x = Normal(rows * ldx, 1), y = Normal(rows * ldy, 2), bias = Normal(columns, 3);
            double[][] actual = EveryWay(() =>
            {
                using var xs = Guarded(x);
                using var copied = Guarded(y);
                using var added = Guarded(y);
                using var biased = Guarded(y);
                using var biasMemory = Guarded(bias);
                using var dBias = Guarded(bias);
                Kernel.Copy(xs.Pointer, ldx, copied.Pointer, ldy, rows, columns);
                Kernel.AddRows(xs.Pointer, ldx, added.Pointer, ldy, rows, columns);
                Kernel.AddBias(biasMemory.Pointer, biased.Pointer, ldy, rows, columns);
                Kernel.AddBiasBackward(dBias.Pointer, xs.Pointer, ldx, rows, columns);
                return [copied.Span.ToArray(), added.Span.ToArray(), biased.Span.ToArray(), dBias.Span.ToArray()];
            });
            float[] copied = [.. y], added = [.. y], biased = [.. y], dBias = [.. bias];
            for (int r = 0; r < rows; r++)
            {
                for (int c = 0; c < columns; c++)
                {
                    copied[r * ldy + c] = x[r * ldx + c];
                    added[r * ldy + c] += x[r * ldx + c];
                    biased[r * ldy + c] += bias[c];
                    dBias[c] += x[r * ldx + c];
                }
            }
            Assert.Equal(Exact(copied), actual[0]);
            Assert.Equal(Exact(added), actual[1]);
            Assert.Equal(Exact(biased), actual[2]);
            Assert.Equal(Exact(dBias), actual[3]);
        }
    }
}
