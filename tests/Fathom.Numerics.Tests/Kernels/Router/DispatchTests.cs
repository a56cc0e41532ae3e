// Dispatch: a stable sort, gather and weighted sum as plain loops, and the two transposes.
using Fathom.Numerics.Tests.Kernels.Traversal;
using Kernel = Fathom.Numerics.Kernels.Dispatch;

namespace Fathom.Numerics.Tests.Kernels.Router;

public sealed unsafe class DispatchTests : KernelTests
{
    const int Experts = 9, K = 3;

    // Expert 4 stays empty.
    static int[] ExpertIds(int tokens) => [.. Enumerable.Range(0, tokens).SelectMany(t => (int[])[t % 4, 5 + t % 2, 7 + t * t % 2])];

    static (int[] Offsets, int[] Rows, int[] SlotOf) Build(int[] expertIds)
    {
        using var ids = Guarded(expertIds);
        using var offsets = Guarded(new int[Experts + 1]);
        using var rows = Guarded(new int[expertIds.Length]);
        using var slotOf = Guarded(new int[expertIds.Length]);
        Kernel.Build(ids.Pointer, expertIds.Length / K, K, Experts, offsets.Pointer, rows.Pointer, slotOf.Pointer);
        return (offsets.Span.ToArray(), rows.Span.ToArray(), slotOf.Span.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(50)]
    public void Build_AnyTokens_IsAStableSortByExpert(int tokens)
    {
        int[] ids = ExpertIds(tokens);
        (int[] offsets, int[] rows, int[] slotOf) = Build(ids);
        int[] sorted = [.. Enumerable.Range(0, ids.Length).OrderBy(pair => ids[pair])];
        Assert.Equal(sorted.Select(pair => pair / K), rows);
        Assert.Equal(Enumerable.Range(0, ids.Length), sorted.Select(pair => slotOf[pair]));
        Assert.Equal(Enumerable.Range(0, Experts + 1).Select(e => ids.Count(id => id < e)), offsets);
    }

    [Fact]
    public void GatherAndCombine_OddWidths_AreThePlainLoops()
    {
        foreach (int width in Widths.Append(300))
        {
            const int tokens = 50;
            int ldx = width + 2, slots = tokens * K;
            (_, int[] rows, int[] slotOf) = Build(ExpertIds(tokens));
            float[] x = Normal(tokens * ldx, 1), ys = Normal(slots * width, 2), weights = Normal(slots, 3), dy = Normal(tokens * ldx, 4);
            double[][] actual = EveryWay(() =>
            {
                using var xMemory = Guarded(x);
                using var rowsMemory = Guarded(rows);
                using var slotMemory = Guarded(slotOf);
                using var ysMemory = Guarded(ys);
                using var weightsMemory = Guarded(weights);
                using var dyMemory = Guarded(dy);
                using var xs = Guarded(new float[slots * width]);
                using var y = Guarded(x);
                using var dx = Guarded(x);
                using var dys = Guarded(new float[slots * width]);
                using var dWeights = Guarded(new float[slots]);
                Kernel.Gather(xMemory.Pointer, ldx, rowsMemory.Pointer, xs.Pointer, slots, width);
                Kernel.Combine(ysMemory.Pointer, slotMemory.Pointer, weightsMemory.Pointer, y.Pointer, ldx, tokens, K, width);
                Kernel.GatherBackward(ysMemory.Pointer, slotMemory.Pointer, dx.Pointer, ldx, tokens, K, width);
                Kernel.CombineBackward(
                    ysMemory.Pointer, slotMemory.Pointer, weightsMemory.Pointer, dyMemory.Pointer, ldx, dys.Pointer, dWeights.Pointer, tokens, K, width);
                return [xs.Span.ToArray(), y.Span.ToArray(), dx.Span.ToArray(), dys.Span.ToArray(), dWeights.Span.ToArray()];
            });
            float[] xs = new float[slots * width], y = [.. x], dx = [.. x], dys = new float[slots * width];
            double[] dWeights = new double[slots];
            for (int t = 0; t < tokens; t++)
            {
                for (int j = 0; j < K; j++)
                {
                    int slot = slotOf[t * K + j];
                    for (int i = 0; i < width; i++)
                    {
                        xs[slot * width + i] = x[t * ldx + i];
                        y[t * ldx + i] = MathF.FusedMultiplyAdd(weights[t * K + j], ys[slot * width + i], y[t * ldx + i]);
                        dx[t * ldx + i] += ys[slot * width + i];
                        dys[slot * width + i] = weights[t * K + j] * dy[t * ldx + i];
                        dWeights[t * K + j] += (double)dy[t * ldx + i] * ys[slot * width + i];
                    }
                }
            }
            Assert.Equal(Exact(xs), actual[0]);
            Assert.Equal(Exact(y), actual[1]);
            Assert.Equal(Exact(dx), actual[2]);
            Assert.Equal(Exact(dys), actual[3]);
            // At most 10 + 5 additions per chain and fold, of terms below 16.
            Near(dWeights, actual[4], 0, 16 * 15 * 6e-8 * Math.Sqrt(width + 1), $"dWeights, width {width}");
        }
    }
}
