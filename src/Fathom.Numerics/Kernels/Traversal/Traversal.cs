// How kernels walk over rows and elements: picks the rung, cuts the work into parts for the thread team, and steps through a row.
// A kernel is then a small struct that says what happens at one place. Leaves out matrix products and attention, which tile.
using System.Runtime.CompilerServices;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

/// <summary>Work on a range of independent items (rows, columns or elements), written once for every vector width.</summary>
internal interface IRangeAction
{
    /// <summary>Does items <paramref name="start"/> to <paramref name="end"/>, exclusive.</summary>
    void Run<TLanes>(long start, long end)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>An operation on a run of elements: the same arithmetic at every place.</summary>
internal interface IElementOperator
{
    /// <summary>Does elements <paramref name="i"/> to <paramref name="i"/> + TLanes.Count.</summary>
    void At<TLanes>(long i)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>The walk that element-wise and row-wise kernels share.</summary>
public static unsafe class Traversal
{
    /// <summary>Below this many element operations the thread team costs more than it brings.</summary>
    const long ParallelThreshold = 32 * 1024;

    /// <summary>Parts are cut at multiples of a cache line of floats where items are elements or columns.</summary>
    internal const int ElementGranule = 16;

    static ReadOnlySpan<Rung> Implemented => [Rung.Scalar, Rung.Vector256, Rung.Vector512];

    /// <summary>The rung that all traversed kernels take now.</summary>
    public static Rung Chosen => Ladder.Pick(Implemented);

    /// <summary>Runs <paramref name="action"/> over <paramref name="count"/> items, on the team where there is enough to do.</summary>
    /// <param name="count">Items.</param>
    /// <param name="workPerItem">Element operations per item.</param>
    /// <param name="granule">Parts begin at multiples of this.</param>
    /// <param name="action">Lives on the caller's stack until the call returns.</param>
    internal static void Run<TAction>(long count, long workPerItem, int granule, ref TAction action)
        where TAction : unmanaged, IRangeAction
    {
        int threads = ThreadTeam.Shared.ThreadCount;
        long granules = (count + granule - 1) / granule;
        // Twice as many parts as threads, so that one late thread does not hold up the rest for long.
        int parts = threads == 1 || count * workPerItem < ParallelThreshold ? 1 : (int)Math.Min(granules, 2L * threads);
        if (parts <= 1)
        {
            if (count > 0)
                RunRange(ref action, 0, count);
            return;
        }
        var work = new Parts<TAction> { Action = (TAction*)Unsafe.AsPointer(ref action), Count = count, Granule = granule, PartCount = parts };
        ThreadTeam.Shared.Run(parts, ref work);
    }

    /// <summary>Applies <paramref name="operation"/> to <paramref name="count"/> elements.</summary>
    internal static void Map<TOperator>(TOperator operation, long count)
        where TOperator : unmanaged, IElementOperator
    {
        var action = new MapAction<TOperator> { Operation = operation };
        Run(count, 1, ElementGranule, ref action);
    }

    /// <summary>Applies <paramref name="operation"/> to elements <paramref name="start"/> to <paramref name="end"/> on this thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Each<TOperator, TLanes>(TOperator operation, long start, long end)
        where TOperator : unmanaged, IElementOperator
        where TLanes : struct, ILanes<TLanes>
    {
        long i = start;
        for (; i <= end - TLanes.Count; i += TLanes.Count)
            operation.At<TLanes>(i);
        if (TLanes.Count == 1)
            return;
        if (TLanes.Count == 16 && i <= end - Lanes8.Count)
        {
            operation.At<Lanes8>(i);
            i += Lanes8.Count;
        }
        for (; i < end; i++)
            operation.At<Lanes1>(i);
    }

    static void RunRange<TAction>(ref TAction action, long start, long end)
        where TAction : unmanaged, IRangeAction
    {
        switch (Chosen)
        {
            case Rung.Vector512:
                action.Run<Lanes16>(start, end);
                break;
            case Rung.Vector256:
                action.Run<Lanes8>(start, end);
                break;
            default:
                action.Run<Lanes1>(start, end);
                break;
        }
    }

    struct Parts<TAction> : IParallelAction
        where TAction : unmanaged, IRangeAction
    {
        public TAction* Action;
        public long Count;
        public int Granule, PartCount;

        public readonly void Run(int part)
        {
            long granules = (Count + Granule - 1) / Granule;
            long start = granules * part / PartCount * Granule;
            long end = Math.Min(Count, granules * (part + 1) / PartCount * Granule);
            if (start < end)
                RunRange(ref *Action, start, end);
        }
    }

    struct MapAction<TOperator> : IRangeAction
        where TOperator : unmanaged, IElementOperator
    {
        public TOperator Operation;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
            => Each<TOperator, TLanes>(Operation, start, end);
    }
}
