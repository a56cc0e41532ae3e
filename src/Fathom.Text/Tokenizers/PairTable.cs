// The merges of a vocabulary as one flat table: the innermost look-up of BPE.

using System.Numerics;

namespace Fathom.Text.Tokenizers;

/// <summary>A pair of neighbouring token ids.</summary>
readonly record struct TokenPair(int Left, int Right);

/// <summary>From pairs of ids to what they become: open addressing over two arrays, at most half full.</summary>
sealed class PairTable
{
    const ulong Empty = ulong.MaxValue;

    // Key and value side by side, so that a look-up touches one line of the processor's cache.
    readonly (ulong Key, int Rank, int Id)[] slots;
    readonly int shift;

    /// <param name="pairs">The pairs; of equal ones the first holds.</param>
    /// <param name="ranks">Rank of each: the lowest is merged first.</param>
    /// <param name="ids">Id of the joined token of each.</param>
    public PairTable(IReadOnlyList<TokenPair> pairs, IReadOnlyList<int> ranks, IReadOnlyList<int> ids)
    {
        int bits = Math.Max(4, BitOperations.Log2((uint)pairs.Count) + 2);
        shift = 64 - bits;
        slots = new (ulong, int, int)[1 << bits];
        Array.Fill(slots, (Empty, int.MaxValue, -1));
        for (int i = 0; i < pairs.Count; i++)
        {
            ulong key = KeyOf(pairs[i].Left, pairs[i].Right);
            int slot = Slot(key);
            if (slots[slot].Key != key)
                slots[slot] = (key, ranks[i], ids[i]);
        }
    }

    /// <summary>Rank and id of what a pair becomes; the largest rank where it is not merged.</summary>
    public bool TryGet(int left, int right, out int rank, out int id)
    {
        (_, rank, id) = slots[Slot(KeyOf(left, right))];
        return id >= 0;
    }

    static ulong KeyOf(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    // Where the key is or would be. The keys come from the file, not from the text, and so does how long this takes.
    int Slot(ulong key)
    {
        int slot = (int)((key ^ key >> 29) * 0x9E3779B97F4A7C15 >> shift);
        while (slots[slot].Key != key && slots[slot].Key != Empty)
            slot = slot + 1 & slots.Length - 1;
        return slot;
    }
}
