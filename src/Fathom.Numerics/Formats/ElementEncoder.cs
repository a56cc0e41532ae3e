// Binary32 to any format this project writes: the contract, plain types, and the division of work over threads. Block types are in
// ElementEncoder.Blocks.cs, the search for their scales in GroupFit.cs.
using System.Runtime.InteropServices;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Formats;

/// <summary>
/// Encodes binary32 as F32, F16, BF16, F8_E4M3, F8_E5M2 (rounded to nearest, ties to even) or as a block type, whose scales are searched
/// so that the weighted sum of squared errors is small. The codes do not depend on the number of threads.
/// </summary>
public static unsafe partial class ElementEncoder
{
    // Blocks that a part of the work takes at a time: 16 groups fill the lanes, and 64 KiB of input are worth a hand-over.
    const int PartElements = 1 << 14;

    /// <summary>Whether <see cref="FromSingle"/> writes the type.</summary>
    public static bool Writes(ElementType type) => type is ElementType.F32 or ElementType.F16 or ElementType.BF16 or ElementType.F8E4M3 or ElementType.F8E5M2
        or ElementType.Q8_0 or ElementType.Q5_0 or ElementType.Q4_0 or ElementType.Q4_K or ElementType.Q5_K or ElementType.Q6_K;

    /// <summary>Encodes on the shared thread team.</summary>
    /// <param name="type">A type that <see cref="Writes"/>.</param>
    /// <param name="source">[count] numbers; what is not finite has no meaning in a block type.</param>
    /// <param name="destination">Room for <see cref="ElementTypes.ByteLength"/>(count) bytes.</param>
    /// <param name="count">A multiple of the type's block length.</param>
    /// <param name="importance">[columns] weight of the squared error of each column, 0 or more; null: all the same.</param>
    /// <param name="columns">Length of a row, a divisor of <paramref name="count"/>; used with <paramref name="importance"/> only.</param>
    /// <exception cref="ArgumentException">The count is no whole number of blocks, or the columns are none or no divisor of it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is not written.</exception>
    public static void FromSingle(ElementType type, float* source, byte* destination, long count, float* importance = null, long columns = 0)
    {
        if (!Writes(type))
            throw new ArgumentOutOfRangeException(nameof(type), type, "not a type that is written");
        _ = type.ByteLength(count);
        if (importance != null && (columns < 1 || count % columns != 0 || columns % type.BlockLength() != 0))
            throw new ArgumentException($"rows of {columns} do not divide {count} elements in whole blocks", nameof(columns));
        float* weights = null;
        try
        {
            if (importance != null && type.IsBlock())
                weights = Floored(importance, columns);
            var action = new EncodeParts { Type = type, Source = source, Destination = destination, Count = count, Importance = weights, Columns = columns };
            ThreadTeam.Shared.Run(checked((int)((count + PartElements - 1) / PartElements)), ref action);
        }
        finally
        {
            NativeMemory.Free(weights);
        }
    }

    // A column that never was excited still keeps a little weight; null where none was.
    static float* Floored(float* importance, long columns)
    {
        double sum = 0;
        for (long i = 0; i < columns; i++)
            sum += importance[i];
        if (!(sum > 0) || double.IsInfinity(sum))
            return null;
        var weights = (float*)NativeMemory.Alloc((nuint)columns, sizeof(float));
        // Scaled to a mean of 1, so that sums of products stay in range.
        double mean = sum / columns;
        for (long i = 0; i < columns; i++)
            weights[i] = MathF.Max((float)(importance[i] / mean), LeastImportance);
        return weights;
    }

    struct EncodeParts : IParallelAction
    {
        public ElementType Type;
        public float* Source, Importance;
        public byte* Destination;
        public long Count, Columns;

        public readonly void Run(int part)
        {
            long first = (long)part * PartElements, count = Math.Min(PartElements, Count - first);
            float* from = Source + first;
            byte* to = Destination + Type.ByteLength(first);
            switch (Type)
            {
                case ElementType.F32:
                    Buffer.MemoryCopy(from, to, count * sizeof(float), count * sizeof(float));
                    break;
                case ElementType.F16:
                    Float16.FromSingle(from, (ushort*)to, count);
                    break;
                case ElementType.BF16:
                    BFloat16.FromSingle(from, (ushort*)to, count);
                    break;
                case ElementType.F8E4M3:
                    Float8.ToE4M3(from, to, count);
                    break;
                case ElementType.F8E5M2:
                    Float8.ToE5M2(from, to, count);
                    break;
                default:
                    EncodeBlocks(Type, from, to, count, Importance, Columns, first);
                    break;
            }
        }
    }
}
