// Exponential and logistic function against double precision, and bit equality of the three widths.
using System.Runtime.Intrinsics;
using Fathom.Numerics.Kernels;

namespace Fathom.Numerics.Tests.Kernels;

public sealed class ExponentialTests
{
    static readonly float[] s_special =
    [
        0f, -0f, 1f, -1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon,
        -float.Epsilon, 88.72283f, 88.72284f, 89f, 90f, -87.33654f, -87.4f, -103.27893f, -103.97207f, -103.97208f, -104f, -105f, 0.34657359f, -0.34657359f,
    ];

    static IEnumerable<float> Samples()
    {
        foreach (float x in s_special)
            yield return x;
        // Every 4099th bit pattern (a prime): all exponents and signs, about a million values, NaNs among them.
        for (long bits = 0; bits <= uint.MaxValue; bits += 4099)
            yield return BitConverter.UInt32BitsToSingle((uint)bits);
        for (int i = 0; i < 200_000; i++)
            yield return -105f + (i * (195f / 200_000));
    }

    [Fact]
    public void Exp_AllExponents_WithinOneUnitInTheLastPlace()
    {
        foreach (float x in Samples())
            AssertUnits(Math.Exp(x), Exponential.Exp(x), 1.0, x);
    }

    [Fact]
    public void Sigmoid_AllExponents_WithinTwoAndAHalfUnits()
    {
        // One unit from the exponential, half from 1 + e, half from the division; relative errors may double across a binade.
        foreach (float x in Samples())
        {
            double e = Math.Exp(-Math.Abs((double)x));
            AssertUnits((x < 0 ? e : 1.0) / (1.0 + e), Exponential.Sigmoid(x), 2.5, x);
        }
    }

    [Fact]
    public void Widths_AllExponents_GiveTheSameBits()
    {
        float[] samples = [.. Samples()];
        for (int i = 0; i + 16 <= samples.Length; i += 16)
        {
            ReadOnlySpan<float> x = samples.AsSpan(i, 16);
            if (Ladder.Supported.Contains(Rung.Vector256))
            {
                AssertBits(x[..8], Exponential.Exp(Vector256.Create(x)), Exponential.Sigmoid(Vector256.Create(x)));
                AssertBits(x[8..], Exponential.Exp(Vector256.Create(x[8..])), Exponential.Sigmoid(Vector256.Create(x[8..])));
            }
            if (Ladder.Supported.Contains(Rung.Vector512))
            {
                Vector512<float> exp = Exponential.Exp(Vector512.Create(x)), sigmoid = Exponential.Sigmoid(Vector512.Create(x));
                AssertBits(x[..8], exp.GetLower(), sigmoid.GetLower());
                AssertBits(x[8..], exp.GetUpper(), sigmoid.GetUpper());
            }
        }
    }

    static void AssertUnits(double expected, float actual, double bound, float x)
    {
        if (double.IsNaN(expected) || expected >= float.MaxValue * (1 + Math.ScaleB(1, -25)))
        {
            Assert.True(double.IsNaN(expected) ? float.IsNaN(actual) : float.IsPositiveInfinity(actual), $"x {x:R}: expected {expected}, got {actual}");
            return;
        }
        // The unit in the last place of the exact value; subnormals share the smallest one.
        double unit = Math.ScaleB(1, Math.Max(expected == 0 ? -149 : Math.ILogB(expected) - 23, -149));
        double units = Math.Abs(actual - expected) / unit;
        if (!(units <= bound))
            Assert.Fail($"x {x:R}: expected {expected:R}, got {actual:R}, {units} units, allowed {bound}");
    }

    static void AssertBits(ReadOnlySpan<float> x, Vector256<float> exp, Vector256<float> sigmoid)
    {
        for (int lane = 0; lane < 8; lane++)
        {
            Same(Exponential.Exp(x[lane]), exp[lane], x[lane], "exp");
            Same(Exponential.Sigmoid(x[lane]), sigmoid[lane], x[lane], "sigmoid");
        }

        static void Same(float expected, float actual, float x, string name)
        {
            // Any NaN equals any other: payloads are not part of the promise.
            bool same = BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(actual) || (float.IsNaN(expected) && float.IsNaN(actual));
            if (!same)
                Assert.Fail($"{name}({x:R}): scalar {expected:R}, vector {actual:R}");
        }
    }
}
