// The sum of squares of a gradient, for clipping by the global norm.
using System.Runtime.Intrinsics;

namespace Fathom.Numerics.Kernels;

/// <summary>Sums of squares in double, in an order that depends on the length only.</summary>
public static unsafe class GradientNorm
{
    const int Chunk = 16 * 1024;

    [ThreadStatic]
    static Scratch s_sums;

    /// <summary>
    /// The sum of squares: chunks of 16,384 elements, in each element i adds to chain i mod 16, chains are folded by halves, chunk sums are
    /// added in order.
    /// </summary>
    /// <param name="g">[count].</param>
    /// <param name="count">Elements.</param>
    public static double SumOfSquares(float* g, long count)
    {
        long chunks = (count + Chunk - 1) / Chunk;
        double* sums = s_sums.Get<double>(chunks);
        var action = new Chunks { G = g, Count = count, Sums = sums };
        Traversal.Run(chunks, Chunk, 1, ref action);
        double sum = 0;
        for (long i = 0; i < chunks; i++)
            sum += sums[i];
        return sum;
    }

    struct Chunks : IRangeAction
    {
        public float* G;
        public long Count;
        public double* Sums;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long chunk = start; chunk < end; chunk++)
                Sums[chunk] = Sum<TLanes>(G + chunk * Chunk, (int)Math.Min(Chunk, Count - chunk * Chunk));
        }
    }

    static double Sum<TLanes>(float* g, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        double* chains = stackalloc double[16];
        int i = 0;
        if (TLanes.Count == 16)
        {
            Vector512<double> a = default, b = default;
            for (; i <= count - 16; i += 16)
            {
                (Vector512<double> low, Vector512<double> high) = Vector512.Widen(Vector512.Load(g + i));
                a = Vector512.FusedMultiplyAdd(low, low, a);
                b = Vector512.FusedMultiplyAdd(high, high, b);
            }
            a.Store(chains);
            b.Store(chains + 8);
        }
        else if (TLanes.Count == 8)
        {
            Vector256<double> a = default, b = default, c = default, d = default;
            for (; i <= count - 16; i += 16)
            {
                (Vector256<double> first, Vector256<double> second) = Vector256.Widen(Vector256.Load(g + i));
                (Vector256<double> third, Vector256<double> fourth) = Vector256.Widen(Vector256.Load(g + i + 8));
                a = Vector256.FusedMultiplyAdd(first, first, a);
                b = Vector256.FusedMultiplyAdd(second, second, b);
                c = Vector256.FusedMultiplyAdd(third, third, c);
                d = Vector256.FusedMultiplyAdd(fourth, fourth, d);
            }
            a.Store(chains);
            b.Store(chains + 4);
            c.Store(chains + 8);
            d.Store(chains + 12);
        }
        for (; i < count; i++)
            chains[i % 16] = Math.FusedMultiplyAdd(g[i], g[i], chains[i % 16]);
        for (int width = 8; width > 0; width /= 2)
        {
            for (int j = 0; j < width; j++)
                chains[j] += chains[j + width];
        }
        return chains[0];
    }
}
