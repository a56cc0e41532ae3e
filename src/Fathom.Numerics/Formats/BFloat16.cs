// bfloat16 as raw 16-bit patterns: conversion from and to binary32, one element and in bulk.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fathom.Numerics.Formats;

/// <summary>
/// Conversion between binary32 and bfloat16 (a <see cref="ushort"/> with the upper half of the binary32 pattern).
/// To bfloat16: round to nearest, ties to even; overflow goes to infinity; a NaN stays a NaN (made quiet). Back: exact.
/// </summary>
public static class BFloat16
{
    const uint InfinityBits = 0x7F80_0000, MagnitudeMask = 0x7FFF_FFFF, QuietBit = 0x0040_0000;

    /// <summary>Nearest bfloat16, ties to even.</summary>
    public static ushort FromSingle(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if ((bits & MagnitudeMask) > InfinityBits)
        {
            return (ushort)((bits | QuietBit) >> 16);
        }

        // Adding just under half a step, and one more where the kept part is odd, carries exactly when rounding goes up.
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The exact value of a bfloat16 pattern.</summary>
    public static float ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Converts <paramref name="count"/> elements, [count] binary32 to [count] bfloat16; same bits as <see cref="FromSingle(float)"/>.</summary>
    public static unsafe void FromSingle(float* source, ushort* destination, long count)
    {
        long i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= count - 16; i += 16)
            {
                var low = Round(Vector256.Load((uint*)source + i));
                var high = Round(Vector256.Load((uint*)source + i + 8));
                Vector256.Narrow(low, high).Store(destination + i);
            }
        }

        for (; i < count; i++)
        {
            destination[i] = FromSingle(source[i]);
        }
    }

    /// <summary>Converts <paramref name="count"/> elements, [count] bfloat16 to [count] binary32, exactly.</summary>
    public static unsafe void ToSingle(ushort* source, float* destination, long count)
    {
        long i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= count - 16; i += 16)
            {
                var (low, high) = Vector256.Widen(Vector256.Load(source + i));
                (low << 16).Store((uint*)destination + i);
                (high << 16).Store((uint*)destination + i + 8);
            }
        }

        for (; i < count; i++)
        {
            destination[i] = ToSingle(source[i]);
        }
    }

    /// <summary>Converts a span; <paramref name="destination"/> holds at least as many elements.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public static unsafe void FromSingle(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        CheckLengths(source.Length, destination.Length);
        fixed (float* from = &MemoryMarshal.GetReference(source))
        fixed (ushort* to = &MemoryMarshal.GetReference(destination))
        {
            FromSingle(from, to, source.Length);
        }
    }

    /// <summary>Converts a span; <paramref name="destination"/> holds at least as many elements.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    public static unsafe void ToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        CheckLengths(source.Length, destination.Length);
        fixed (ushort* from = &MemoryMarshal.GetReference(source))
        fixed (float* to = &MemoryMarshal.GetReference(destination))
        {
            ToSingle(from, to, source.Length);
        }
    }

    static void CheckLengths(int source, int destination)
    {
        if (destination < source)
        {
            throw new ArgumentException($"destination holds {destination} elements, source has {source}", nameof(destination));
        }
    }

    // The same arithmetic as the scalar version, result in the lower half of each lane.
    static Vector256<uint> Round(Vector256<uint> bits)
    {
        var rounded = (bits + Vector256.Create(0x7FFFu) + ((bits >>> 16) & Vector256<uint>.One)) >>> 16;
        var quiet = (bits | Vector256.Create(QuietBit)) >>> 16;
        // The magnitude has no sign bit, so the signed comparison is the unsigned one.
        var isNaN = Vector256.GreaterThan((bits & Vector256.Create(MagnitudeMask)).AsInt32(), Vector256.Create((int)InfinityBits)).AsUInt32();
        return Vector256.ConditionalSelect(isNaN, quiet, rounded);
    }
}
