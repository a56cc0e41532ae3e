// FP8 as raw bytes (OCP "8-bit floating point", 2023): tables of values, and casts from binary32, one element and in bulk.
// Scales live outside the numbers: see Float8Blocks.cs.
using System.Runtime.Intrinsics;

namespace Fathom.Numerics.Formats;

/// <summary>
/// The two FP8 formats. E4M3: 1 sign, 4 exponent (bias 7) and 3 fraction bits, no infinities, NaN at 0x7F and 0xFF, largest 448.
/// E5M2: 5 exponent bits (bias 15) and 2 fraction bits, infinities and NaNs as in binary16, largest finite 57344.
/// Casts round to nearest, ties to even, and saturate: what is larger than the largest finite number, infinity too, becomes that number.
/// The sign of zero and of underflow is kept; a NaN becomes 0x7F with its sign.
/// </summary>
public static unsafe class Float8
{
    /// <summary>Largest E4M3 number.</summary>
    public const float MaxE4M3 = 448;

    /// <summary>Largest finite E5M2 number.</summary>
    public const float MaxE5M2 = 57344;

    static readonly float[] s_e4m3 = Table(3, 7, code => (code & 0x7F) == 0x7F ? float.NaN : null);
    static readonly float[] s_e5m2 = Table(2, 15, code => (code & 0x7F) switch { 0x7C => float.PositiveInfinity, > 0x7C => float.NaN, _ => null });

    /// <summary>Value of every E4M3 code, [256].</summary>
    public static ReadOnlySpan<float> E4M3Values => s_e4m3;

    /// <summary>Value of every E5M2 code, [256].</summary>
    public static ReadOnlySpan<float> E5M2Values => s_e5m2;

    /// <summary>Nearest E4M3 code.</summary>
    public static byte ToE4M3(float value) => Cast(value, 3, 7, MaxE4M3);

    /// <summary>Nearest E5M2 code.</summary>
    public static byte ToE5M2(float value) => Cast(value, 2, 15, MaxE5M2);

    /// <summary>Casts <paramref name="count"/> elements, [count] binary32 to [count] E4M3; same codes as <see cref="ToE4M3(float)"/>.</summary>
    public static void ToE4M3(float* source, byte* destination, long count) => Cast(source, 1, destination, count, 3, 7, MaxE4M3);

    /// <summary>Casts <paramref name="count"/> elements, [count] binary32 to [count] E5M2; same codes as <see cref="ToE5M2(float)"/>.</summary>
    public static void ToE5M2(float* source, byte* destination, long count) => Cast(source, 1, destination, count, 2, 15, MaxE5M2);

    /// <summary>Decodes <paramref name="count"/> elements, [count] E4M3 to [count] binary32: the code's value times <paramref name="factor"/>, rounded once.</summary>
    public static void FromE4M3(byte* source, float* destination, long count, float factor = 1)
    {
        long i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= count - 16; i += 16)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(source + i));
                (Decode(low) * factor).Store(destination + i);
                (Decode(high) * factor).Store(destination + i + 8);
            }
        }
        for (; i < count; i++)
            destination[i] = s_e4m3[source[i]] * factor;
    }

    // Exponent and fraction move to their places; a subnormal is read with the smallest exponent's leading one, which is then subtracted.
    static Vector256<float> Decode(Vector128<ushort> codes)
    {
        var (low, high) = Vector128.Widen(codes);
        var bits = Vector256.Create(low, high);
        var magnitude = (bits & Vector256.Create(0x7Fu)) << 20;
        var normal = magnitude + Vector256.Create(120u << 23);
        var subnormal = ((magnitude + Vector256.Create(121u << 23)).AsSingle() - Vector256.Create(121u << 23).AsSingle()).AsUInt32();
        var value = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(1u << 23)), subnormal, normal);
        value |= Vector256.Equals(magnitude, Vector256.Create(0x7Fu << 20)) & Vector256.Create(0x7FC0_0000u);
        return (value | ((bits & Vector256.Create(0x80u)) << 24)).AsSingle();
    }

    /// <summary>Casts source / divisor to E4M3, the division rounded to binary32 first. Divisor is not 0.</summary>
    internal static void ToE4M3(float* source, float divisor, byte* destination, long count) => Cast(source, divisor, destination, count, 3, 7, MaxE4M3);

    static void Cast(float* source, float divisor, byte* destination, long count, int fractionBits, int bias, float max)
    {
        long i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var by = Vector256.Create(divisor);
            for (; i <= count - 32; i += 32)
            {
                var low = Vector256.Narrow(
                    Cast(Vector256.Load(source + i) / by, fractionBits, bias, max), Cast(Vector256.Load(source + i + 8) / by, fractionBits, bias, max));
                var high = Vector256.Narrow(
                    Cast(Vector256.Load(source + i + 16) / by, fractionBits, bias, max), Cast(Vector256.Load(source + i + 24) / by, fractionBits, bias, max));
                Vector256.Narrow(low, high).Store(destination + i);
            }
        }
        for (; i < count; i++)
            destination[i] = Cast(source[i] / divisor, fractionBits, bias, max);
    }

    static byte Cast(float value, int fractionBits, int bias, float max)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value), magnitude = bits & 0x7FFF_FFFF, sign = bits >> 31 << 7;
        if (magnitude > 0x7F80_0000)
            return (byte)(sign | 0x7F);
        magnitude = Math.Min(magnitude, BitConverter.SingleToUInt32Bits(max));
        int dropped = 23 - fractionBits;
        if (magnitude >= (uint)(128 - bias) << 23)
        {
            // Just under half a step, and one more where the kept part is odd, carries exactly when rounding goes up.
            uint rounded = magnitude + ((1u << (dropped - 1)) - 1) + ((magnitude >> dropped) & 1);
            return (byte)(sign | ((rounded - ((uint)(127 - bias) << 23)) >> dropped));
        }
        // A subnormal is a multiple of 2^(1 - bias - fractionBits): the last bit of this power of two, so that the addition rounds to it.
        float power = BitConverter.UInt32BitsToSingle((uint)(127 + 24 - bias - fractionBits) << 23);
        float sum = BitConverter.UInt32BitsToSingle(magnitude) + power;
        return (byte)(sign | (BitConverter.SingleToUInt32Bits(sum) - BitConverter.SingleToUInt32Bits(power)));
    }

    // The scalar rule, lane by lane; the code is in the low byte.
    static Vector256<uint> Cast(Vector256<float> value, int fractionBits, int bias, float max)
    {
        var bits = value.AsUInt32();
        var magnitude = bits & Vector256.Create(0x7FFF_FFFFu);
        var sign = (bits >>> 31) << 7;
        var isNaN = Vector256.GreaterThan(magnitude, Vector256.Create(0x7F80_0000u));
        magnitude = Vector256.Min(magnitude, Vector256.Create(max).AsUInt32());
        int dropped = 23 - fractionBits;
        var rounded = magnitude + Vector256.Create((1u << (dropped - 1)) - 1) + ((magnitude >>> dropped) & Vector256<uint>.One);
        var normal = (rounded - Vector256.Create((uint)(127 - bias) << 23)) >>> dropped;
        var power = Vector256.Create((uint)(127 + 24 - bias - fractionBits) << 23);
        var subnormal = (magnitude.AsSingle() + power.AsSingle()).AsUInt32() - power;
        var code = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create((uint)(128 - bias) << 23)), subnormal, normal);
        return Vector256.ConditionalSelect(isNaN, Vector256.Create(0x7Fu), code) | sign;
    }

    static float[] Table(int fractionBits, int bias, Func<int, float?> special)
    {
        var values = new float[256];
        for (int code = 0; code < 256; code++)
        {
            int exponent = (code & 0x7F) >> fractionBits, fraction = code & ((1 << fractionBits) - 1);
            double magnitude = exponent == 0
                ? Math.ScaleB(fraction, 1 - bias - fractionBits)
                : Math.ScaleB(fraction + (1 << fractionBits), exponent - bias - fractionBits);
            values[code] = (float)Math.CopySign(special(code) ?? magnitude, code < 128 ? 1 : -1);
        }
        return values;
    }
}
