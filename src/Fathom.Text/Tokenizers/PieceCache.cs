// Pieces of text that were encoded before.

using System.Buffers.Binary;

namespace Fathom.Text.Tokenizers;

/// <summary>
/// Remembers the ids of short pieces. Every piece has one place; a newer one takes it over, so the size is fixed and a text made of
/// colliding pieces is only as slow as one of new pieces. Entries never change and are published by one reference: safe for many threads
/// without locks.
/// </summary>
sealed class PieceCache
{
    /// <summary>Longest piece that is kept, in bytes.</summary>
    public const int LongestPiece = 48;

    const int Bits = 16;

    sealed class Entry(byte[] piece, int[] ids)
    {
        public readonly byte[] Piece = piece;
        public readonly int[] Ids = ids;
    }

    readonly Entry?[] entries = new Entry?[1 << Bits];

    /// <summary>The ids of a piece, or null; and its place.</summary>
    public int[]? Find(ReadOnlySpan<byte> piece, out int place)
    {
        place = PlaceOf(piece);
        return entries[place] is { } entry && piece.SequenceEqual(entry.Piece) ? entry.Ids : null;
    }

    /// <summary>Keeps the ids of a piece at its place.</summary>
    public void Keep(int place, ReadOnlySpan<byte> piece, ReadOnlySpan<int> ids) =>
        Volatile.Write(ref entries[place], new Entry(piece.ToArray(), ids.ToArray()));

    static int PlaceOf(ReadOnlySpan<byte> piece)
    {
        const ulong odd = 0x9E3779B97F4A7C15;
        ulong hash = (ulong)piece.Length * odd;
        for (; piece.Length >= 8; piece = piece[8..])
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(piece));
        if (piece.Length >= 4)
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt32LittleEndian(piece) ^ (ulong)BinaryPrimitives.ReadUInt32LittleEndian(piece[^4..]) << 32);
        else if (piece.Length > 0)
            hash = Mix(hash ^ piece[0] ^ (ulong)piece[piece.Length / 2] << 8 ^ (ulong)piece[^1] << 16);
        return (int)(hash >> 64 - Bits);

        static ulong Mix(ulong h)
        {
            h *= odd;
            return (h ^ h >> 32) * odd;
        }
    }
}
