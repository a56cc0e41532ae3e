// Beginnings that were computed, by their token ids, a block of 64 tokens per node: a prompt that begins like an earlier one takes the
// blocks over. Blocks stay after their sequences have gone, until their memory is needed: the leaf that was left longest ago goes first.
using System.Diagnostics.CodeAnalysis;
using Fathom.Models.Layers;

namespace Fathom.Inference.Scheduling;

/// <summary>A tree over token ids whose nodes hold cache blocks. A sequence that holds a node's block holds those of all its ancestors.</summary>
sealed class PrefixTree(KvCache cache)
{
    readonly Node _root = new([], -1, null);
    readonly PriorityQueue<Node, long> _leaves = new();
    Node?[] _byBlock = new Node?[64];
    long _clock;

    /// <summary>Blocks that only the tree holds: they can be given up.</summary>
    public int Unreferenced { get; private set; }

    /// <summary>Blocks in the tree.</summary>
    public int Count { get; private set; }

    /// <summary>How many leading tokens the tree holds, in whole blocks.</summary>
    public int Find(ReadOnlySpan<int> tokens)
    {
        int found = 0;
        Node node = _root;
        while (tokens.Length - found >= KvCache.BlockLength && node.Child(tokens.Slice(found, KvCache.BlockLength)) is { } child)
        {
            node = child;
            found += KvCache.BlockLength;
        }
        return found;
    }

    /// <summary>How many of some blocks that the tree holds nobody else does.</summary>
    /// <param name="tokens">As <see cref="Take"/> takes them.</param>
    public int UnreferencedAmong(ReadOnlySpan<int> tokens)
    {
        int count = 0;
        Node node = _root;
        for (int from = 0; from < tokens.Length; from += KvCache.BlockLength)
        {
            node = node.Child(tokens.Slice(from, KvCache.BlockLength))!;
            if (cache.Pool.References(node.Block) == 1)
                count++;
        }
        return count;
    }

    /// <summary>Gives an empty sequence the blocks of its first tokens.</summary>
    /// <param name="tokens">Whole blocks, all of them in the tree (<see cref="Find"/>).</param>
    /// <param name="sequence">Receives them; its place in the tree is <paramref name="place"/>.</param>
    /// <param name="place">Where <see cref="Insert"/> goes on.</param>
    public void Take(ReadOnlySpan<int> tokens, CachedSequence sequence, ref Place place)
    {
        Node node = _root;
        for (int from = 0; from < tokens.Length; from += KvCache.BlockLength)
        {
            node = node.Child(tokens.Slice(from, KvCache.BlockLength))!;
            if (cache.Pool.References(node.Block) == 1)
                Unreferenced--;
            cache.Share(sequence, node.Block);
        }
        place = new Place(node, tokens.Length / KvCache.BlockLength);
    }

    /// <summary>Puts a sequence's computed blocks into the tree. Where the tree holds the same tokens, the sequence takes the tree's block instead of its own.</summary>
    /// <param name="tokens">The sequence's leading tokens, as many as are computed and may be shared; an incomplete block is left out.</param>
    /// <param name="sequence">Holds them.</param>
    /// <param name="place">How far the sequence stands in the tree; moved on.</param>
    public void Insert(ReadOnlySpan<int> tokens, CachedSequence sequence, ref Place place)
    {
        while ((place.Blocks + 1) * KvCache.BlockLength <= tokens.Length)
        {
            Node parent = place.Node ?? _root;
            ReadOnlySpan<int> key = tokens.Slice(place.Blocks * KvCache.BlockLength, KvCache.BlockLength);
            Node? node = parent.Child(key);
            if (node is null)
            {
                node = new Node(key.ToArray(), sequence.Blocks[place.Blocks], parent);
                cache.Pool.AddReference(node.Block);
                parent.Add(node);
                Register(node);
            }
            else if (node.Block != sequence.Blocks[place.Blocks])
            {
                if (cache.Pool.References(node.Block) == 1)
                    Unreferenced--;
                cache.Replace(sequence, place.Blocks, node.Block);
            }
            place = new Place(node, place.Blocks + 1);
        }
    }

    /// <summary>Gives a sequence's blocks back; those in the tree stay there.</summary>
    public void Release(CachedSequence sequence)
    {
        _clock++;
        // From the end, so that a leaf is seen before its parent.
        for (int i = sequence.Blocks.Count - 1; i >= 0; i--)
        {
            int block = sequence.Blocks[i];
            if (cache.Pool.References(block) == 2 && NodeOf(block) is { } node)
            {
                Unreferenced++;
                node.Stamp = _clock;
                if (node.ChildCount == 0)
                    _leaves.Enqueue(node, _clock);
            }
        }
        cache.Release(sequence);
    }

    /// <summary>Frees the block that was left longest ago.</summary>
    /// <returns>False when sequences hold all that is left.</returns>
    public bool TryEvict()
    {
        while (_leaves.TryDequeue(out Node? node, out long stamp))
        {
            // Entries are left in the queue when a node is taken up again or grows.
            if (node.Parent is null || node.Stamp != stamp || node.ChildCount > 0 || cache.Pool.References(node.Block) > 1)
                continue;
            Node parent = node.Parent;
            parent.Remove(node);
            node.Parent = null;
            _byBlock[node.Block] = null;
            cache.Pool.Release(node.Block);
            Count--;
            Unreferenced--;
            if (parent.ChildCount == 0 && parent.Block >= 0 && cache.Pool.References(parent.Block) == 1)
                _leaves.Enqueue(parent, parent.Stamp);
            return true;
        }
        return false;
    }

    /// <summary>Forgets all that no sequence holds.</summary>
    public void Clear()
    {
        while (TryEvict())
        {
        }
    }

    void Register(Node node)
    {
        if (node.Block >= _byBlock.Length)
            Array.Resize(ref _byBlock, Math.Max(node.Block + 1, 2 * _byBlock.Length));
        _byBlock[node.Block] = node;
        Count++;
    }

    Node? NodeOf(int block) => block < _byBlock.Length ? _byBlock[block] : null;

    /// <summary>How far a sequence's blocks stand in the tree; the default is nowhere.</summary>
    /// <param name="Node">The node of its last block there.</param>
    /// <param name="Blocks">Its blocks there.</param>
    internal readonly record struct Place(Node? Node, int Blocks);

    /// <summary>One block of tokens behind its parent's.</summary>
    internal sealed class Node(int[] tokens, int block, Node? parent)
    {
        Dictionary<int[], Node>? _children;

        public int Block { get; } = block;

        public Node? Parent { get; set; } = parent;

        public long Stamp { get; set; }

        public int ChildCount => _children?.Count ?? 0;

        public Node? Child(ReadOnlySpan<int> tokens)
            => _children is not null && _children.GetAlternateLookup<ReadOnlySpan<int>>().TryGetValue(tokens, out Node? child) ? child : null;

        public void Add(Node child) => (_children ??= new(TokenComparer.Instance)).Add(child.Key, child);

        public void Remove(Node child) => _children!.Remove(child.Key);

        int[] Key { get; } = tokens;
    }

    sealed class TokenComparer : IEqualityComparer<int[]>, IAlternateEqualityComparer<ReadOnlySpan<int>, int[]>
    {
        public static TokenComparer Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<int> alternate, int[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] int[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<int> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(alternate));
            return hash.ToHashCode();
        }

        public int[] Create(ReadOnlySpan<int> alternate) => alternate.ToArray();
    }
}
