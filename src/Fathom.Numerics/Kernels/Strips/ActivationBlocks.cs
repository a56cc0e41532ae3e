// Rows of activations as 8-bit codes with one scale per 256 columns and the sums that weights with an offset or a minimum need.
//
// One block of 256 columns of one row, 448 bytes:
//       0  codes          [256] signed bytes, -127 to 127
//     256  corrections    [8]   -128 times the sum of each 32 codes
//     288  corrections    [16]  -128 times the sum of each 16 codes
//     352  sums           [8]   16-bit sums of 32 codes
//     368  sums           [16]  16-bit sums of 16 codes
//     400  sums           [8]   sums of 32 codes as FP32
//     432  scale                FP32: value = scale x code
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>Quantises activations, once per row for all products that read it.</summary>
/// <remarks>A row's codes depend on that row alone. The same bits on every processor: one multiplication and one rounding to even.</remarks>
static unsafe class ActivationBlocks
{
    public const int Bytes = 448;
    public const int Corrections32 = 256, Corrections16 = 288, Sums32 = 352, Sums16 = 368, FloatSums32 = 400, Scale = 432;

    /// <summary>Blocks of a row.</summary>
    public static int Count(int columns) => (columns + StripFormat.BlockLength - 1) / StripFormat.BlockLength;

    /// <summary>Quantises <paramref name="rows"/> rows on the team.</summary>
    /// <param name="x">[rows, columns], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least <paramref name="columns"/>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">A multiple of 32.</param>
    /// <param name="destination">[rows, blocks] blocks.</param>
    public static void Quantize(float* x, int ldx, int rows, int columns, byte* destination)
    {
        int blocks = Count(columns);
        var action = new RowsAction { X = x, LdX = ldx, Columns = columns, Destination = destination, Blocks = blocks, Total = (long)rows * blocks };
        // A block costs about 100 ns: below some dozens the threads would cost more.
        ThreadTeam.Shared.Run((int)((action.Total + RowsAction.Share - 1) / RowsAction.Share), ref action);
    }

    struct RowsAction : IParallelAction
    {
        public const int Share = 64;

        public float* X;
        public byte* Destination;
        public int LdX, Columns, Blocks;
        public long Total;

        public readonly void Run(int part)
        {
            for (long at = (long)part * Share, end = Math.Min(at + Share, Total); at < end; at++)
            {
                (long row, long block) = Math.DivRem(at, Blocks);
                int first = (int)block * StripFormat.BlockLength;
                QuantizeBlock(X + row * LdX + first, Math.Min(StripFormat.BlockLength, Columns - first), Destination + at * Bytes);
            }
        }
    }

    /// <summary>Quantises one block.</summary>
    /// <param name="x">[count].</param>
    /// <param name="count">32 to 256, a multiple of 32; the rest counts as zero.</param>
    /// <param name="block">One block.</param>
    public static void QuantizeBlock(float* x, int count, byte* block)
    {
        Vector512<float> largest = Vector512<float>.Zero;
        // Max of IEEE 754 carries NaN on: a broken number makes the scale and so the results no numbers either.
        for (int i = 0; i < count; i += 16)
            largest = Vector512.Max(largest, Vector512.Abs(Vector512.Load(x + i)));
        float max = Max(largest);
        // Below that 127 / max would overflow; all codes are zero then.
        float inverse = max < 1e-35f ? 0 : 127 / max;
        *(float*)(block + Scale) = max < 1e-35f ? 0 : max / 127;
        Vector512<float> factor = Vector512.Create(inverse);
        for (int i = 0; i < count; i += 16)
            ToBytes(Vector512.ConvertToInt32Native(Vector512.Round(Vector512.Load(x + i) * factor))).Store((sbyte*)block + i);
        if (count < StripFormat.BlockLength)
        {
            new Span<byte>(block + count, StripFormat.BlockLength - count).Clear();
        }
        for (int half = 0; half < 2; half++)
            Sums(block, half);
    }

    // The sums of 128 codes' groups.
    static void Sums(byte* block, int half)
    {
        var codes = (sbyte*)block + 128 * half;
        // Sixteens of four segments: first[s] the lower, second[s] the upper sixteen of segment s.
        Vector128<int> first, second;
        if (Avx2.IsSupported)
        {
            Vector256<int> pairs = Avx2.HorizontalAdd(
                Avx2.HorizontalAdd(Fours(codes), Fours(codes + 32)), Avx2.HorizontalAdd(Fours(codes + 64), Fours(codes + 96)));
            (first, second) = (pairs.GetLower(), pairs.GetUpper());
        }
        else
        {
            int* sixteens = stackalloc int[8];
            for (int i = 0; i < 128; i++)
                sixteens[i / 16 % 2 * 4 + i / 32] += codes[i];
            (first, second) = (Vector128.Load(sixteens), Vector128.Load(sixteens + 4));
        }
        Vector128<int> both = first + second;
        (both * -128).Store((int*)(block + Corrections32) + 4 * half);
        Vector128.ConvertToSingle(both).Store((float*)(block + FloatSums32) + 4 * half);
        Vector128.Narrow(both, both).GetLower().Store((short*)(block + Sums32) + 4 * half);
        for (int s = 0; s < 4; s++)
        {
            ((int*)(block + Corrections16))[8 * half + 2 * s] = -128 * first[s];
            ((int*)(block + Corrections16))[8 * half + 2 * s + 1] = -128 * second[s];
            ((short*)(block + Sums16))[8 * half + 2 * s] = (short)first[s];
            ((short*)(block + Sums16))[8 * half + 2 * s + 1] = (short)second[s];
        }
    }

    // 32 codes summed by fours.
    static Vector256<int> Fours(sbyte* codes)
        => Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256<byte>.One, Vector256.Load(codes)), Vector256<short>.One);

    static float Max(Vector512<float> x)
    {
        Vector256<float> eight = Vector256.Max(x.GetLower(), x.GetUpper());
        Vector128<float> four = Vector128.Max(eight.GetLower(), eight.GetUpper());
        return MathF.Max(MathF.Max(four[0], four[1]), MathF.Max(four[2], four[3]));
    }

    static Vector128<sbyte> ToBytes(Vector512<int> codes)
    {
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector128SByte(codes);
        Vector256<int> low = codes.GetLower(), high = codes.GetUpper();
        return Vector128.Narrow(Vector128.Narrow(low.GetLower(), low.GetUpper()), Vector128.Narrow(high.GetLower(), high.GetUpper()));
    }
}
