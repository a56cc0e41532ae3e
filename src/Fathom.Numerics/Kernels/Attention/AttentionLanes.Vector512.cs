// Sixteen floats at a time: one register holds the 16 lanes of a row sum.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels;

/// <summary>512-bit vectors; needs AVX-512F.</summary>
readonly unsafe struct Attention512Lanes : IAttentionLanes<Vector512<float>>
{
    public static int Count => 16;

    public static int TileRows => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Avx512F.FusedMultiplyAdd(a, b, c);

    public static float Max(float* row, int count)
    {
        Vector512<float> max = Vector512.Create(row[0]);
        int i = 0;
        for (; i + 16 <= count; i += 16)
            max = Avx512F.Max(Vector512.Load(row + i), max);
        if (i < count)
            max = Avx512F.Max(Vector512.ConditionalSelect(FirstLanes(count - i), Vector512.Load(row + i), max), max);
        Vector256<float> eight = Avx.Max(max.GetLower(), max.GetUpper());
        Vector128<float> four = Sse.Max(eight.GetLower(), eight.GetUpper());
        float first = four[0] > four[2] ? four[0] : four[2], second = four[1] > four[3] ? four[1] : four[3];
        return first > second ? first : second;
    }

    public static float Exponentials(float* row, int count, float scale, float shift)
    {
        Vector512<float> factor = Vector512.Create(scale), subtrahend = Vector512.Create(-shift), sum = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= count; i += 16)
        {
            Vector512<float> e = Exponential.Exp(Avx512F.FusedMultiplyAdd(Vector512.Load(row + i), factor, subtrahend));
            e.Store(row + i);
            sum += e;
        }
        if (i < count)
        {
            Vector512<float> e = Exponential.Exp(Avx512F.FusedMultiplyAdd(Vector512.Load(row + i), factor, subtrahend));
            e = Vector512.ConditionalSelect(FirstLanes(count - i), e, Vector512<float>.Zero);
            e.Store(row + i);
            sum += e;
        }
        return Attention256Lanes.Fold(sum.GetLower() + sum.GetUpper());
    }

    public static float Dot(float* a, float* b, int count)
    {
        Vector512<float> sum = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= count; i += 16)
            sum = Avx512F.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), sum);
        if (i < count)
        {
            float* lanes = stackalloc float[16];
            sum.Store(lanes);
            for (int lane = 0; i < count; lane++, i++)
                lanes[lane] = MathF.FusedMultiplyAdd(a[i], b[i], lanes[lane]);
            sum = Vector512.Load(lanes);
        }
        return Attention256Lanes.Fold(sum.GetLower() + sum.GetUpper());
    }

    public static void SoftmaxBackward(float* p, float* gradient, int count, float delta, float scale)
    {
        Vector512<float> subtrahend = Vector512.Create(delta), factor = Vector512.Create(scale);
        for (int i = 0; i < count; i += 16)
            (Vector512.Load(p + i) * (Vector512.Load(gradient + i) - subtrahend) * factor).Store(gradient + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> FirstLanes(int count)
        => Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}
