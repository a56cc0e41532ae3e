// A weight matrix as its file stores it: FP32, BF16, FP16, FP8 with block factors or a block format. Layers do not know which.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.Strips;

namespace Fathom.Numerics.Tensors;

/// <summary>
/// A matrix [rows, columns] in any number format, rows without gaps. Its memory (a mapped file, or a <see cref="MemoryScope"/>) belongs to
/// somebody else and must outlive it.
/// </summary>
public sealed unsafe class Weight
{
    WeightStrips? _strips;

    /// <summary>An FP32 matrix, which training can change.</summary>
    /// <param name="values">[rows, columns].</param>
    public Weight(Tensor values)
    {
        (Values, Type, Rows, Columns) = (values, ElementType.F32, values.Rows, values.Columns);
        Data = (byte*)values.Data;
    }

    /// <summary>A matrix in memory, in the format <paramref name="type"/>.</summary>
    /// <param name="type">A format that <see cref="ElementDecoder"/> reads.</param>
    /// <param name="data">The first row; no alignment is asked for.</param>
    /// <param name="rows">Features out.</param>
    /// <param name="columns">Features in; whole blocks of <paramref name="type"/>.</param>
    /// <exception cref="ArgumentException">The columns are not whole blocks.</exception>
    public Weight(ElementType type, byte* data, int rows, int columns)
    {
        if (columns % type.BlockLength() != 0)
            throw new ArgumentException($"{columns} columns are not whole blocks of {type}, which hold {type.BlockLength()}", nameof(columns));
        (Type, Rows, Columns) = (type, rows, columns);
        Data = data;
        if (type == ElementType.F32)
        {
            Values = new Tensor();
            Values.Assign((float*)data, 2, rows, columns);
        }
    }

    /// <summary>An FP8 (E4M3) matrix with one FP32 factor per block (DeepSeek-V3 report, section 3.3.2): value = code x factor.</summary>
    /// <param name="data">Codes [rows, columns].</param>
    /// <param name="rows">Features out.</param>
    /// <param name="columns">Features in.</param>
    /// <param name="scales">[⌈rows / blockRows⌉, ⌈columns / blockColumns⌉], row-major.</param>
    /// <param name="blockRows">Rows of a block, 1 or more; the last may be partial.</param>
    /// <param name="blockColumns">Columns of a block, 1 or more; the last may be partial.</param>
    public Weight(byte* data, int rows, int columns, float* scales, int blockRows, int blockColumns)
        : this(ElementType.F8E4M3, data, rows, columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockColumns, 1);
        BlockScales = scales;
        (BlockRows, BlockColumns) = (blockRows, blockColumns);
    }

    /// <summary>The number format.</summary>
    public ElementType Type { get; }

    /// <summary>First byte of the first row.</summary>
    public byte* Data { get; }

    /// <summary>Features out.</summary>
    public int Rows { get; }

    /// <summary>Features in.</summary>
    public int Columns { get; }

    /// <summary>[⌈rows / block rows⌉, ⌈columns / block columns⌉] factors of an FP8 matrix, or null.</summary>
    public float* BlockScales { get; }

    /// <summary>Rows that share a factor; 0 without factors.</summary>
    public int BlockRows { get; }

    /// <summary>Columns that share a factor; 0 without factors.</summary>
    public int BlockColumns { get; }

    /// <summary>The matrix where it is FP32, or null.</summary>
    public Tensor? Values { get; }

    /// <summary>The FP32 matrix that training works on.</summary>
    /// <exception cref="InvalidOperationException">The matrix is stored in another format.</exception>
    public Tensor Trainable => Values ?? throw new InvalidOperationException($"A weight stored as {Type} cannot be trained; load the model in FP32.");

    /// <summary>
    /// Whether products may round activations (to 8 bits for block types, to BF16 for BF16 and FP8) and keep the weight with its rows
    /// interleaved, from the first product on: for a model that is run. Otherwise products decode the weight to FP32.
    /// </summary>
    public bool Interleaves { get; set; }

    /// <summary>The interleaved rows, made when first asked for; null where products decode.</summary>
    internal WeightStrips? Strips => _strips ?? (Interleaves && StripMatMul.Has(Type) ? MakeStrips() : null);

    /// <summary>Called once the rows have been interleaved: from then on products do not read <see cref="Data"/>, unless it is FP8.</summary>
    public Action<Weight>? Interleaved { get; set; }

    WeightStrips MakeStrips()
    {
        _strips = new WeightStrips(this);
        if (_strips.StripBytes > 0)
            Interleaved?.Invoke(this);
        return _strips;
    }

    /// <summary>Bytes that the interleaved rows of a matrix take; 0 where there are none, or where they are made anew at every product.</summary>
    /// <param name="type">The number format.</param>
    /// <param name="rows">Features out.</param>
    /// <param name="columns">Features in.</param>
    public static long InterleavedBytes(ElementType type, int rows, int columns) => WeightStrips.BytesOf(type, rows, columns);

    /// <summary>Makes the interleaved rows now instead of at the first product.</summary>
    public void Interleave() => _ = Strips;

    /// <summary>Bytes from one row to the next.</summary>
    public long RowBytes => Type.ByteLength(Columns);

    /// <summary>Bytes of the matrix, its block factors included.</summary>
    public long ByteLength => checked(RowBytes * Rows + (BlockScales is null ? 0 : (long)sizeof(float) * Float8Blocks.Count(Rows, BlockRows) * Float8Blocks.Count(Columns, BlockColumns)));

    /// <summary>Decodes rows to FP32.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">[count, columns], without gaps.</param>
    public void Decode(int first, int count, float* destination)
    {
        byte* rows = Data + first * RowBytes;
        if (BlockScales is null)
        {
            ElementDecoder.ToSingle(Type, rows, destination, (long)count * Columns);
            return;
        }
        // Row of blocks by row of blocks.
        int blocks = Float8Blocks.Count(Columns, BlockColumns);
        for (int row = first, end = first + count; row < end;)
        {
            int block = row / BlockRows, height = Math.Min((block + 1) * BlockRows, end) - row;
            long at = (long)(row - first) * Columns;
            Float8Blocks.Dequantize(rows + at, BlockScales + (long)block * blocks, destination + at, height, Columns, BlockColumns);
            row += height;
        }
    }

    /// <summary>Decodes a part of one row of an FP8 matrix.</summary>
    /// <param name="row">The row.</param>
    /// <param name="first">First column.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">[count].</param>
    internal void Decode(int row, int first, int count, float* destination)
    {
        byte* codes = Data + row * RowBytes;
        if (BlockScales is null)
        {
            ElementDecoder.ToSingle(Type, codes + first, destination, count);
            return;
        }
        float* scales = BlockScales + (long)(row / BlockRows) * Float8Blocks.Count(Columns, BlockColumns);
        for (int column = first, end = first + count; column < end;)
        {
            int block = column / BlockColumns, width = Math.Min((block + 1) * BlockColumns, end) - column;
            Float8.FromE4M3(codes + column, destination + (column - first), width, scales[block]);
            column += width;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type} [{Rows}, {Columns}]";
}
