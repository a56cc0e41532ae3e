// Turns rows of keys or values into panels whose lanes run over tokens: 4 columns of 8 or 16 rows at a time.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels;

static unsafe class Transposition
{
    /// <summary>
    /// destination[d * rowLength + i] = source[i * stride + d]. Writes whole vectors of places i; those behind the last row repeat it.
    /// </summary>
    public static void Run<TLanes>(float* source, int stride, int rows, int columns, float* destination, int rowLength)
        where TLanes : struct, ILanes<TLanes>
    {
        int step = TLanes.Count, whole = TLanes.Count == 1 ? 0 : columns & ~3;
        for (int i = 0; i < rows; i += step)
        {
            if (TLanes.Count == 16)
                Columns16(source, stride, i, rows - 1, whole, destination + i, rowLength);
            else if (TLanes.Count == 8)
                Columns8(source, stride, i, rows - 1, whole, destination + i, rowLength);
            for (int d = whole; d < columns; d++)
            {
                for (int j = i; j < i + step; j++)
                    destination[((nint)d * rowLength) + j] = source[((nint)Math.Min(j, rows - 1) * stride) + d];
            }
        }
    }

    static void Columns16(float* source, int stride, int first, int last, int columns, float* destination, int rowLength)
    {
        float** rows = stackalloc float*[16];
        for (int i = 0; i < 16; i++)
            rows[i] = source + ((nint)Math.Min(first + i, last) * stride);
        for (int d = 0; d < columns; d += 4, destination += 4 * (nint)rowLength)
        {
            // Quarter k of a holds four columns of row 4k, of b of row 4k + 1, and so on.
            Vector512<float> a = Quarters(rows, d), b = Quarters(rows + 1, d), c = Quarters(rows + 2, d), e = Quarters(rows + 3, d);
            Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble(), ce = Avx512F.UnpackLow(c, e).AsDouble();
            Avx512F.UnpackLow(ab, ce).AsSingle().Store(destination);
            Avx512F.UnpackHigh(ab, ce).AsSingle().Store(destination + rowLength);
            ab = Avx512F.UnpackHigh(a, b).AsDouble();
            ce = Avx512F.UnpackHigh(c, e).AsDouble();
            Avx512F.UnpackLow(ab, ce).AsSingle().Store(destination + (2 * (nint)rowLength));
            Avx512F.UnpackHigh(ab, ce).AsSingle().Store(destination + (3 * (nint)rowLength));
        }

        // Inserting from memory leaves the one shuffle port to the unpacking.
        static Vector512<float> Quarters(float** rows, int d)
        {
            Vector512<float> v = Vector128.Load(rows[0] + d).ToVector256Unsafe().ToVector512Unsafe();
            v = Avx512F.InsertVector128(v, Vector128.Load(rows[4] + d), 1);
            v = Avx512F.InsertVector128(v, Vector128.Load(rows[8] + d), 2);
            return Avx512F.InsertVector128(v, Vector128.Load(rows[12] + d), 3);
        }
    }

    static void Columns8(float* source, int stride, int first, int last, int columns, float* destination, int rowLength)
    {
        float** rows = stackalloc float*[8];
        for (int i = 0; i < 8; i++)
            rows[i] = source + ((nint)Math.Min(first + i, last) * stride);
        for (int d = 0; d < columns; d += 4, destination += 4 * (nint)rowLength)
        {
            Vector256<float> a = Halves(rows, d), b = Halves(rows + 1, d), c = Halves(rows + 2, d), e = Halves(rows + 3, d);
            Vector256<double> ab = Avx.UnpackLow(a, b).AsDouble(), ce = Avx.UnpackLow(c, e).AsDouble();
            Avx.UnpackLow(ab, ce).AsSingle().Store(destination);
            Avx.UnpackHigh(ab, ce).AsSingle().Store(destination + rowLength);
            ab = Avx.UnpackHigh(a, b).AsDouble();
            ce = Avx.UnpackHigh(c, e).AsDouble();
            Avx.UnpackLow(ab, ce).AsSingle().Store(destination + (2 * (nint)rowLength));
            Avx.UnpackHigh(ab, ce).AsSingle().Store(destination + (3 * (nint)rowLength));
        }

        static Vector256<float> Halves(float** rows, int d) => Vector256.Create(Vector128.Load(rows[0] + d), Vector128.Load(rows[4] + d));
    }
}
