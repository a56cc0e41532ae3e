// IEEE binary16 as raw 16-bit patterns, in bulk: conversion from and to binary32 by integer arithmetic, since .NET has no vectors of Half.
using System.Runtime.Intrinsics;

namespace Fathom.Numerics.Formats;

/// <summary>
/// Conversion between binary32 and binary16. To binary16: round to nearest, ties to even; overflow goes to infinity; a NaN stays a quiet
/// NaN. Back: exact. The same bits as the casts of <see cref="Half"/>.
/// </summary>
public static unsafe class Float16
{
    /// <summary>Converts <paramref name="count"/> elements, [count] binary16 to [count] binary32, exactly. Neither needs alignment.</summary>
    public static void ToSingle(ushort* source, float* destination, long count)
    {
        long i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= count - 32; i += 32)
            {
                var (low, high) = Vector512.Widen(Vector512.Load(source + i));
                Widen(low).Store(destination + i);
                Widen(high).Store(destination + i + 16);
            }
        }
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= count - 16; i += 16)
            {
                var (low, high) = Vector256.Widen(Vector256.Load(source + i));
                Widen(low).Store(destination + i);
                Widen(high).Store(destination + i + 8);
            }
        }
        for (; i < count; i++)
            destination[i] = ToSingle(source[i]);
    }

    /// <summary>Converts <paramref name="count"/> elements, [count] binary32 to [count] binary16, rounded. Neither needs alignment.</summary>
    public static void FromSingle(float* source, ushort* destination, long count)
    {
        long i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= count - 16; i += 16)
                Vector256.Narrow(Narrow(Vector256.Load(source + i)), Narrow(Vector256.Load(source + i + 8))).Store(destination + i);
        }
        for (; i < count; i++)
            destination[i] = FromSingle(source[i]);
    }

    /// <summary>The exact value of a binary16 pattern.</summary>
    /// <remarks>Implementation note: the cast of <see cref="Half"/> takes about 200 ns here, as it computes with subnormal numbers.</remarks>
    public static float ToSingle(ushort bits)
    {
        uint magnitude = (bits & 0x7FFFu) << 13, sign = (uint)(bits & 0x8000) << 16, value = magnitude + (112u << 23);
        if (magnitude < 1u << 23)
            value = BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude + (113u << 23)) - BitConverter.UInt32BitsToSingle(113u << 23));
        else if (magnitude >= 31u << 23)
            value = (value + (112u << 23)) | (magnitude > 31u << 23 ? 1u << 22 : 0);
        return BitConverter.UInt32BitsToSingle(value | sign);
    }

    /// <summary>Nearest binary16, ties to even.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value), magnitude = bits & 0x7FFF_FFFF, sign = (bits & 0x8000_0000) >> 16;
        uint result = magnitude switch
        {
            > 0x7F80_0000 => 0x7E00 | ((magnitude >> 13) & 0x3FF),
            >= 0x477F_F000 => 0x7C00,
            < 113u << 23 => BitConverter.SingleToUInt32Bits(BitConverter.UInt32BitsToSingle(magnitude) + 0.5f) - 0x3F00_0000,
            _ => (magnitude - (112u << 23) + 0xFFF + ((magnitude >> 13) & 1)) >> 13,
        };
        return (ushort)(result | sign);
    }

    // Moves exponent and fraction to their places. A subnormal is read with the smallest exponent's leading one, which is then subtracted;
    // infinities and NaNs get the largest exponent.
    static Vector256<float> Widen(Vector256<uint> bits)
    {
        var magnitude = (bits & Vector256.Create(0x7FFFu)) << 13;
        var sign = (bits & Vector256.Create(0x8000u)) << 16;
        var normal = magnitude + Vector256.Create(112u << 23);
        var special = normal + Vector256.Create(112u << 23);
        var subnormal = ((magnitude + Vector256.Create(113u << 23)).AsSingle() - Vector256.Create(113u << 23).AsSingle()).AsUInt32();
        var value = Vector256.ConditionalSelect(
            Vector256.LessThan(magnitude, Vector256.Create(1u << 23)), subnormal,
            Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(31u << 23)), Quiet(special, magnitude), normal));
        return (value | sign).AsSingle();
    }

    static Vector512<float> Widen(Vector512<uint> bits)
    {
        var magnitude = (bits & Vector512.Create(0x7FFFu)) << 13;
        var sign = (bits & Vector512.Create(0x8000u)) << 16;
        var normal = magnitude + Vector512.Create(112u << 23);
        var special = normal + Vector512.Create(112u << 23);
        var subnormal = ((magnitude + Vector512.Create(113u << 23)).AsSingle() - Vector512.Create(113u << 23).AsSingle()).AsUInt32();
        var quiet = special | (Vector512.GreaterThan(magnitude, Vector512.Create(31u << 23)) & Vector512.Create(1u << 22));
        var value = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude, Vector512.Create(1u << 23)), subnormal,
            Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(magnitude, Vector512.Create(31u << 23)), quiet, normal));
        return (value | sign).AsSingle();
    }

    static Vector256<uint> Quiet(Vector256<uint> special, Vector256<uint> magnitude) =>
        special | (Vector256.GreaterThan(magnitude, Vector256.Create(31u << 23)) & Vector256.Create(1u << 22));

    // Normal results round by the carry of half a step; below 2^-14 an addition of 0.5 does it, whose last bit is 2^-24.
    static Vector256<uint> Narrow(Vector256<float> value)
    {
        var bits = value.AsUInt32();
        var magnitude = bits & Vector256.Create(0x7FFF_FFFFu);
        var sign = (bits & Vector256.Create(0x8000_0000u)) >>> 16;
        var normal = (magnitude + Vector256.Create(unchecked(0xFFFu - (112u << 23))) + ((magnitude >>> 13) & Vector256<uint>.One)) >>> 13;
        var subnormal = (magnitude.AsSingle() + Vector256.Create(0.5f)).AsUInt32() - Vector256.Create(0x3F00_0000u);
        // From 65520 on the nearest is infinity.
        var overflow = Vector256.GreaterThanOrEqual(magnitude, Vector256.Create(0x477F_F000u));
        var nan = Vector256.Create(0x7E00u) | ((magnitude >>> 13) & Vector256.Create(0x3FFu));
        var isNaN = Vector256.GreaterThan(magnitude, Vector256.Create(0x7F80_0000u));
        var result = Vector256.ConditionalSelect(Vector256.LessThan(magnitude, Vector256.Create(113u << 23)), subnormal, normal);
        result = Vector256.ConditionalSelect(overflow, Vector256.Create(0x7C00u), result);
        return Vector256.ConditionalSelect(isNaN, nan, result) | sign;
    }
}
