// Encoding block types, 16 groups at a time. A K-type stores its groups' scales as small whole numbers times one binary16 number per
// block, so after the groups' own search the whole numbers and that factor are improved in turns, each turn by the true error of what
// would be stored; a turn that does not help is not taken.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;

namespace Fathom.Numerics.Formats;

public static unsafe partial class ElementEncoder
{
    const int Turns = 2;

    // Steps of scale and minimum together: one alone, or both the same way, since a larger scale asks for a larger minimum.
    static ReadOnlySpan<sbyte> Neighbours => [1, 0, -1, 0, 0, 1, 0, -1, 1, 1, -1, -1];

    // The smallest weight of a column, as a share of the mean: a column that the text never excited still keeps its numbers' order.
    const float LeastImportance = 1e-3f;

    static void EncodeBlocks(ElementType type, float* from, byte* to, long count, float* importance, long columns, long first)
    {
        int length = type.BlockLength(), bytes = type.BlockBytes();
        int group = type switch { ElementType.Q6_K => 16, _ => 32 };
        int perBatch = GroupFit.Width * group / length;
        float* x = stackalloc float[GroupFit.Width * group], w = stackalloc float[GroupFit.Width * group], weights = stackalloc float[GroupFit.Width * group];
        new Span<float>(w, GroupFit.Width * group).Fill(1);
        long blocks = count / length;
        for (long block = 0; block < blocks; block += perBatch)
        {
            int here = (int)Math.Min(perBatch, blocks - block);
            float* source = from + block * length;
            byte* destination = to + block * bytes;
            if (type == ElementType.Q8_0)
            {
                for (int b = 0; b < here; b++)
                    EncodeQ8(source + b * length, destination + b * bytes);
                continue;
            }
            GroupFit.Transpose(source, x, group, here * length / group);
            if (importance != null)
            {
                for (int b = 0; b < here; b++)
                    Buffer.MemoryCopy(importance + (first + (block + b) * length) % columns, weights + b * length, length * sizeof(float), length * sizeof(float));
                GroupFit.Transpose(weights, w, group, here * length / group);
            }
            var fit = new GroupFit(x, w, group);
            switch (type)
            {
                case ElementType.Q4_0:
                    EncodeQ45(fit, destination, here, fifthBits: false);
                    break;
                case ElementType.Q5_0:
                    EncodeQ45(fit, destination, here, fifthBits: true);
                    break;
                case ElementType.Q4_K:
                    EncodeQ45K(fit, destination, here, fifthBits: false);
                    break;
                case ElementType.Q5_K:
                    EncodeQ45K(fit, destination, here, fifthBits: true);
                    break;
                default:
                    EncodeQ6K(fit, destination);
                    break;
            }
        }
    }

    static void EncodeQ8(float* x, byte* block)
    {
        float peak = 0;
        for (int i = 0; i < 32; i++)
            peak = MathF.Max(peak, MathF.Abs(x[i]));
        float scale = StoreHalf(peak / 127, block);
        float inverse = scale == 0 ? 0 : 1 / scale;
        int* codes = stackalloc int[32];
        for (int i = 0; i < 32; i += 16)
        {
            var code = Vector512.Round(Vector512.Load(x + i) * inverse);
            Vector512.ConvertToInt32(Vector512.Min(Vector512.Max(code, Vector512.Create(-127f)), Vector512.Create(127f))).Store(codes + i);
        }
        for (int i = 0; i < 32; i++)
            block[2 + i] = (byte)codes[i];
    }

    // The scale, 32 fifth bits where there are any, and nibbles.
    static void EncodeQ45(GroupFit fit, byte* to, int blocks, bool fifthBits)
    {
        int bytes = (fifthBits ? ElementType.Q5_0 : ElementType.Q4_0).BlockBytes(), half = fifthBits ? 16 : 8;
        float* scales = stackalloc float[GroupFit.Width];
        fit.Symmetric(-half, half - 1).Store(scales);
        for (int b = 0; b < GroupFit.Width; b++)
            scales[b] = b < blocks ? StoreHalf(scales[b], to + bytes * b) : 0;
        byte* codes = stackalloc byte[32 * GroupFit.Width];
        fit.Codes(Vector512.Load(scales), Lanes.Zero, -half, half - 1, half, codes);
        for (int b = 0; b < blocks; b++)
        {
            byte* nibbles = to + bytes * (b + 1) - 16;
            uint fifth = 0;
            for (int i = 0; i < 16; i++)
            {
                int low = codes[i * GroupFit.Width + b], high = codes[(i + 16) * GroupFit.Width + b];
                nibbles[i] = (byte)(low & 15 | (high & 15) << 4);
                fifth |= (uint)(low >> 4) << i | (uint)(high >> 4) << (i + 16);
            }
            if (fifthBits)
                Unsafe.WriteUnaligned(to + bytes * b + 2, fifth);
        }
    }

    // Two blocks of 8 groups; with one, the upper lanes are zeros.
    static void EncodeQ45K(GroupFit fit, byte* to, int blocks, bool fifthBits)
    {
        float high = fifthBits ? 31 : 15;
        int bytes = (fifthBits ? ElementType.Q5_K : ElementType.Q4_K).BlockBytes();
        (Lanes scale, Lanes minimum) = fit.Affine(high);
        Lanes d = Factors(scale, 8, 63), dmin = Factors(minimum, 8, 63);
        Lanes sc = Whole(scale, d, 0, 63), mn = Whole(minimum, dmin, 0, 63);
        Lanes error = fit.Error(d * sc, dmin * mn, 0, high);
        for (int turn = 0; turn < Turns; turn++)
        {
            Lanes fromScale = sc, fromMinimum = mn;
            for (int neighbour = 0; neighbour < Neighbours.Length; neighbour += 2)
            {
                Lanes otherSc = Clamp(fromScale + Vector512.Create((float)Neighbours[neighbour]), 0, 63), otherMn = Clamp(fromMinimum + Vector512.Create((float)Neighbours[neighbour + 1]), 0, 63);
                Lanes otherError = fit.Error(d * otherSc, dmin * otherMn, 0, high);
                Lanes better = Vector512.LessThan(otherError, error);
                sc = Vector512.ConditionalSelect(better, otherSc, sc);
                mn = Vector512.ConditionalSelect(better, otherMn, mn);
                error = Vector512.ConditionalSelect(better, otherError, error);
            }
            (Lanes newD, Lanes newDmin) = Resolve(fit, high, sc, mn, d, dmin);
            Lanes newError = fit.Error(newD * sc, newDmin * mn, 0, high);
            Lanes gain = Vector512.LessThan(Totals(newError), Totals(error));
            d = Vector512.ConditionalSelect(gain, newD, d);
            dmin = Vector512.ConditionalSelect(gain, newDmin, dmin);
            error = Vector512.ConditionalSelect(gain, newError, error);
        }

        byte* codes = stackalloc byte[32 * GroupFit.Width];
        fit.Codes(d * sc, dmin * mn, 0, high, 0, codes);
        for (int b = 0; b < blocks; b++)
        {
            byte* block = to + b * bytes;
            StoreHalf(d[8 * b], block);
            StoreHalf(dmin[8 * b], block + 2);
            PackScales(sc, mn, 8 * b, block + BlockLayout.Q4KScales);
            PackNibbles(codes + 8 * b, block, fifthBits);
        }
    }

    static void PackScales(Lanes sc, Lanes mn, int first, byte* packed)
    {
        for (int j = 0; j < 4; j++)
        {
            int low = (int)sc[first + j], lowMinimum = (int)mn[first + j], upper = (int)sc[first + 4 + j], upperMinimum = (int)mn[first + 4 + j];
            packed[j] = (byte)(low | upper >> 4 << 6);
            packed[4 + j] = (byte)(lowMinimum | upperMinimum >> 4 << 6);
            packed[8 + j] = (byte)(upper & 15 | upperMinimum << 4);
        }
    }

    // codes: [32, 16], of which 8 lanes are this block's.
    static void PackNibbles(byte* codes, byte* block, bool fifthBits)
    {
        byte* nibbles = block + (fifthBits ? BlockLayout.Q5KCodes : BlockLayout.Q4KCodes);
        for (int i = 0; i < 32; i++)
        {
            byte* at = codes + i * GroupFit.Width;
            int fifth = 0;
            for (int j = 0; j < 8; j += 2)
            {
                nibbles[16 * j + i] = (byte)(at[j] & 15 | at[j + 1] << 4);
                fifth |= at[j] >> 4 << j | at[j + 1] >> 4 << (j + 1);
            }
            if (fifthBits)
                block[BlockLayout.Q5KHigh + i] = (byte)fifth;
        }
    }

    static void EncodeQ6K(GroupFit fit, byte* block)
    {
        const float Low = -32, High = 31;
        Lanes scale = fit.Symmetric(Low, High);
        Lanes d = Factors(scale, 16, 127), sc = Whole(scale, d, -127, 127);
        Lanes error = fit.Error(d * sc, Lanes.Zero, Low, High);
        for (int turn = 0; turn < Turns; turn++)
        {
            Lanes fromScale = sc;
            for (int neighbour = -1; neighbour <= 1; neighbour++)
            {
                Lanes other = Clamp(fromScale + Vector512.Create((float)neighbour), -127, 127), otherError = fit.Error(d * other, Lanes.Zero, Low, High);
                Lanes better = Vector512.LessThan(otherError, error);
                sc = Vector512.ConditionalSelect(better, other, sc);
                error = Vector512.ConditionalSelect(better, otherError, error);
            }
            (_, Lanes sumQQ, Lanes sumXQ) = fit.Sums(d * sc, Lanes.Zero, Low, High);
            Lanes newD = Vector512.Create(Rounded(Vector512.Sum(sc * sumXQ) / Vector512.Sum(sc * sc * sumQQ), d[0]));
            Lanes newError = fit.Error(newD * sc, Lanes.Zero, Low, High);
            if (Vector512.Sum(newError) < Vector512.Sum(error))
                (d, error) = (newD, newError);
        }

        byte* codes = stackalloc byte[16 * GroupFit.Width];
        fit.Codes(d * sc, Lanes.Zero, Low, High, 32, codes);
        new Span<byte>(block, BlockLayout.Q6KScales).Clear();
        for (int l = 0; l < GroupFit.Width; l++)
        {
            byte* low = block + l / 8 * 64 + l % 4 * 16, high = block + BlockLayout.Q6KHigh + l / 8 * 32 + l % 2 * 16;
            for (int i = 0; i < 16; i++)
            {
                int code = codes[i * GroupFit.Width + l];
                low[i] |= (byte)((code & 15) << (l % 8 / 4 * 4));
                high[i] |= (byte)(code >> 4 << (l % 8 / 2 * 2));
            }
            block[BlockLayout.Q6KScales + l] = (byte)(int)sc[l];
        }
        StoreHalf(d[0], block + BlockLayout.Q6KScale);
    }

    // Per run of `groups` lanes: the binary16 factor that gives the largest magnitude the whole number `top`; its sign is that number's.
    static Lanes Factors(Lanes values, int groups, float top)
    {
        float* factors = stackalloc float[GroupFit.Width];
        for (int first = 0; first < GroupFit.Width; first += groups)
        {
            float extreme = 0;
            for (int l = first; l < first + groups; l++)
                extreme = MathF.Abs(values[l]) > MathF.Abs(extreme) ? values[l] : extreme;
            new Span<float>(factors + first, groups).Fill(Rounded(extreme / top, 0));
        }
        return Vector512.Load(factors);
    }

    static Lanes Whole(Lanes values, Lanes factors, float low, float high) =>
        Clamp(Vector512.AndNot(Vector512.Round(values / factors), Vector512.Equals(factors, Lanes.Zero)), low, high);

    static Lanes Clamp(Lanes values, float low, float high) => Vector512.Min(Vector512.Max(values, Vector512.Create(low)), Vector512.Create(high));

    // Sums over each half of the lanes, in every lane of that half.
    static Lanes Totals(Lanes values) =>
        Vector512.Create(Vector256.Create(Vector256.Sum(values.GetLower())), Vector256.Create(Vector256.Sum(values.GetUpper())));

    // x ≈ d (sc q) - dmin mn is linear in d and dmin: least squares over the 8 groups of each block.
    static (Lanes D, Lanes Dmin) Resolve(GroupFit fit, float high, Lanes sc, Lanes mn, Lanes d, Lanes dmin)
    {
        (Lanes sumW, Lanes sumX) = fit.Totals();
        (Lanes sumQ, Lanes sumQQ, Lanes sumXQ) = fit.Sums(d * sc, dmin * mn, 0, high);
        Lanes aa = Totals(sc * sc * sumQQ), ab = Totals(sc * mn * sumQ), bb = Totals(mn * mn * sumW);
        Lanes ax = Totals(sc * sumXQ), bx = Totals(mn * sumX);
        float* newD = stackalloc float[GroupFit.Width], newDmin = stackalloc float[GroupFit.Width];
        for (int first = 0; first < GroupFit.Width; first += 8)
        {
            double determinant = (double)aa[first] * bb[first] - (double)ab[first] * ab[first];
            double solved = ((double)ax[first] * bb[first] - (double)bx[first] * ab[first]) / determinant;
            double minimum = ((double)ax[first] * ab[first] - (double)bx[first] * aa[first]) / determinant;
            // No minima at all: only the scale is left to solve for.
            if (!(determinant > 0) || !(minimum >= 0))
                (solved, minimum) = ((ax[first] + (double)dmin[first] * ab[first]) / aa[first], dmin[first]);
            new Span<float>(newD + first, 8).Fill(Rounded((float)solved, d[first]));
            new Span<float>(newDmin + first, 8).Fill(Rounded((float)minimum, dmin[first]));
        }
        return (Vector512.Load(newD), Vector512.Load(newDmin));
    }

    // The nearest binary16, finite; `otherwise` where there is no number.
    static float Rounded(float value, float otherwise) =>
        float.IsFinite(value) ? Float16.ToSingle(Float16.FromSingle(Math.Clamp(value, -65504f, 65504f))) : otherwise;

    static float StoreHalf(float value, byte* at)
    {
        float rounded = Rounded(value, 0);
        Unsafe.WriteUnaligned(at, Float16.FromSingle(rounded));
        return rounded;
    }
}
