// A weight's rows 32 by 32 side by side, for fast products; made once, from the rows as the file has them.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Kernels.Strips;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Tensors;

/// <summary>The strips of one weight, in memory of their own; those of an FP8 weight are made from its rows at every product.</summary>
sealed unsafe class WeightStrips
{
    readonly Weight _weight;
    readonly byte* _data;
    readonly StripMemory? _memory;

    /// <summary>Packs a weight on the team.</summary>
    public WeightStrips(Weight weight)
    {
        _weight = weight;
        Count = (weight.Rows + StripFormat.Rows - 1) / StripFormat.Rows;
        if (weight.Type.IsBlock())
            Format = StripFormat.Of(weight.Type);
        StripBytes = StripBytesOf(weight.Type, weight.Columns);
        if (StripBytes == 0)
            return;
        _data = StripMemory.Take(checked(Count * StripBytes), out _memory);
        var action = new PackAction { Strips = this };
        ThreadTeam.Shared.Run(Count, ref action);
    }

    /// <summary>Bytes of all strips of a matrix.</summary>
    public static long BytesOf(ElementType type, int rows, int columns) => checked((rows + StripFormat.Rows - 1L) / StripFormat.Rows * StripBytesOf(type, columns));

    static long StripBytesOf(ElementType type, int columns) => type.IsBlock() ? StripFormat.Of(type).StripBytes(columns)
        : type == ElementType.BF16 ? (long)Bf16Kernel.Padded(columns) * sizeof(ushort) * StripFormat.Rows
        : 0;

    /// <summary>The number format.</summary>
    public ElementType Type => _weight.Type;

    /// <summary>A block type as strips have it.</summary>
    public StripFormat Format { get; }

    /// <summary>Features out.</summary>
    public int Rows => _weight.Rows;

    /// <summary>Features in.</summary>
    public int Columns => _weight.Columns;

    /// <summary>Number of strips.</summary>
    public int Count { get; }

    /// <summary>Bytes of a strip; 0 for FP8.</summary>
    public long StripBytes { get; }

    /// <summary>First byte of a strip.</summary>
    public byte* At(int strip) => _data + strip * StripBytes;

    /// <summary>Lines of BF16 pairs of a strip.</summary>
    /// <param name="strip">Which strip.</param>
    /// <param name="first">First column, a multiple of 32.</param>
    /// <param name="count">Columns, a multiple of 32; may reach into the zeros behind the last one.</param>
    /// <param name="panel">Scratch for lines that must be made.</param>
    public byte* Lines(int strip, int first, int count, ref AlignedBuffer panel)
    {
        if (Type == ElementType.BF16)
            return At(strip) + first / 2 * (nint)StripFormat.LineBytes;
        int lineBytes = count / 2 * StripFormat.LineBytes;
        byte* lines = panel.Grow((nuint)(lineBytes + Columns * sizeof(float) + count * sizeof(ushort)));
        float* row = (float*)(lines + lineBytes);
        var rounded = (ushort*)(row + Columns);
        new Span<byte>(lines, lineBytes).Clear();
        int columns = Math.Min(count, Columns - first);
        for (int r = 0; r < Math.Min(StripFormat.Rows, Rows - strip * StripFormat.Rows); r++)
        {
            _weight.Decode(strip * StripFormat.Rows + r, first, columns, row);
            BFloat16.FromSingle(row, rounded, columns);
            Interleave(rounded, columns, r, lines);
        }
        return lines;
    }

    // Pairs of columns of row r to their places in the lines.
    static void Interleave(ushort* row, int columns, int r, byte* lines)
    {
        var to = (uint*)lines + r;
        for (int pair = 0; pair < columns / 2; pair++)
            to[pair * StripFormat.Rows] = ((uint*)row)[pair];
        if (columns % 2 != 0)
            to[columns / 2 * StripFormat.Rows] = row[columns - 1];
    }

    struct PackAction : IParallelAction
    {
        public WeightStrips Strips;

        public readonly void Run(int strip)
        {
            Weight weight = Strips._weight;
            int first = strip * StripFormat.Rows, count = Math.Min(StripFormat.Rows, weight.Rows - first);
            byte* rows = weight.Data + first * weight.RowBytes;
            if (weight.Type != ElementType.BF16)
            {
                StripPacker.Pack(Strips.Format, rows, weight.RowBytes, count, weight.Columns, Strips.At(strip));
                return;
            }
            new Span<byte>(Strips.At(strip), checked((int)Strips.StripBytes)).Clear();
            for (int r = 0; r < count; r++)
                Interleave((ushort*)(rows + r * weight.RowBytes), weight.Columns, r, Strips.At(strip));
        }
    }
}
