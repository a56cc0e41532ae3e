// The scalar rung of every traversed kernel.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

/// <summary>One float: the scalar rung, and the tails of the others.</summary>
internal readonly unsafe struct Lanes1 : ILanes<Lanes1>
{
    readonly float _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Lanes1(float v) => _v = v;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Load(ushort* source) => new(BitConverter.UInt32BitsToSingle((uint)*source << 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Load(sbyte* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Create(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => *destination = _v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator +(Lanes1 a, Lanes1 b) => new(a._v + b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator -(Lanes1 a, Lanes1 b) => new(a._v - b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator *(Lanes1 a, Lanes1 b) => new(a._v * b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator /(Lanes1 a, Lanes1 b) => new(a._v / b._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator -(Lanes1 a) => new(-a._v);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 MultiplyAdd(Lanes1 a, Lanes1 b, Lanes1 c) => new(MathF.FusedMultiplyAdd(a._v, b._v, c._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Max(Lanes1 a, Lanes1 b) => new(float.MaxNative(a._v, b._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(Lanes1 a) => a._v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 First(int count, Lanes1 a, Lanes1 b) => count > 0 ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Sqrt(Lanes1 a) => new(MathF.Sqrt(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Exp(Lanes1 a) => new(Exponential.Exp(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Sigmoid(Lanes1 a) => new(Exponential.Sigmoid(a._v));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Deinterleave(Lanes1 a, Lanes1 b, out Lanes1 even, out Lanes1 odd)
    {
        even = a;
        odd = b;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Interleave(Lanes1 even, Lanes1 odd, out Lanes1 a, out Lanes1 b)
    {
        a = even;
        b = odd;
    }
}
