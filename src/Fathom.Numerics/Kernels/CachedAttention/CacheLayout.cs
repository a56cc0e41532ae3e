// How one layer's share of a cache block is laid out: 64 tokens, the unit in which a paged cache is handed out.
// Per key-value head there lie, each part at a multiple of 64 bytes: keys, their scales (8 bit only), values, their scales.
//
//   grouped-query   keys   [width, 64]  a panel: lanes run over tokens, so scores need no folding
//                   values [64, width]  rows: lanes run over the value, which the weighted sum wants
//   latent          keys   [64, rank + rope]  rows; their first rank columns are the values, so nothing is stored twice
//
// 8 bit: code times the FP32 scale of its group of 32 columns in one token's row; panel scales [groups, 64], row scales [64, groups].
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Kernels;

/// <summary>The layout of 64 tokens' keys and values in one layer of a paged cache.</summary>
public readonly record struct CacheLayout
{
    /// <summary>Tokens per block.</summary>
    public const int BlockLength = 64;

    /// <summary>Columns of a row that share an 8-bit scale.</summary>
    public const int ScaleGroup = 32;

    CacheLayout(ElementType type, int headCount, int keyWidth, int valueWidth, bool isLatent)
    {
        if (type is not (ElementType.F32 or ElementType.BF16 or ElementType.I8))
            throw new ArgumentException($"A cache of attention rows cannot be kept in {type}; allowed are F32, BF16 and I8.", nameof(type));
        (Type, HeadCount, KeyWidth, ValueWidth, IsLatent) = (type, headCount, keyWidth, valueWidth, isLatent);
    }

    /// <summary>Keys and values per head.</summary>
    /// <param name="type">F32, BF16 or I8.</param>
    /// <param name="headCount">Key-value heads.</param>
    /// <param name="keyWidth">Width of a key.</param>
    /// <param name="valueWidth">Width of a value.</param>
    /// <exception cref="ArgumentException">Rows cannot be kept in <paramref name="type"/>.</exception>
    public static CacheLayout Grouped(ElementType type, int headCount, int keyWidth, int valueWidth) => new(type, headCount, keyWidth, valueWidth, isLatent: false);

    /// <summary>One row for all heads: a latent that is key and value, and a rotary key.</summary>
    /// <param name="type">F32, BF16 or I8.</param>
    /// <param name="kvLoraRank">Width of the latent.</param>
    /// <param name="ropeDim">Width of the rotary key.</param>
    /// <exception cref="ArgumentException">Rows cannot be kept in <paramref name="type"/>.</exception>
    public static CacheLayout Latent(ElementType type, int kvLoraRank, int ropeDim) => new(type, 1, kvLoraRank + ropeDim, kvLoraRank, isLatent: true);

    /// <summary>Format of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>Key-value heads; 1 for latents.</summary>
    public int HeadCount { get; }

    /// <summary>Width of a key; of latent and rotary key together.</summary>
    public int KeyWidth { get; }

    /// <summary>Width of a value; of the latent.</summary>
    public int ValueWidth { get; }

    /// <summary>Whether values are the front of the keys.</summary>
    public bool IsLatent { get; }

    /// <summary>Bytes of the block; a multiple of 64.</summary>
    public long Bytes => checked(HeadCount * HeadBytes);

    /// <summary>Bytes that a token takes.</summary>
    public long BytesPerToken => Bytes / BlockLength;

    internal int KeyScales => Type == ElementType.I8 ? Groups(KeyWidth) : 0;

    internal int ValueScales => Type == ElementType.I8 && !IsLatent ? Groups(ValueWidth) : 0;

    long KeyBytes => (long)BlockLength * KeyWidth * Type.ByteSize();

    long HeadBytes => ValueScalesInHead + ((long)BlockLength * ValueScales * sizeof(float));

    long ValuesInHead => KeyBytes + ((long)BlockLength * KeyScales * sizeof(float));

    long ValueScalesInHead => ValuesInHead + (IsLatent ? 0 : (long)BlockLength * ValueWidth * Type.ByteSize());

    internal long KeysAt(int head) => head * HeadBytes;

    internal long KeyScalesAt(int head) => (head * HeadBytes) + KeyBytes;

    internal long ValuesAt(int head) => (head * HeadBytes) + (IsLatent ? 0 : ValuesInHead);

    internal long ValueScalesAt(int head) => (head * HeadBytes) + ValueScalesInHead;

    static int Groups(int width) => (width + ScaleGroup - 1) / ScaleGroup;
}
