// Tensors of a stored model, decoded and encoded again as they are written: a few megabytes at a time, on all threads, never a whole model.
using System.Runtime.Intrinsics;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Models.Checkpoints;

/// <summary>Gives rows of a matrix as FP32; called from several threads at once.</summary>
/// <param name="first">The first row.</param>
/// <param name="count">How many.</param>
/// <param name="destination">[count, columns], without gaps.</param>
public unsafe delegate void RowReader(int first, int count, float* destination);

/// <summary>What writing a tensor in another format lost.</summary>
/// <param name="Name">Its name in the file written.</param>
/// <param name="Type">The format.</param>
/// <param name="Elements">Number of elements.</param>
/// <param name="Bytes">Bytes written.</param>
/// <param name="SquaredError">Sum of the squared differences.</param>
/// <param name="SquaredSum">Sum of the squares before.</param>
public sealed record EncodingError(string Name, ElementType Type, long Elements, long Bytes, double SquaredError, double SquaredSum)
{
    /// <summary>Root mean square of the differences, as a share of the numbers' own (0 where all are 0).</summary>
    public double Relative => SquaredSum == 0 ? 0 : Math.Sqrt(SquaredError / SquaredSum);
}

/// <summary>Rows that become part of a tensor.</summary>
/// <param name="Rows">How many.</param>
/// <param name="Read">Where they come from.</param>
/// <param name="Same">The matrix whose rows these are, one by one, or null where they are moved or computed; its bytes are copied where the format stays.</param>
/// <param name="Importance">[columns] weights of the squared errors, or null.</param>
public sealed record EncodedRows(int Rows, RowReader Read, Weight? Same = null, float[]? Importance = null)
{
    /// <summary>All rows of a matrix.</summary>
    public static unsafe EncodedRows Of(Weight weight, float[]? importance = null) => new(weight.Rows, weight.Decode, weight, importance);
}

/// <summary>Makes <see cref="TensorSource"/>s that encode.</summary>
public static unsafe class TensorEncoder
{
    // Elements held as FP32 at a time, and those that one thread takes: results do not depend on either.
    const int ChunkElements = 1 << 22, PartElements = 1 << 16;

    /// <summary>A tensor made of rows, in the format <paramref name="type"/>.</summary>
    /// <param name="name">Name in the file.</param>
    /// <param name="type">A format that <see cref="ElementEncoder"/> writes, or that of all rows' matrices.</param>
    /// <param name="shape">Sizes, outermost first; the last is the length of a row, the others' product the rows of all parts. A vector has rows of one element.</param>
    /// <param name="parts">The rows, in order.</param>
    /// <param name="report">Told what was lost, after the tensor is written; null: nobody asks.</param>
    public static TensorSource Source(string name, ElementType type, long[] shape, IReadOnlyList<EncodedRows> parts, Action<EncodingError>? report = null)
    {
        int columns = shape.Length < 2 ? 1 : checked((int)shape[^1]);
        return new TensorSource(name, type, shape, stream =>
        {
            double error = 0, sum = 0;
            foreach (EncodedRows part in parts)
            {
                if (part.Same is { } weight && weight.Type == type)
                    CopyBytes(stream, weight);
                else
                    Encode(stream, name, type, part, columns, report is not null, ref error, ref sum);
            }
            long elements = shape.Aggregate(1L, (product, size) => product * size);
            report?.Invoke(new EncodingError(name, type, elements, type.ByteLength(elements), error, sum));
        });
    }

    /// <summary>A matrix as FP8 (E4M3) codes and, under the name with <c>_scale_inv</c>, the FP32 factors of its blocks.</summary>
    /// <param name="name">Name of the matrix.</param>
    /// <param name="rows">The matrix.</param>
    /// <param name="columns">Length of a row.</param>
    /// <param name="blockRows">Rows of a block.</param>
    /// <param name="blockColumns">Columns of a block.</param>
    public static IEnumerable<TensorSource> Float8Sources(string name, EncodedRows rows, int columns, int blockRows, int blockColumns)
    {
        yield return new TensorSource(name, ElementType.F8E4M3, [rows.Rows, columns], stream => QuantizeBlocks(stream, rows, columns, blockRows, blockColumns, codes: true));
        yield return new TensorSource(
            name + TensorNames.ScaleSuffix, ElementType.F32, [Float8Blocks.Count(rows.Rows, blockRows), Float8Blocks.Count(columns, blockColumns)],
            stream => QuantizeBlocks(stream, rows, columns, blockRows, blockColumns, codes: false));
    }

    static void CopyBytes(Stream stream, Weight weight)
    {
        // Of an FP8 matrix the codes only; its factors are a tensor of their own.
        for (long at = 0, all = weight.RowBytes * weight.Rows; at < all;)
        {
            int bytes = (int)Math.Min(all - at, 1 << 24);
            stream.Write(new ReadOnlySpan<byte>(weight.Data + at, bytes));
            at += bytes;
        }
    }

    static void Encode(Stream stream, string name, ElementType type, EncodedRows part, int columns, bool measure, ref double error, ref double sum)
    {
        int rowsAtOnce = Math.Max(1, ChunkElements / Math.Max(columns, 1));
        using var scope = new MemoryScope();
        long most = Math.Min(rowsAtOnce, part.Rows) * (long)columns;
        float* values = scope.Rent<float>(most), back = measure ? scope.Rent<float>(most) : null;
        byte* bytes = scope.Rent<byte>(type.ByteLength(most));
        fixed (float* importance = part.Importance)
        {
            for (int first = 0; first < part.Rows; first += rowsAtOnce)
            {
                int rows = Math.Min(rowsAtOnce, part.Rows - first), rowsPerPart = Math.Max(1, PartElements / Math.Max(columns, 1)), parts = (rows - 1) / rowsPerPart + 1;
                var errors = new double[parts];
                var sums = new double[parts];
                var action = new EncodeRows
                {
                    Type = type,
                    Read = part.Read,
                    First = first,
                    Rows = rows,
                    RowsPerPart = rowsPerPart,
                    Columns = columns,
                    Values = values,
                    Back = back,
                    Bytes = bytes,
                    Importance = importance,
                    Errors = errors,
                    Sums = sums,
                };
                ThreadTeam.Shared.Run(parts, ref action);
                error += errors.Sum();
                double here = sums.Sum();
                sum += here;
                if (!double.IsFinite(here) && (type.IsBlock() || type == ElementType.F8E4M3))
                    throw new CheckpointException(name, name, "numbers that are not finite", $"finite ones: {type} has no others");
                stream.Write(new ReadOnlySpan<byte>(bytes, checked((int)type.ByteLength((long)rows * columns))));
            }
        }
    }

    static void QuantizeBlocks(Stream stream, EncodedRows part, int columns, int blockRows, int blockColumns, bool codes)
    {
        int across = Float8Blocks.Count(columns, blockColumns), heights = Math.Max(1, ChunkElements / Math.Max(1, columns * blockRows));
        using var scope = new MemoryScope();
        long most = (long)heights * blockRows * columns;
        float* values = scope.Rent<float>(most), scales = scope.Rent<float>((long)heights * across);
        byte* bytes = scope.Rent<byte>(most);
        for (int first = 0; first < part.Rows; first += heights * blockRows)
        {
            int rows = Math.Min(heights * blockRows, part.Rows - first), blocks = Float8Blocks.Count(rows, blockRows);
            var action = new QuantizeBlockRows
            {
                Read = part.Read,
                First = first,
                Rows = rows,
                Columns = columns,
                BlockRows = blockRows,
                BlockColumns = blockColumns,
                Values = values,
                Scales = scales,
                Codes = bytes,
                Across = across,
            };
            ThreadTeam.Shared.Run(blocks, ref action);
            stream.Write(codes ? new ReadOnlySpan<byte>(bytes, checked(rows * columns)) : new ReadOnlySpan<byte>(scales, checked(blocks * across * sizeof(float))));
        }
    }

    struct EncodeRows : IParallelAction
    {
        public ElementType Type;
        public RowReader Read;
        public int First, Rows, RowsPerPart, Columns;
        public float* Values, Back, Importance;
        public byte* Bytes;
        public double[] Errors, Sums;

        public readonly void Run(int part)
        {
            int first = part * RowsPerPart, rows = Math.Min(RowsPerPart, Rows - first);
            long at = (long)first * Columns, count = (long)rows * Columns;
            float* values = Values + at;
            byte* bytes = Bytes + Type.ByteLength(at);
            Read(First + first, rows, values);
            ElementEncoder.FromSingle(Type, values, bytes, count, Importance, Importance == null ? 0 : Columns);
            Sums[part] = SquaredDistance(values, null, count);
            if (Back == null)
                return;
            ElementDecoder.ToSingle(Type, bytes, Back + at, count);
            Errors[part] = SquaredDistance(values, Back + at, count);
        }

        // Sum of (a - b)², of a² where b is null; always in the same order.
        static double SquaredDistance(float* a, float* b, long count)
        {
            Vector512<double> low = Vector512<double>.Zero, high = Vector512<double>.Zero;
            long i = 0;
            for (; i <= count - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var (first, second) = Vector512.Widen(Vector512.Load(a + i));
                if (b != null)
                {
                    var (otherFirst, otherSecond) = Vector512.Widen(Vector512.Load(b + i));
                    (first, second) = (first - otherFirst, second - otherSecond);
                }
                low = Vector512.FusedMultiplyAdd(first, first, low);
                high = Vector512.FusedMultiplyAdd(second, second, high);
            }
            double sum = Vector512.Sum(low + high);
            for (; i < count; i++)
            {
                double distance = b == null ? a[i] : (double)a[i] - b[i];
                sum += distance * distance;
            }
            return sum;
        }
    }

    struct QuantizeBlockRows : IParallelAction
    {
        public RowReader Read;
        public int First, Rows, Columns, BlockRows, BlockColumns, Across;
        public float* Values, Scales;
        public byte* Codes;

        public readonly void Run(int part)
        {
            int first = part * BlockRows, rows = Math.Min(BlockRows, Rows - first);
            long at = (long)first * Columns;
            Read(First + first, rows, Values + at);
            Float8Blocks.QuantizeBlocks(Values + at, Codes + at, Scales + (long)part * Across, rows, Columns, BlockColumns);
        }
    }
}
