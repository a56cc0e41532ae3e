using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Tests.Formats;

public class BFloat16Tests
{
    // Every bfloat16 pattern with the binary32 patterns around it where rounding changes its mind.
    static readonly uint[] LowHalves = [0x0000, 0x0001, 0x7FFF, 0x8000, 0x8001, 0xFFFF];

    // Rounding by comparing distances in exact arithmetic, independent of the carry trick.
    static ushort Nearest(uint bits)
    {
        uint down = bits >> 16, low = bits & 0xFFFF;
        if ((bits & 0x7FFF_FFFF) > 0x7F80_0000)
        {
            return (ushort)(down | 0x40);
        }

        bool up = low > 0x8000 || (low == 0x8000 && down % 2 == 1);
        return (ushort)(up ? down + 1 : down);
    }

    [Fact]
    public void ToSingle_AllPatterns_AreExactAndReturn()
    {
        var patterns = Enumerable.Range(0, 65536).Select(i => (ushort)i).ToArray();
        var floats = new float[65536];
        BFloat16.ToSingle(patterns, floats);
        for (int i = 0; i < 65536; i++)
        {
            Assert.Equal((uint)i << 16, BitConverter.SingleToUInt32Bits(floats[i]));
            Assert.Equal(floats[i], BFloat16.ToSingle(patterns[i]));
            ushort expected = float.IsNaN(floats[i]) ? (ushort)(i | 0x40) : (ushort)i;
            Assert.Equal(expected, BFloat16.FromSingle(floats[i]));
        }
    }

    [Fact]
    public void FromSingle_AllPatternsAndTheirMidpoints_RoundToNearestEven()
    {
        var input = new float[65536 * LowHalves.Length];
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = BitConverter.UInt32BitsToSingle(((uint)(i / LowHalves.Length) << 16) | LowHalves[i % LowHalves.Length]);
        }

        var bulk = new ushort[input.Length];
        BFloat16.FromSingle(input, bulk);
        for (int i = 0; i < input.Length; i++)
        {
            uint bits = ((uint)(i / LowHalves.Length) << 16) | LowHalves[i % LowHalves.Length];
            ushort expected = Nearest(bits);
            Assert.True(expected == bulk[i] && expected == BFloat16.FromSingle(input[i]), $"0x{bits:X8}: expected 0x{expected:X4}, bulk 0x{bulk[i]:X4}, scalar 0x{BFloat16.FromSingle(input[i]):X4}");
        }
    }

    [Fact]
    public void Bulk_EveryLengthTo70_WritesExactlyItsElements()
    {
        for (int length = 0; length <= 70; length++)
        {
            var source = Enumerable.Range(0, length).Select(i => 1f + i / 97f).ToArray();
            var codes = Enumerable.Repeat((ushort)0xABCD, length + 1).ToArray();
            BFloat16.FromSingle(source, codes);
            Assert.Equal(source.Select(BFloat16.FromSingle), codes.Take(length));
            Assert.Equal(0xABCD, codes[length]);
            var back = Enumerable.Repeat(-7f, length + 1).ToArray();
            BFloat16.ToSingle(codes.AsSpan(0, length), back);
            Assert.Equal(codes.Take(length).Select(BFloat16.ToSingle), back.Take(length));
            Assert.Equal(-7f, back[length]);
        }
    }

    [Fact]
    public void Bulk_ShortDestination_Throws() =>
        Assert.Throws<ArgumentException>(() => BFloat16.FromSingle(new float[4], new ushort[3]));
}
