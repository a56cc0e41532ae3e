// Widens a block's elements to FP32 in scratch: a panel as a panel, rows as rows padded with zeros to whole vectors.
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Kernels;

static unsafe class CacheTile<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>destination [width, 64] = a panel of <paramref name="type"/>, of which the first <paramref name="count"/> columns (rounded up to 16) are wanted.</summary>
    public static void WidenPanel(ElementType type, void* panel, float* scales, int width, int count, float* destination)
    {
        int columns = AttentionRow<TLanes>.Padded(count), stride = CacheLayout.BlockLength;
        for (int d = 0; d < width; d++, destination += stride)
        {
            if (type == ElementType.BF16)
            {
                ushort* row = (ushort*)panel + ((long)d * stride);
                for (int i = 0; i < columns; i += TLanes.Count)
                    TLanes.Load(row + i).Store(destination + i);
            }
            else
            {
                sbyte* row = (sbyte*)panel + ((long)d * stride);
                float* scale = scales + ((long)(d / CacheLayout.ScaleGroup) * stride);
                for (int i = 0; i < columns; i += TLanes.Count)
                    (TLanes.Load(row + i) * TLanes.Load(scale + i)).Store(destination + i);
            }
        }
    }

    /// <summary>destination [rows, padded width] = rows of <paramref name="type"/>, zero behind the width.</summary>
    /// <param name="type">Format of the elements.</param>
    /// <param name="elements">[rows, stored width].</param>
    /// <param name="scales">[rows, groups], 8 bit only.</param>
    /// <param name="groups">Scales of a row.</param>
    /// <param name="storedWidth">Elements of a row as stored.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="width">Elements wanted of each row.</param>
    /// <param name="destination">Result.</param>
    /// <param name="stride">Distance of its rows, at least the width padded to 16.</param>
    public static void WidenRows(ElementType type, void* elements, float* scales, int groups, int storedWidth, int rows, int width, float* destination, int stride)
    {
        int padded = AttentionRow<TLanes>.Padded(width);
        for (int r = 0; r < rows; r++, destination += stride)
        {
            switch (type)
            {
                case ElementType.F32:
                    AttentionRow<TLanes>.Copy((float*)elements + ((long)r * storedWidth), width, destination, padded);
                    break;
                case ElementType.BF16:
                    BFloat16Row((ushort*)elements + ((long)r * storedWidth), width, destination, padded);
                    break;
                default:
                    Int8Row((sbyte*)elements + ((long)r * storedWidth), scales + ((long)r * groups), width, destination, padded);
                    break;
            }
        }
    }

    static void BFloat16Row(ushort* row, int width, float* destination, int padded)
    {
        int i = 0;
        for (; i <= width - TLanes.Count; i += TLanes.Count)
            TLanes.Load(row + i).Store(destination + i);
        for (; i < width; i++)
            destination[i] = BFloat16.ToSingle(row[i]);
        for (; i < padded; i++)
            destination[i] = 0f;
    }

    static void Int8Row(sbyte* row, float* scales, int width, float* destination, int padded)
    {
        int i = 0;
        for (; i <= width - TLanes.Count; i += TLanes.Count)
            (TLanes.Load(row + i) * TLanes.Create(scales[i / CacheLayout.ScaleGroup])).Store(destination + i);
        for (; i < width; i++)
            destination[i] = row[i] * scales[i / CacheLayout.ScaleGroup];
        for (; i < padded; i++)
            destination[i] = 0f;
    }
}
