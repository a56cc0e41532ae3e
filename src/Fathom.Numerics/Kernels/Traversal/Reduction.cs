// Sums over a row in an order that depends on the row's length only: equal bits on every rung and in every batch.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

/// <summary>One term per element, added to a running sum.</summary>
internal interface ITerm
{
    /// <summary><paramref name="sum"/> plus the terms of elements <paramref name="i"/> to <paramref name="i"/> + TLanes.Count.</summary>
    TLanes AddTo<TLanes>(TLanes sum, long i)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>Two terms per element, each added to a sum of its own.</summary>
internal interface ITermPair
{
    /// <summary>Adds the terms of elements <paramref name="i"/> to <paramref name="i"/> + TLanes.Count.</summary>
    void AddTo<TLanes>(ref TLanes first, ref TLanes second, long i)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>
/// Row sums. A row is cut into blocks of <see cref="Block"/> elements; inside a block, element i adds to chain i mod <see cref="Chains"/>,
/// the chains are folded by halves, and the block sums are added in double.
/// </summary>
internal static unsafe class Reduction
{
    const int Chains = 32;
    const int Block = 4096;

    /// <summary>The sum of the terms of elements 0 to <paramref name="count"/>.</summary>
    public static double Sum<TTerm, TLanes>(TTerm term, long count)
        where TTerm : unmanaged, ITerm
        where TLanes : struct, ILanes<TLanes>
    {
        double sum = 0;
        for (long start = 0; start < count; start += Block)
            sum += SumBlock<TTerm, TLanes>(term, start, Math.Min(count, start + Block));
        return sum;
    }

    /// <summary>The sums of both terms of elements 0 to <paramref name="count"/>.</summary>
    public static (double First, double Second) SumPair<TTerms, TLanes>(TTerms terms, long count)
        where TTerms : unmanaged, ITermPair
        where TLanes : struct, ILanes<TLanes>
    {
        double first = 0, second = 0;
        for (long start = 0; start < count; start += Block)
        {
            (float a, float b) = SumPairBlock<TTerms, TLanes>(terms, start, Math.Min(count, start + Block));
            first += a;
            second += b;
        }
        return (first, second);
    }

    /// <summary>The greatest of <paramref name="count"/> floats that is a number; minus infinity where there is none.</summary>
    public static float Max<TLanes>(float* x, long count)
        where TLanes : struct, ILanes<TLanes>
    {
        float max = float.NegativeInfinity;
        long i = 0;
        if (count >= TLanes.Count)
        {
            TLanes lanes = TLanes.Create(max);
            for (; i <= count - TLanes.Count; i += TLanes.Count)
                lanes = TLanes.Max(TLanes.Load(x + i), lanes);
            float* each = stackalloc float[TLanes.Count];
            lanes.Store(each);
            for (int j = 0; j < TLanes.Count; j++)
                max = float.MaxNative(each[j], max);
        }
        for (; i < count; i++)
            max = float.MaxNative(x[i], max);
        return max;
    }

    [SkipLocalsInit]
    static float SumBlock<TTerm, TLanes>(TTerm term, long start, long end)
        where TTerm : unmanaged, ITerm
        where TLanes : struct, ILanes<TLanes>
    {
        float* chains = stackalloc float[Chains];
        long i = start, whole = end - (end - start) % Chains;
        if (TLanes.Count == 16)
        {
            TLanes a = TLanes.Create(0), b = a;
            for (; i < whole; i += Chains)
            {
                a = term.AddTo(a, i);
                b = term.AddTo(b, i + 16);
            }
            a.Store(chains);
            b.Store(chains + 16);
        }
        else if (TLanes.Count == 8)
        {
            TLanes a = TLanes.Create(0), b = a, c = a, d = a;
            for (; i < whole; i += Chains)
            {
                a = term.AddTo(a, i);
                b = term.AddTo(b, i + 8);
                c = term.AddTo(c, i + 16);
                d = term.AddTo(d, i + 24);
            }
            a.Store(chains);
            b.Store(chains + 8);
            c.Store(chains + 16);
            d.Store(chains + 24);
        }
        else
        {
            for (int j = 0; j < Chains; j++)
                chains[j] = 0;
            for (; i < whole; i += Chains)
            {
                for (int j = 0; j < Chains; j++)
                    term.AddTo(Lanes1.Load(chains + j), i + j).Store(chains + j);
            }
        }
        for (int j = 0; i < end; i++, j++)
            term.AddTo(Lanes1.Load(chains + j), i).Store(chains + j);
        return Fold<TLanes>(chains);
    }

    [SkipLocalsInit]
    static (float First, float Second) SumPairBlock<TTerms, TLanes>(TTerms terms, long start, long end)
        where TTerms : unmanaged, ITermPair
        where TLanes : struct, ILanes<TLanes>
    {
        float* first = stackalloc float[Chains], second = stackalloc float[Chains];
        for (int j = 0; j < Chains; j++)
            first[j] = second[j] = 0;
        long i = start, whole = end - (end - start) % Chains;
        if (TLanes.Count == 16)
        {
            TLanes a0 = TLanes.Create(0), b0 = a0, a1 = a0, b1 = a0;
            for (; i < whole; i += Chains)
            {
                terms.AddTo(ref a0, ref a1, i);
                terms.AddTo(ref b0, ref b1, i + 16);
            }
            a0.Store(first);
            b0.Store(first + 16);
            a1.Store(second);
            b1.Store(second + 16);
        }
        else
        {
            // The narrower widths keep their chains in memory: too many for registers beside the terms' own values.
            for (; i < whole; i += Chains)
            {
                for (int j = 0; j < Chains; j += TLanes.Count)
                    AddPair<TTerms, TLanes>(terms, first + j, second + j, i + j);
            }
        }
        for (int j = 0; i < end; i++, j++)
            AddPair<TTerms, Lanes1>(terms, first + j, second + j, i);
        return (Fold<TLanes>(first), Fold<TLanes>(second));
    }

    static void AddPair<TTerms, TLanes>(TTerms terms, float* first, float* second, long i)
        where TTerms : unmanaged, ITermPair
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes a = TLanes.Load(first), b = TLanes.Load(second);
        terms.AddTo(ref a, ref b, i);
        a.Store(first);
        b.Store(second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Fold<TLanes>(float* chains)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int width = Chains / 2; width >= TLanes.Count; width /= 2)
        {
            for (int j = 0; j < width; j += TLanes.Count)
                (TLanes.Load(chains + j) + TLanes.Load(chains + j + width)).Store(chains + j);
        }
        return TLanes.Fold(TLanes.Load(chains));
    }
}
