// An independent decoder of the GGUF block formats for tests: walks each block's bytes in storage order and puts every code where the
// format's description says, in the plainest words; double arithmetic, one rounding at the end. Shares nothing with the library.
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Tests.Formats;

static class ReferenceBlocks
{
    static readonly int[] s_uneven = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
    // Minus zero is zero: ggml keeps these numbers as integers.
    static readonly double[] s_e2m1 = [0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6];

    public static float[] Decode(ElementType type, byte[] block) => type switch
    {
        ElementType.Q4_0 => Nibbles(block, 2, code => Product(Half(block, 0), code - 8)),
        ElementType.Q4_1 => Nibbles(block, 4, code => Product(Half(block, 0), code) + Half(block, 2)),
        ElementType.Q5_0 => WithFifth(Nibbles(block, 6, code => code), block, 2, code => Product(Half(block, 0), code - 16)),
        ElementType.Q5_1 => WithFifth(Nibbles(block, 8, code => code), block, 4, code => Product(Half(block, 0), code) + Half(block, 2)),
        ElementType.Q8_0 => [.. block[2..].Select(code => Product(Half(block, 0), (sbyte)code))],
        ElementType.IQ4_NL => Nibbles(block, 2, code => Product(Half(block, 0), s_uneven[code])),
        ElementType.MXFP4 => Nibbles(block, 1, code => (float)(Math.Pow(2, block[0] - 127) * s_e2m1[code])),
        ElementType.Q2_K => Q2K(block),
        ElementType.Q3_K => Q3K(block),
        ElementType.Q4_K => Q45K(block, 16, null),
        ElementType.Q5_K => Q45K(block, 48, 16),
        ElementType.Q6_K => Q6K(block),
        ElementType.IQ4_XS => Iq4Xs(block),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    static float Half(byte[] block, int at) => (float)BitConverter.ToHalf(block, at);

    // A product of a scale and whole numbers; it fits binary32.
    static float Product(params double[] factors)
    {
        double product = factors.Aggregate(1.0, (p, f) => p * f);
        Assert.True(double.IsNaN(product) || (float)product == product, $"{product} does not fit binary32");
        return (float)product;
    }

    static float[] Nibbles(byte[] block, int codes, Func<int, float> value)
    {
        var y = new float[32];
        for (int i = 0; i < 16; i++)
        {
            y[i] = value(block[codes + i] % 16);
            y[i + 16] = value(block[codes + i] / 16);
        }
        return y;
    }

    static float[] WithFifth(float[] lower, byte[] block, int bits, Func<int, float> value)
    {
        uint high = BitConverter.ToUInt32(block, bits);
        return [.. lower.Select((code, i) => value((int)code + (int)(high >> i & 1) * 16))];
    }

    static float[] Q2K(byte[] block)
    {
        var y = new float[256];
        for (int part = 0; part < 2; part++)
        {
            for (int b = 0; b < 32; b++)
            {
                int word = block[16 + 32 * part + b];
                for (int field = 0; field < 4; field++, word /= 4)
                {
                    int n = 128 * part + 32 * field + b;
                    y[n] = Product(Half(block, 80), block[n / 16] % 16, word % 4) - Product(Half(block, 82), block[n / 16] / 16);
                }
            }
        }
        return y;
    }

    static float[] Q3K(byte[] block)
    {
        // The 12 bytes: 8 of low nibbles (scales 0-7 below, 8-15 above), 4 of upper pairs (scales 0-3, 4-7, 8-11, 12-15 from the low end).
        var scales = new int[16];
        for (int i = 0; i < 8; i++)
        {
            scales[i] = block[96 + i] % 16;
            scales[i + 8] = block[96 + i] / 16;
        }
        for (int i = 0; i < 4; i++)
        {
            for (int quarter = 0, word = block[104 + i]; quarter < 4; quarter++, word /= 4)
                scales[4 * quarter + i] += word % 4 * 16;
        }
        var y = new float[256];
        for (int part = 0; part < 2; part++)
        {
            for (int b = 0; b < 32; b++)
            {
                int word = block[32 + 32 * part + b];
                for (int field = 0; field < 4; field++, word /= 4)
                {
                    int n = 128 * part + 32 * field + b;
                    // A high bit that is not set subtracts four.
                    int code = word % 4 - ((block[b] & 1 << n / 32) == 0 ? 4 : 0);
                    y[n] = Product(Half(block, 108), scales[n / 16] - 32, code);
                }
            }
        }
        return y;
    }

    static float[] Q45K(byte[] block, int codes, int? fifth)
    {
        // Scales and minima: the first four of each in the low six bits of bytes 0-3 and 4-7; the last four have their low nibbles in
        // bytes 8-11 (scale below, minimum above) and their upper two bits at the top of bytes 0-3 and 4-7.
        var (scales, minima) = (new int[8], new int[8]);
        for (int i = 0; i < 4; i++)
        {
            int first = block[4 + i], second = block[8 + i], third = block[12 + i];
            (scales[i], minima[i]) = (first % 64, second % 64);
            (scales[i + 4], minima[i + 4]) = (third % 16 + first / 64 * 16, third / 16 + second / 64 * 16);
        }
        var y = new float[256];
        for (int b = 0; b < 128; b++)
        {
            for (int upper = 0; upper < 2; upper++)
            {
                int group = b / 32 * 2 + upper, n = group * 32 + b % 32;
                int code = upper == 0 ? block[codes + b] % 16 : block[codes + b] / 16;
                if (fifth is { } at && (block[at + b % 32] & 1 << group) != 0)
                    code += 16;
                y[n] = Product(Half(block, 0), scales[group], code) - Product(Half(block, 2), minima[group]);
            }
        }
        return y;
    }

    static float[] Q6K(byte[] block)
    {
        var codes = new int[256];
        for (int part = 0; part < 2; part++)
        {
            for (int b = 0; b < 64; b++)
            {
                codes[128 * part + b] = block[64 * part + b] % 16;
                codes[128 * part + 64 + b] = block[64 * part + b] / 16;
            }
            for (int b = 0; b < 32; b++)
            {
                for (int field = 0, word = block[128 + 32 * part + b]; field < 4; field++, word /= 4)
                    codes[128 * part + 32 * field + b] += word % 4 * 16;
            }
        }
        return [.. codes.Select((code, n) => Product(Half(block, 208), (sbyte)block[192 + n / 16], code - 32))];
    }

    static float[] Iq4Xs(byte[] block)
    {
        var y = new float[256];
        for (int group = 0; group < 8; group++)
        {
            int low = group % 2 == 0 ? block[4 + group / 2] % 16 : block[4 + group / 2] / 16;
            int scale = low + (BitConverter.ToUInt16(block, 2) >> 2 * group) % 4 * 16 - 32;
            for (int i = 0; i < 16; i++)
            {
                int codes = block[8 + 16 * group + i];
                y[32 * group + i] = Product(Half(block, 0), scale, s_uneven[codes % 16]);
                y[32 * group + 16 + i] = Product(Half(block, 0), scale, s_uneven[codes / 16]);
            }
        }
        return y;
    }
}
