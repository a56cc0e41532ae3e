// The 256-bit rung of every traversed kernel.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels;

/// <summary>Eight floats.</summary>
internal readonly unsafe struct Lanes8 : ILanes<Lanes8>
{
    readonly Vector256<float> _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Lanes8(Vector256<float> v) => _v = v;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(ushort* source) => new((Avx2.ConvertToVector256Int32(source) << 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Load(sbyte* source) => new(Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Create(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _v.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator +(Lanes8 a, Lanes8 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 a, Lanes8 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator *(Lanes8 a, Lanes8 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator /(Lanes8 a, Lanes8 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 operator -(Lanes8 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 MultiplyAdd(Lanes8 a, Lanes8 b, Lanes8 c) => new(Vector256.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Max(Lanes8 a, Lanes8 b) => new(Vector256.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(Lanes8 a)
    {
        Vector128<float> half = a._v.GetLower() + a._v.GetUpper();
        half += Vector128.Shuffle(half, Vector128.Create(2, 3, 2, 3));
        return half.ToScalar() + half.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 First(int count, Lanes8 a, Lanes8 b)
        => new(Vector256.ConditionalSelect(Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle(), a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Sqrt(Lanes8 a) => new(Vector256.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Exp(Lanes8 a) => new(Exponential.Exp(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes8 Sigmoid(Lanes8 a) => new(Exponential.Sigmoid(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Deinterleave(Lanes8 a, Lanes8 b, out Lanes8 even, out Lanes8 odd)
    {
        even = new(Avx2.Permute4x64(Avx.Shuffle(a._v, b._v, 0b10_00_10_00).AsDouble(), 0b11_01_10_00).AsSingle());
        odd = new(Avx2.Permute4x64(Avx.Shuffle(a._v, b._v, 0b11_01_11_01).AsDouble(), 0b11_01_10_00).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Lanes8 even, Lanes8 odd, out Lanes8 a, out Lanes8 b)
    {
        Vector256<float> low = Avx.UnpackLow(even._v, odd._v), high = Avx.UnpackHigh(even._v, odd._v);
        a = new(Avx.Permute2x128(low, high, 0x20));
        b = new(Avx.Permute2x128(low, high, 0x31));
    }
}
