// Byte-pair encoding of one piece of text: tokens, ranked merges, and the merging itself.
// It knows nothing of pre-tokenizers and added tokens.

using System.Numerics;
using System.Runtime.InteropServices;

namespace Fathom.Text.Tokenizers;

/// <summary>
/// BPE (Sennrich et al. 2016, section 3.2): a piece begins as its symbols (bytes, or characters in SentencePiece), and the
/// neighbouring pair with the lowest rank, the leftmost among equals, is joined until no pair has a merge. Immutable but for its cache;
/// safe for many threads.
/// </summary>
sealed class BpeModel
{
    // Up to here looking through all pairs again and again is quicker than a heap.
    const int LongestScanned = 256;

    readonly PairTable table;
    readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>>? wholePieces;
    readonly PieceCache cache = new();
    // SentencePiece: whether a merged token has one byte directly before another; null where pieces are not cut further.
    readonly bool[]? adjoins;

    [ThreadStatic] static Workspace? workspace;

    /// <param name="tokens">Bytes of the token of each id; null where the id has none.</param>
    /// <param name="symbols">What pieces begin as.</param>
    /// <param name="ranked">The merges, first rank first.</param>
    /// <param name="ids">Id of the joined token of each merge.</param>
    /// <param name="ranks">The rank of each merge where several share one; null where each has its own.</param>
    /// <param name="wholeIds">Ids of the tokens that a piece becomes without merging where it is one (<c>ignore_merges</c>); null where all are merged.</param>
    public BpeModel(byte[]?[] tokens, SymbolTable symbols, IReadOnlyList<TokenPair> ranked, IReadOnlyList<int> ids,
        IReadOnlyList<int>? ranks = null, IEnumerable<int>? wholeIds = null)
    {
        Tokens = tokens;
        Symbols = symbols;
        Merges = ranked;
        MergedIds = ids;
        IgnoreMerges = wholeIds is not null;
        table = new PairTable(ranked, ranks ?? [.. Enumerable.Range(0, ranked.Count)], ids);
        // Unknown characters that become one token reach over any place.
        if (symbols.IsOfCharacters && (symbols.HasAllBytes || !symbols.FusesUnknown))
            adjoins = AdjoiningBytes(tokens, ids);
        if (wholeIds is not null)
        {
            Dictionary<byte[], int> whole = new(ByteStringComparer.Instance);
            foreach (int id in wholeIds)
                whole.TryAdd(tokens[id]!, id);
            wholePieces = whole.GetAlternateLookup<ReadOnlySpan<byte>>();
        }
    }

    /// <summary>Bytes of the token of each id; null where the id has none.</summary>
    public byte[]?[] Tokens { get; }

    /// <summary>What pieces begin as.</summary>
    public SymbolTable Symbols { get; }

    /// <summary>The merges, first rank first.</summary>
    public IReadOnlyList<TokenPair> Merges { get; }

    /// <summary>Id of the joined token of each merge.</summary>
    public IReadOnlyList<int> MergedIds { get; }

    /// <summary>Whether a piece that is itself a token is taken whole.</summary>
    public bool IgnoreMerges { get; }

    /// <summary>Appends the ids of one piece, not empty.</summary>
    public void Encode(ReadOnlySpan<byte> piece, List<int> into)
    {
        if (adjoins is null)
        {
            EncodeUncut(piece, into);
            return;
        }
        // SentencePiece merges over the whole text. Between two bytes that stand together in no merged token nothing is ever merged, so
        // cutting there gives the same tokens, and words can be looked up in the cache.
        int start = 0;
        for (int at = 1; at < piece.Length; at++)
        {
            bool insideCharacter = (piece[at] & 0xC0) == 0x80;
            if (insideCharacter || adjoins[piece[at - 1] << 8 | piece[at]])
                continue;
            EncodeUncut(piece[start..at], into);
            start = at;
        }
        EncodeUncut(piece[start..], into);
    }

    static bool[] AdjoiningBytes(byte[]?[] tokens, IReadOnlyList<int> merged)
    {
        bool[] adjoins = new bool[1 << 16];
        foreach (int id in merged)
            for (int i = 1; i < tokens[id]!.Length; i++)
                adjoins[tokens[id]![i - 1] << 8 | tokens[id]![i]] = true;
        return adjoins;
    }

    void EncodeUncut(ReadOnlySpan<byte> piece, List<int> into)
    {
        if (piece.Length == 1 && Symbols.IdOfSingle(piece[0]) is >= 0 and int single)
        {
            into.Add(single);
            return;
        }
        if (wholePieces is { } whole && whole.TryGetValue(piece, out int id))
        {
            into.Add(id);
            return;
        }
        if (piece.Length > PieceCache.LongestPiece)
        {
            MergeAll(piece, into);
            return;
        }
        if (cache.Find(piece, out int place) is { } ids)
        {
            into.AddRange(ids);
            return;
        }
        int start = into.Count;
        MergeAll(piece, into);
        cache.Keep(place, piece, CollectionsMarshal.AsSpan(into)[start..]);
    }

    /// <summary>Merges one piece. The time is n log n in its bytes whatever the text.</summary>
    /// <returns>How many pairs were put on a heap.</returns>
    internal int MergeAll(ReadOnlySpan<byte> piece, List<int> into)
    {
        if (piece.Length <= LongestScanned)
        {
            MergeScanning(piece, into);
            return 0;
        }
        Workspace space = workspace ??= new Workspace();
        // A huge piece must not leave a huge workspace with the thread.
        if (piece.Length > Workspace.LongestKept)
            space = new Workspace();
        space.Start(piece.Length);
        return MergeByHeap(piece, space, into);
    }

    void MergeScanning(ReadOnlySpan<byte> piece, List<int> into)
    {
        // A vector more, so that the last ranks can be read as a whole.
        Span<int> ids = stackalloc int[piece.Length], merged = stackalloc int[piece.Length];
        Span<int> ranks = stackalloc int[piece.Length + Vector<int>.Count];
        int count = Symbols.Fill(piece, ids);
        // ranks[i], merged[i]: what the pair of i and i + 1 would become.
        ranks.Fill(int.MaxValue);
        for (int i = 0; i + 1 < count; i++)
            Rank(ids, ranks, merged, i);
        while (count > 1)
        {
            int best = LowestOf(ranks[..(count - 1 + Vector<int>.Count)]);
            if (best < 0)
                break;
            ids[best] = merged[best];
            count--;
            ids[(best + 2)..(count + 1)].CopyTo(ids[(best + 1)..]);
            ranks[(best + 1)..(count + 1)].CopyTo(ranks[best..]);
            merged[(best + 1)..count].CopyTo(merged[best..]);
            if (best + 1 < count)
                Rank(ids, ranks, merged, best);
            if (best > 0)
                Rank(ids, ranks, merged, best - 1);
        }
        into.AddRange(ids[..count]);
    }

    /// <summary>Where the first of the lowest ranks stands; -1 where all are the largest number.</summary>
    /// <param name="ranks">The ranks, and the largest number as often behind them as a vector has elements.</param>
    static int LowestOf(ReadOnlySpan<int> ranks)
    {
        Vector<int> lowest = new(int.MaxValue);
        for (int i = 0; i + Vector<int>.Count < ranks.Length; i += Vector<int>.Count)
            lowest = Vector.Min(lowest, new Vector<int>(ranks[i..]));
        int least = int.MaxValue;
        for (int i = 0; i < Vector<int>.Count; i++)
            least = Math.Min(least, lowest[i]);
        return least == int.MaxValue ? -1 : ranks.IndexOf(least);
    }

    void Rank(Span<int> ids, Span<int> ranks, Span<int> merged, int i) => table.TryGet(ids[i], ids[i + 1], out ranks[i], out merged[i]);

    /// <summary>A heap over a linked list: n symbols put at most n - 1 + 2 (n - 1) pairs on the heap.</summary>
    int MergeByHeap(ReadOnlySpan<byte> piece, Workspace space, List<int> into)
    {
        Span<int> id = space.Ids, next = space.Next, previous = space.Previous;
        PriorityQueue<int, long> heap = space.Heap;
        int pushed = 0;
        int count = Symbols.Fill(piece, id);
        for (int i = 0; i < count; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i + 1 < count; i++)
            pushed += Push(heap, id, i, i + 1);

        // Priority = rank, then position. An entry is stale when its pair is gone, which its rank no longer fitting shows.
        while (heap.TryDequeue(out int left, out long priority))
        {
            int right = id[left] < 0 ? count : next[left];
            if (right == count || !table.TryGet(id[left], id[right], out int rank, out int joined) || rank != (int)(priority >> 32))
                continue;
            id[left] = joined;
            id[right] = -1;
            next[left] = next[right];
            if (next[left] < count)
            {
                previous[next[left]] = left;
                pushed += Push(heap, id, left, next[left]);
            }
            if (previous[left] >= 0)
                pushed += Push(heap, id, previous[left], left);
        }

        for (int i = 0; i < count; i = next[i])
            into.Add(id[i]);
        return pushed;
    }

    int Push(PriorityQueue<int, long> heap, Span<int> id, int left, int right)
    {
        if (!table.TryGet(id[left], id[right], out int rank, out _))
            return 0;
        heap.Enqueue(left, (long)rank << 32 | (uint)left);
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
