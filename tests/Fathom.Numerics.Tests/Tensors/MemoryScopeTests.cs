// Scoped memory: aligned, disjoint, given back in one go and reused, without a trace in the collector.

using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Tests.Tensors;

public sealed unsafe class MemoryScopeTests
{
    [Fact]
    public void Rent_AnySizes_AreAlignedAndDisjoint()
    {
        using MemoryScope scope = new();
        var random = new System.Random(1);
        var rented = new List<(long From, long To)>();
        for (int i = 0; i < 500; i++)
        {
            // Now and then more than a block holds.
            int rows = random.Next(0, 40), columns = random.Next(0, i % 50 == 0 ? 60_000 : 200);
            Tensor tensor = scope.Rent(rows, columns);
            long address = (long)tensor.Data;
            Assert.Equal(0, address % 64);
            Assert.Equal((2, rows, columns, (long)rows * columns), (tensor.Rank, tensor.Rows, tensor.Columns, tensor.Length));
            Assert.Null(tensor.Gradient);
            tensor.Span.Fill(i);
            rented.Add((address, address + Math.Max(1, tensor.Length) * sizeof(float)));
        }
        rented.Sort();
        for (int i = 1; i < rented.Count; i++)
            Assert.True(rented[i - 1].To <= rented[i].From, $"{rented[i - 1]} and {rented[i]} overlap");
    }

    [Fact]
    public void Release_ToAMark_KeepsWhatCameBefore_AndReusesWhatCameAfter()
    {
        using MemoryScope scope = new();
        Tensor kept = scope.Rent(100);
        kept.Span.Fill(7);
        ScopeMark mark = scope.Mark();
        Tensor first = scope.Rent(3, 5);
        first.Gradient = kept;
        float* data = first.Data;
        // Far enough that a further block is begun.
        scope.Rent(3000, 1000);
        long held = scope.BytesHeld;
        scope.Release(mark);
        Tensor again = scope.Rent(4, 4);
        Assert.True(data == again.Data);
        Assert.Same(first, again);
        Assert.Null(again.Gradient);
        again.Span.Fill(1);
        scope.Rent(3000, 1000);
        Assert.Equal(held, scope.BytesHeld);
        Assert.All(kept.Span.ToArray(), value => Assert.Equal(7, value));
    }

    [Fact]
    public void Release_ToTheMarkOfAnEmptyScope_StartsAgain()
    {
        using MemoryScope scope = new();
        ScopeMark mark = scope.Mark();
        float* data = scope.Rent(8).Data;
        scope.Release(mark);
        Assert.True(data == scope.Rent(8).Data);
    }

    [Fact]
    public void Reset_AfterGrowth_RoundsOfOtherShapesTouchNoMoreThanTheLargestNeeds()
    {
        using MemoryScope scope = new();
        void Round(int rows)
        {
            // Sizes near those of blocks, which leave the ends of blocks unused.
            for (int i = 0; i < 6; i++)
                scope.Rent(rows, 1000);
        }
        Round(700);
        scope.Reset();
        Round(1100);
        scope.Reset();
        long held = scope.BytesHeld;
        nint first = (nint)scope.Rent(16).Data, last = first;
        foreach (int rows in new[] { 1100, 300, 900, 1000 })
        {
            scope.Reset();
            for (int i = 0; i < 6; i++)
            {
                Tensor tensor = scope.Rent(rows, 1000);
                Assert.True((nint)tensor.Data >= first);
                last = Math.Max(last, (nint)(tensor.Data + tensor.Length));
            }
        }
        Assert.Equal(scope.MostBytesUsed, last - first);
        Assert.Equal(held, scope.BytesHeld);
    }

    [Fact]
    public void RentZeroed_AfterUse_IsZero()
    {
        using MemoryScope scope = new();
        scope.Rent(10, 10).Span.Fill(3);
        scope.Reset();
        Assert.All(scope.RentZeroed(10, 10).Span.ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Reset_SteadyState_HoldsNoMoreAndAllocatesNothing()
    {
        using MemoryScope scope = new();
        void Round()
        {
            for (int i = 1; i < 200; i++)
            {
                scope.Rent(i, 37);
                scope.Rent<int>(i);
                scope.Wrap(null, 1, 1);
            }
            scope.Rent(2_000_000);
            scope.Reset();
        }
        Round();
        Round();
        long held = scope.BytesHeld, allocated = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            Round();
        Assert.Equal(allocated, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(held, scope.BytesHeld);
    }

    [Fact]
    public void Rent_NegativeOrTooLarge_IsRefused()
    {
        using MemoryScope scope = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => scope.Rent(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => scope.Rent(3, -1));
        Assert.Throws<OverflowException>(() => scope.Rent<double>(long.MaxValue / 4));
    }

    [Fact]
    public void RequireShape_OtherShape_NamesBoth()
    {
        using MemoryScope scope = new();
        ArgumentException error = Assert.Throws<ArgumentException>(() => scope.Rent(2, 3).RequireShape(3, 2, "weights"));
        Assert.Contains("weights is [2, 3]; expected [3, 2]", error.Message);
    }
}
