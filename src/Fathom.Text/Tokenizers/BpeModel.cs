// Byte-pair encoding of one piece of text: tokens, ranked merges, and the merging itself.
// It knows nothing of pre-tokenizers and added tokens.

using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Fathom.Text.Tokenizers;

/// <summary>A pair of neighbouring token ids.</summary>
readonly record struct TokenPair(int Left, int Right)
{
    // The default would be symmetric in the two ids.
    public override int GetHashCode() => (int)((uint)Left * 0x9E3779B1u) ^ Right;
}

/// <summary>What a pair becomes: the rank of the merge (0 is first) and the id of the joined token.</summary>
readonly record struct Merge(int Rank, int Id);

/// <summary>
/// Byte-level BPE (Sennrich et al. 2016, section 3.2, over bytes): a piece begins as its bytes, and the neighbouring pair with
/// the lowest rank, the leftmost among equals, is joined until no pair has a merge. Immutable but for its cache; safe for many threads.
/// </summary>
sealed class BpeModel
{
    const int LongestCachedPiece = 48;
    const int CacheCapacity = 1 << 16;

    readonly Dictionary<TokenPair, Merge> merges;
    readonly int[] idOfByte;
    readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>>? wholePieces;
    readonly ConcurrentDictionary<byte[], int[]> cache = new(ByteStringComparer.Instance);
    readonly ConcurrentDictionary<byte[], int[]>.AlternateLookup<ReadOnlySpan<byte>> cached;
    int cacheCount;

    [ThreadStatic] static Workspace? workspace;

    /// <param name="tokens">Bytes of the token of each id; null where the id has none.</param>
    /// <param name="idOfByte">Token id of each of the 256 bytes; -1 where there is none.</param>
    /// <param name="ranked">The merges, first rank first.</param>
    /// <param name="ids">Id of the joined token of each merge.</param>
    /// <param name="ignoreMerges">A piece that is itself a token is taken whole (<c>ignore_merges</c>).</param>
    public BpeModel(byte[]?[] tokens, int[] idOfByte, IReadOnlyList<TokenPair> ranked, IReadOnlyList<int> ids, bool ignoreMerges)
    {
        Tokens = tokens;
        Merges = ranked;
        IgnoreMerges = ignoreMerges;
        HasAllBytes = !idOfByte.Contains(-1);
        this.idOfByte = idOfByte;
        merges = new Dictionary<TokenPair, Merge>(ranked.Count);
        for (int rank = 0; rank < ranked.Count; rank++)
            merges[ranked[rank]] = new Merge(rank, ids[rank]);
        cached = cache.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (ignoreMerges)
        {
            Dictionary<byte[], int> whole = new(ByteStringComparer.Instance);
            for (int id = 0; id < tokens.Length; id++)
                if (tokens[id] is { } bytes)
                    whole.TryAdd(bytes, id);
            wholePieces = whole.GetAlternateLookup<ReadOnlySpan<byte>>();
        }
    }

    /// <summary>Bytes of the token of each id; null where the id has none.</summary>
    public byte[]?[] Tokens { get; }

    /// <summary>The merges, first rank first.</summary>
    public IReadOnlyList<TokenPair> Merges { get; }

    /// <summary>Whether a piece that is itself a token is taken whole.</summary>
    public bool IgnoreMerges { get; }

    /// <summary>Whether each of the 256 bytes is a token, so that any bytes can be encoded, valid UTF-8 or not.</summary>
    public bool HasAllBytes { get; }

    /// <summary>Appends the ids of one piece.</summary>
    public void Encode(ReadOnlySpan<byte> piece, List<int> into)
    {
        if (piece.Length == 1)
        {
            into.Add(idOfByte[piece[0]]);
            return;
        }
        if (wholePieces is { } whole && whole.TryGetValue(piece, out int id))
        {
            into.Add(id);
            return;
        }
        if (piece.Length > LongestCachedPiece)
        {
            MergeAll(piece, into);
            return;
        }
        if (!cached.TryGetValue(piece, out int[]? ids))
        {
            int start = into.Count;
            MergeAll(piece, into);
            // Full means full: evicting would cost more than merging a rare piece again.
            if (cacheCount < CacheCapacity && cached.TryAdd(piece, CollectionsMarshal.AsSpan(into)[start..].ToArray()))
                Interlocked.Increment(ref cacheCount);
            return;
        }
        into.AddRange(ids);
    }

    /// <summary>
    /// Merges by a heap over a linked list: n bytes put at most n - 1 + 2 (n - 1) pairs on the heap, so the time is n log n
    /// whatever the text.
    /// </summary>
    /// <returns>How many pairs were put on the heap.</returns>
    internal int MergeAll(ReadOnlySpan<byte> piece, List<int> into)
    {
        Workspace space = workspace ??= new Workspace();
        // A huge piece must not leave a huge workspace with the thread.
        if (piece.Length > Workspace.LongestKept)
            space = new Workspace();
        space.Start(piece.Length);
        Span<int> id = space.Ids, next = space.Next, previous = space.Previous;
        PriorityQueue<int, long> heap = space.Heap;
        int pushed = 0;

        for (int i = 0; i < piece.Length; i++)
        {
            id[i] = idOfByte[piece[i]];
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i + 1 < piece.Length; i++)
            pushed += Push(heap, id, i, i + 1);

        // Priority = rank, then position. An entry is stale when its pair is gone, which its rank no longer fitting shows.
        while (heap.TryDequeue(out int left, out long priority))
        {
            int right = id[left] < 0 ? piece.Length : next[left];
            if (right == piece.Length || !merges.TryGetValue(new TokenPair(id[left], id[right]), out Merge merge)
                || merge.Rank != (int)(priority >> 32))
                continue;
            id[left] = merge.Id;
            id[right] = -1;
            next[left] = next[right];
            if (next[left] < piece.Length)
            {
                previous[next[left]] = left;
                pushed += Push(heap, id, left, next[left]);
            }
            if (previous[left] >= 0)
                pushed += Push(heap, id, previous[left], left);
        }

        for (int i = 0; i < piece.Length; i = next[i])
            into.Add(id[i]);
        return pushed;
    }

    int Push(PriorityQueue<int, long> heap, Span<int> id, int left, int right)
    {
        if (!merges.TryGetValue(new TokenPair(id[left], id[right]), out Merge merge))
            return 0;
        heap.Enqueue(left, (long)merge.Rank << 32 | (uint)left);
        return 1;
    }

    /// <summary>The linked list and heap of one merging, kept per thread.</summary>
    sealed class Workspace
    {
        public const int LongestKept = 1 << 14;
        int[] ids = [], next = [], previous = [];

        public Span<int> Ids => ids;
        public Span<int> Next => next;
        public Span<int> Previous => previous;
        public PriorityQueue<int, long> Heap { get; } = new();

        public void Start(int length)
        {
            Heap.Clear();
            if (ids.Length >= length)
                return;
            int capacity = Math.Max(length, 64);
            ids = new int[capacity];
            next = new int[capacity];
            previous = new int[capacity];
        }
    }
}
