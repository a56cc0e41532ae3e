using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Tests.Formats;

public unsafe class Float16Tests
{
    [Fact]
    public void ToSingle_AllPatterns_AreTheCastsOfHalf()
    {
        // Twice, shifted by 5, so that every pattern passes the vectors and the rest.
        ushort[] patterns = [.. Enumerable.Range(0, 65536).Select(i => (ushort)i)];
        var values = new float[65536];
        fixed (ushort* x = patterns)
        fixed (float* y = values)
        {
            foreach (int start in new[] { 0, 5 })
            {
                Float16.ToSingle(x + start, y + start, patterns.Length - start);
                for (int i = start; i < values.Length; i++)
                {
                    float expected = (float)BitConverter.UInt16BitsToHalf(patterns[i]);
                    if (float.IsNaN(expected) ? !float.IsNaN(values[i]) : BitConverter.SingleToInt32Bits(expected) != BitConverter.SingleToInt32Bits(values[i]))
                        Assert.Fail($"0x{i:X4}: {values[i]:R} instead of {expected:R}");
                }
            }
        }
    }

    // Around every binary16 number and every midpoint between neighbours: where rounding changes its mind.
    [Fact]
    public void FromSingle_AllNumbersMidpointsAndNeighbours_RoundToNearestEven()
    {
        List<float> inputs = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, 1e-30f, -1e-45f];
        for (int i = 0; i < 0x7C00; i++)
        {
            float value = (float)BitConverter.UInt16BitsToHalf((ushort)i), next = i + 1 < 0x7C00 ? (float)BitConverter.UInt16BitsToHalf((ushort)(i + 1)) : 65536;
            float middle = (value + next) / 2;
            foreach (float x in new[] { value, middle, MathF.BitDecrement(middle), MathF.BitIncrement(middle) })
                inputs.AddRange([x, -x]);
        }
        var codes = new ushort[inputs.Count];
        fixed (float* x = inputs.ToArray())
        fixed (ushort* y = codes)
            Float16.FromSingle(x, y, codes.Length);
        for (int i = 0; i < codes.Length; i++)
        {
            ushort expected = BitConverter.HalfToUInt16Bits((Half)inputs[i]);
            if (float.IsNaN(inputs[i]) ? (codes[i] & 0x7FFF) <= 0x7C00 : expected != codes[i])
                Assert.Fail($"{inputs[i]:R}: 0x{codes[i]:X4} instead of 0x{expected:X4}");
        }
    }
}
