// The 512-bit rung of every traversed kernel.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels;

/// <summary>Sixteen floats.</summary>
internal readonly unsafe struct Lanes16 : ILanes<Lanes16>
{
    readonly Vector512<float> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Lanes16(Vector512<float> v) => _v = v;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(ushort* source) => new((Avx512F.ConvertToVector512UInt32(Vector256.Load(source)) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(sbyte* source) => new(Avx512F.ConvertToVector512Single(Avx512F.ConvertToVector512Int32(Vector128.Load(source))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 a, Lanes16 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 a, Lanes16 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator *(Lanes16 a, Lanes16 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator /(Lanes16 a, Lanes16 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 MultiplyAdd(Lanes16 a, Lanes16 b, Lanes16 c) => new(Vector512.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Max(Lanes16 a, Lanes16 b) => new(Vector512.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(Lanes16 a)
    {
        Vector256<float> half = a._v.GetLower() + a._v.GetUpper();
        Vector128<float> quarter = half.GetLower() + half.GetUpper();
        quarter += Vector128.Shuffle(quarter, Vector128.Create(2, 3, 2, 3));
        return quarter.ToScalar() + quarter.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 First(int count, Lanes16 a, Lanes16 b)
        => new(Vector512.ConditionalSelect(Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle(), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sqrt(Lanes16 a) => new(Vector512.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Exp(Lanes16 a) => new(Exponential.Exp(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sigmoid(Lanes16 a) => new(Exponential.Sigmoid(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Deinterleave(Lanes16 a, Lanes16 b, out Lanes16 even, out Lanes16 odd)
    {
        Vector512<int> places = Vector512<int>.Indices * 2;
        even = new(Avx512F.PermuteVar16x32x2(a._v, places, b._v));
        odd = new(Avx512F.PermuteVar16x32x2(a._v, places + Vector512<int>.One, b._v));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Lanes16 even, Lanes16 odd, out Lanes16 a, out Lanes16 b)
    {
        // Lane i of the first half is even (i even) or odd (i odd) number i / 2; 16 is added to reach into the second source.
        Vector512<int> lane = Vector512<int>.Indices;
        Vector512<int> places = (lane >> 1) + ((lane & Vector512<int>.One) << 4);
        a = new(Avx512F.PermuteVar16x32x2(even._v, places, odd._v));
        b = new(Avx512F.PermuteVar16x32x2(even._v, places + Vector512.Create(8), odd._v));
    }
}
