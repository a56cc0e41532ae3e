// The tree of beginnings against a list of what was put in, and its books of blocks against counted ones.
using Fathom.Inference.Scheduling;
using Fathom.Models.Layers;
using Fathom.Testing;

namespace Fathom.Inference.Tests.Scheduling;

public sealed class PrefixTreeTests
{
    const int Block = KvCache.BlockLength;

    // Sequences over few different blocks, so that beginnings meet often.
    static int[] Tokens(Random random, int blocks) => [.. Enumerable.Range(0, blocks).SelectMany(_ => Enumerable.Repeat(random.Next(3), Block))];

    [Fact]
    public void Random_TakesInsertsReleasesAndEvictions_AgreeWithAListOfBeginnings()
    {
        var random = new Random(4);
        using KvCache cache = new(ToyPresets.Llama, 40 * Block);
        var tree = new PrefixTree(cache);
        List<(CachedSequence Sequence, int[] Tokens)> open = [];
        int hits = 0, evictions = 0;
        for (int round = 0; round < 3000; round++)
        {
            if (open.Count > 0 && random.Next(2) == 0)
            {
                int i = random.Next(open.Count);
                tree.Release(open[i].Sequence);
                open.RemoveAt(i);
            }
            else
            {
                int[] tokens = Tokens(random, random.Next(1, 6));
                int found = tree.Find(tokens), unreferenced = tree.Unreferenced, among = tree.UnreferencedAmong(tokens.AsSpan(0, found));
                CachedSequence sequence = new();
                PrefixTree.Place place = default;
                tree.Take(tokens.AsSpan(0, found), sequence, ref place);
                Assert.Equal(found, sequence.Length);
                Assert.Equal(unreferenced - among, tree.Unreferenced);
                while (!cache.TryReserve(sequence, tokens.Length - found) && tree.TryEvict())
                    evictions++;
                if (sequence.Blocks.Count * Block < tokens.Length)
                {
                    // Full, and nothing to give up.
                    Assert.Equal(0, tree.Unreferenced);
                    tree.Release(sequence);
                    continue;
                }
                cache.Advance(sequence, tokens.Length - found);
                tree.Insert(tokens, sequence, ref place);
                Assert.Equal(tokens.Length, tree.Find(tokens));
                hits += found;
                open.Add((sequence, tokens));
            }
            // All open sequences are found whole; equal beginnings are the same blocks.
            foreach ((CachedSequence sequence, int[] tokens) in open)
            {
                Assert.Equal(tokens.Length, tree.Find(tokens));
                foreach ((CachedSequence other, int[] others) in open)
                {
                    int common = tokens.Zip(others).TakeWhile(pair => pair.First == pair.Second).Count() / Block;
                    Assert.Equal(sequence.Blocks.Take(common), other.Blocks.Take(common));
                }
            }
            int held = open.SelectMany(o => o.Sequence.Blocks).Distinct().Count();
            Assert.Equal(held + tree.Unreferenced, cache.BlocksInUse);
            Assert.Equal(tree.Count, cache.BlocksInUse);
        }
        Assert.True(hits > 1000 && evictions > 100, $"{hits} {evictions}");
        foreach ((CachedSequence sequence, _) in open)
            tree.Release(sequence);
        tree.Clear();
        Assert.Equal((0, 0, 0), (cache.BlocksInUse, tree.Count, tree.Unreferenced));
    }

    [Fact]
    public void TryEvict_GivesUpTheBeginningLeftLongestAgo_LeavesFirst()
    {
        using KvCache cache = new(ToyPresets.Llama, 20 * Block);
        var tree = new PrefixTree(cache);
        int[] Of(params int[] blocks) => [.. blocks.SelectMany(b => Enumerable.Repeat(b, Block))];
        void Run(int[] tokens)
        {
            CachedSequence sequence = new();
            PrefixTree.Place place = default;
            tree.Take(tokens.AsSpan(0, tree.Find(tokens)), sequence, ref place);
            Assert.True(cache.TryReserve(sequence, tokens.Length - sequence.Length));
            cache.Advance(sequence, tokens.Length - sequence.Length);
            tree.Insert(tokens, sequence, ref place);
            tree.Release(sequence);
        }
        Run(Of(1, 2, 3));
        Run(Of(1, 2, 4));
        Run(Of(5));
        Run(Of(1, 2, 3));
        // Left longest ago: (1 2) 4, then 5, then (1 2) 3 and what it stands on.
        Assert.True(tree.TryEvict());
        Assert.Equal((2 * Block, 3 * Block, Block), (tree.Find(Of(1, 2, 4)), tree.Find(Of(1, 2, 3)), tree.Find(Of(5))));
        Assert.True(tree.TryEvict());
        Assert.Equal((3 * Block, 0), (tree.Find(Of(1, 2, 3)), tree.Find(Of(5))));
        Assert.True(tree.TryEvict());
        Assert.Equal(2 * Block, tree.Find(Of(1, 2, 3)));
        Assert.True(tree.TryEvict());
        Assert.True(tree.TryEvict());
        Assert.False(tree.TryEvict());
        Assert.Equal(0, cache.BlocksInUse);
    }
}
