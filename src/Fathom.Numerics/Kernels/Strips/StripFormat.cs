// How weights of each block type lie in strips: 32 rows side by side, so that a vector's lanes are rows and loads are sequential.
//
// A strip is the 32 rows' columns in segments of 32; 8 segments are a block (the last block of a row may have fewer).
// A block begins with a header where the type has scales of scales (the K types, IQ4_XS):
//     d [32] binary16, then dmin [32] binary16 where it has minima
// and each segment is
//     scales:  [32] binary16 (float scales), or [32 / group][32] bytes (integer scales)
//     minima:  the same, where the type has minima
//     codes:   low plane, then high plane
// A quad is 4 columns of one row, a line a quad of all 32 rows: 128 bytes [row][column]. The planes of a segment's 8 quads:
//     8 bits: 8 lines.   4 bits: 4 lines, line j holds quad j in its lower and quad j + 4 in its upper nibbles.
//     2 bits: 2 lines, line j holds quads j, j + 2, j + 4, j + 6 from the lowest bits up.   1 bit: 1 line, bit i is quad i.
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>What a block type is made of, seen from the product.</summary>
/// <param name="Type">The block type.</param>
/// <param name="GroupLength">Columns that share a scale: 16 or 32.</param>
/// <param name="IntegerScales">Scales are whole numbers under one factor per 256 columns; otherwise each is a binary16.</param>
/// <param name="HasMinima">Codes count from zero and a minimum is added; otherwise they are signed.</param>
/// <param name="LowBits">Bits of a code in the low plane: 2, 4 or 8.</param>
/// <param name="HighBits">Bits of a code in the high plane: 0, 1 or 2.</param>
readonly record struct StripFormat(ElementType Type, int GroupLength, bool IntegerScales, bool HasMinima, int LowBits, int HighBits)
{
    /// <summary>Rows of a strip.</summary>
    public const int Rows = 32;

    /// <summary>Columns of a segment.</summary>
    public const int SegmentLength = 32;

    /// <summary>Columns of a block: the unit of the activations' scales.</summary>
    public const int BlockLength = 256;

    /// <summary>Segments of a whole block.</summary>
    public const int SegmentsPerBlock = BlockLength / SegmentLength;

    /// <summary>Bytes of a line: 4 columns of 32 rows.</summary>
    public const int LineBytes = 4 * Rows;

    /// <summary>Forms that panels can have: <see cref="Form"/> is below.</summary>
    public const int Forms = 8;

    /// <summary>The format of a block type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a block type.</exception>
    public static StripFormat Of(ElementType type) => type switch
    {
        ElementType.Q8_0 => new(type, 32, false, false, 8, 0),
        ElementType.Q4_0 or ElementType.IQ4_NL or ElementType.MXFP4 => new(type, 32, false, false, 4, 0),
        ElementType.Q4_1 => new(type, 32, false, true, 4, 0),
        ElementType.Q5_0 => new(type, 32, false, false, 4, 1),
        ElementType.Q5_1 => new(type, 32, false, true, 4, 1),
        ElementType.Q2_K => new(type, 16, true, true, 2, 0),
        ElementType.Q3_K => new(type, 16, true, false, 2, 1),
        ElementType.Q4_K => new(type, 32, true, true, 4, 0),
        ElementType.Q5_K => new(type, 32, true, true, 4, 1),
        ElementType.Q6_K => new(type, 16, true, false, 4, 2),
        ElementType.IQ4_XS => new(type, 32, true, false, 4, 0),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a block type"),
    };

    /// <summary>All that a product over panels has to know, whatever planes the codes came from.</summary>
    public int Form => (IntegerScales ? 4 : 0) | (HasMinima ? 2 : 0) | (GroupsPerSegment - 1);

    /// <summary>A format of that <see cref="Form"/>, for panels only.</summary>
    public static StripFormat OfForm(int form) => new(default, (form & 1) == 0 ? 32 : 16, (form & 4) != 0, (form & 2) != 0, 0, 0);

    /// <summary>Groups in a segment: 1 or 2.</summary>
    public int GroupsPerSegment => SegmentLength / GroupLength;

    /// <summary>Bytes of a block's header in a strip.</summary>
    public int HeaderBytes => !IntegerScales ? 0 : HasMinima ? 4 * Rows : 2 * Rows;

    /// <summary>Bytes of a segment's scales, and of its minima if it has them.</summary>
    public int ScaleBytes => IntegerScales ? GroupsPerSegment * Rows : 2 * Rows;

    /// <summary>Where a segment's codes begin.</summary>
    public int CodesOffset => HasMinima ? 2 * ScaleBytes : ScaleBytes;

    /// <summary>Bytes of a segment in a strip.</summary>
    public int SegmentBytes => CodesOffset + (LowBits + HighBits) * LineBytes;

    /// <summary>Bytes of a whole block in a strip.</summary>
    public int BlockBytes => HeaderBytes + SegmentsPerBlock * SegmentBytes;

    /// <summary>Bytes of a strip.</summary>
    /// <param name="columns">A multiple of 32; of 256 with integer scales.</param>
    public long StripBytes(int columns)
    {
        int segments = columns / SegmentLength, blocks = (segments + SegmentsPerBlock - 1) / SegmentsPerBlock;
        return (long)blocks * HeaderBytes + (long)segments * SegmentBytes;
    }

    /// <summary>
    /// Bytes of a block's head in a panel, the form that products read. Integer scales: d [32] and, with minima, dmin [32] and
    /// the minima in pairs of groups [pairs][32][2] as 16-bit numbers. Otherwise none.
    /// </summary>
    public int PanelHeaderBytes => !IntegerScales ? 0 : LineBytes * (HasMinima ? 2 + BlockLength / GroupLength / 2 : 1);

    /// <summary>Bytes before a segment's codes in a panel: scales as FP32 or 32-bit integers [groups][32], with float scales the minima too.</summary>
    public int PanelScaleBytes => IntegerScales ? GroupsPerSegment * LineBytes : HasMinima ? 2 * LineBytes : LineBytes;

    /// <summary>Bytes of a segment in a panel: scales, then 8 lines of bytes.</summary>
    public int PanelSegmentBytes => PanelScaleBytes + SegmentsPerBlock * LineBytes;

    /// <summary>Bytes of a whole block in a panel.</summary>
    public int PanelBlockBytes => PanelHeaderBytes + SegmentsPerBlock * PanelSegmentBytes;

    /// <summary>What is added to a code as stored so that panels hold the signed code plus 128. Types with tables have none.</summary>
    public byte Bias => Type switch
    {
        ElementType.Q8_0 => 128,
        ElementType.Q4_0 => 128 - 8,
        ElementType.Q5_0 => 128 - 16,
        ElementType.Q6_K => 128 - 32,
        ElementType.Q3_K => 128 - 4,
        _ => 0,
    };

    /// <summary>The signed codes that the stored ones stand for, or none.</summary>
    public ReadOnlySpan<sbyte> Steps => Type switch
    {
        ElementType.IQ4_NL or ElementType.IQ4_XS => BlockLayout.Iq4Steps,
        ElementType.MXFP4 => BlockLayout.E2M1Doubled,
        _ => [],
    };
}
