// The thread team: every part once, whatever its size, its mood or its past.

using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Threading;

public sealed unsafe class ThreadTeamTests
{
    readonly struct Count(int* counts) : IParallelAction
    {
        public void Run(int part) => Interlocked.Increment(ref counts[part]);
    }

    readonly struct Fail(int at) : IParallelAction
    {
        public void Run(int part)
        {
            if (part == at)
                throw new InvalidOperationException($"part {part}");
        }
    }

    readonly struct Nested(ThreadTeam team, int* counts, int inner) : IParallelAction
    {
        public void Run(int part)
        {
            var count = new Count(counts + part * inner);
            team.Run(inner, ref count);
        }
    }

    static void EveryPartOnce(ThreadTeam team, int parts)
    {
        int* counts = stackalloc int[parts];
        new Span<int>(counts, parts).Clear();
        var count = new Count(counts);
        team.Run(parts, ref count);
        for (int i = 0; i < parts; i++)
            Assert.True(counts[i] == 1, $"{team.ThreadCount} threads: part {i} of {parts} ran {counts[i]} times");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public void Run_AnyCount_RunsEveryPartOnce(int threads)
    {
        using ThreadTeam team = new(threads);
        Assert.Equal(threads, team.ThreadCount);
        for (int round = 0; round < 6; round++)
            for (int parts = 0; parts < 20; parts++)
                EveryPartOnce(team, parts);
        EveryPartOnce(team, 5000);
    }

    [Fact]
    public void Run_AfterParking_WakesTheTeam()
    {
        using ThreadTeam team = new(3);
        for (int round = 0; round < 5; round++)
        {
            EveryPartOnce(team, 64);
            // Far longer than the team spins.
            Thread.Sleep(30);
        }
    }

    [Fact]
    public void Run_FromWithinAPart_RunsEveryInnerPartOnce()
    {
        const int outer = 12, inner = 7;
        using ThreadTeam team = new(3);
        int* counts = stackalloc int[outer * inner];
        new Span<int>(counts, outer * inner).Clear();
        var nested = new Nested(team, counts, inner);
        team.Run(outer, ref nested);
        for (int i = 0; i < outer * inner; i++)
            Assert.Equal(1, counts[i]);
    }

    [Fact]
    public void Run_FromManyThreadsAtOnce_RunsEveryPartOnce()
    {
        using ThreadTeam team = new(2);
        Thread[] callers = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int round = 0; round < 50; round++)
                EveryPartOnce(team, 9);
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Run_PartThatThrows_ThrowsAtTheCaller_AndTheTeamLivesOn(int threads)
    {
        using ThreadTeam team = new(threads);
        for (int at = 0; at < 20; at++)
        {
            var fail = new Fail(at);
            Assert.Equal($"part {at}", Assert.Throws<InvalidOperationException>(() => team.Run(20, ref fail)).Message);
            EveryPartOnce(team, 20);
        }
    }

    [Fact]
    public void Dispose_ParkedOrSpinning_EndsTheThreads()
    {
        using (ThreadTeam team = new(4))
            EveryPartOnce(team, 8);
        using ThreadTeam parked = new(4);
        Thread.Sleep(30);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void Count_OutsideItsRange_IsRefused(int threads)
        => Assert.Contains("1 to 1024", Assert.Throws<ArgumentOutOfRangeException>(() => new ThreadTeam(threads)).Message);
}

[Collection("alone")]
public sealed class SharedThreadTeamTests
{
    readonly struct Nothing : IParallelAction
    {
        public void Run(int part)
        {
        }
    }

    [Fact]
    public void SetSharedThreadCount_ReplacesTheTeam_AndRunningAllocatesNothing()
    {
        int before = ThreadTeam.Shared.ThreadCount;
        try
        {
            foreach (int threads in new[] { 1, 3, 2 })
            {
                ThreadTeam.SetSharedThreadCount(threads);
                Assert.Equal(threads, ThreadTeam.Shared.ThreadCount);
                var nothing = new Nothing();
                ThreadTeam.Shared.Run(10, ref nothing);
                Thread.Sleep(30);
                ThreadTeam.Shared.Run(10, ref nothing);
                Assert.Equal(0, Allocations.LeastOfAllThreads(() =>
                {
                    for (int i = 0; i < 10; i++)
                        ThreadTeam.Shared.Run(10, ref nothing);
                }));
                // From parked, too.
                Assert.Equal(0, Allocations.LeastOfAllThreads(() =>
                {
                    Thread.Sleep(10);
                    ThreadTeam.Shared.Run(10, ref nothing);
                }));
            }
        }
        finally
        {
            ThreadTeam.SetSharedThreadCount(before);
        }
    }
}
