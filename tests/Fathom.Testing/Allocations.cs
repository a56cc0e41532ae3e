// What the collector allocates in a piece of work. For tests in a collection that runs alone.

using Fathom.Numerics.Threading;

namespace Fathom.Testing;

public static class Allocations
{
    /// <summary>Bytes that the work allocates with everything on one thread: exact, whatever the test host's own threads do.</summary>
    public static long OnOneThread(Action work)
    {
        int threads = ThreadTeam.Shared.ThreadCount;
        ThreadTeam.SetSharedThreadCount(1);
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        finally
        {
            ThreadTeam.SetSharedThreadCount(threads);
        }
    }

    /// <summary>
    /// The least number of bytes that a round allocates in the whole process, over up to 200 rounds. The test host's own threads
    /// allocate now and then, so a round must be short; work that allocates does so in every round.
    /// </summary>
    public static long LeastOfAllThreads(Action round)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 200 && least > 0; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            round();
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        return least;
    }
}
