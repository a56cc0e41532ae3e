// Eight floats at a time; row sums in two registers, which together are the 16 lanes.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fathom.Numerics.Kernels;

/// <summary>256-bit vectors.</summary>
readonly unsafe struct Attention256Lanes : IAttentionLanes<Vector256<float>>
{
    public static int Count => 8;

    public static int TileRows => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.FusedMultiplyAdd(a, b, c);

    public static float Max(float* row, int count)
    {
        Vector256<float> max = Vector256.Create(row[0]);
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            Vector256<float> x = Vector256.Load(row + i);
            max = Vector256.ConditionalSelect(Vector256.GreaterThan(x, max), x, max);
        }
        float largest = row[0];
        for (int lane = 0; lane < 8; lane++)
            largest = max[lane] > largest ? max[lane] : largest;
        for (; i < count; i++)
            largest = row[i] > largest ? row[i] : largest;
        return largest;
    }

    public static float Exponentials(float* row, int count, float scale, float shift)
    {
        Vector256<float> factor = Vector256.Create(scale), subtrahend = Vector256.Create(-shift);
        Vector256<float> low = Vector256<float>.Zero, high = Vector256<float>.Zero;
        int i = 0;
        for (; i + 16 <= count; i += 16)
        {
            Vector256<float> first = Exponential.Exp(Vector256.FusedMultiplyAdd(Vector256.Load(row + i), factor, subtrahend));
            Vector256<float> second = Exponential.Exp(Vector256.FusedMultiplyAdd(Vector256.Load(row + i + 8), factor, subtrahend));
            first.Store(row + i);
            second.Store(row + i + 8);
            low += first;
            high += second;
        }
        if (i < count)
        {
            for (int lane = i; lane < i + 16; lane++)
                row[lane] = lane < count ? Exponential.Exp(MathF.FusedMultiplyAdd(row[lane], scale, -shift)) : 0f;
            low += Vector256.Load(row + i);
            high += Vector256.Load(row + i + 8);
        }
        return Fold(low + high);
    }

    public static float Dot(float* a, float* b, int count)
    {
        Vector256<float> low = Vector256<float>.Zero, high = Vector256<float>.Zero;
        int i = 0;
        for (; i + 16 <= count; i += 16)
        {
            low = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), low);
            high = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), high);
        }
        if (i < count)
        {
            float* lanes = stackalloc float[16];
            low.Store(lanes);
            high.Store(lanes + 8);
            for (int lane = 0; i < count; lane++, i++)
                lanes[lane] = MathF.FusedMultiplyAdd(a[i], b[i], lanes[lane]);
            low = Vector256.Load(lanes);
            high = Vector256.Load(lanes + 8);
        }
        return Fold(low + high);
    }

    public static void SoftmaxBackward(float* p, float* gradient, int count, float delta, float scale)
    {
        Vector256<float> subtrahend = Vector256.Create(delta), factor = Vector256.Create(scale);
        for (int i = 0; i < count; i += 8)
            (Vector256.Load(p + i) * (Vector256.Load(gradient + i) - subtrahend) * factor).Store(gradient + i);
    }

    /// <summary>Lanes 0..7 plus 8..15 have been added; folds on in halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Fold(Vector256<float> eight)
    {
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }
}
