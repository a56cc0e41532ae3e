// What one comparison may cost: a number of operations, so that the same texts end the same way on every machine, and a guard on wall time.
using System.Diagnostics;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Why a comparison was given up.</summary>
internal sealed class WorkExceededException(string what) : Exception(what);

/// <summary>Counts operations. One operation is about one product of two 256-bit numbers.</summary>
internal sealed class WorkBudget
{
    /// <summary>Operations of one comparison: a tenth of a second at most.</summary>
    public const long DefaultOperations = 200_000;

    // The count is what ends a comparison. The clock is only asked to catch a machine that stands still: no verdict may take more than 2 s.
    static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1.5);

    const int OperationsBetweenLooks = 4096;

    readonly long start = Stopwatch.GetTimestamp();
    long nextLook = OperationsBetweenLooks;

    /// <summary>Operations so far.</summary>
    public long Used { get; private set; }

    /// <summary>Takes work out of the budget.</summary>
    /// <exception cref="WorkExceededException">Nothing is left.</exception>
    public void Charge(long operations)
    {
        Used += operations;
        if (Used > DefaultOperations)
            throw new WorkExceededException("more than " + DefaultOperations + " operations");
        if (Used < nextLook)
            return;
        nextLook = Used + OperationsBetweenLooks;
        if (Stopwatch.GetElapsedTime(start) > MaxTime)
            throw new WorkExceededException("more than " + MaxTime.TotalSeconds + " s");
    }
}
