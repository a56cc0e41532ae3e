using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Random;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Formats;

[Collection("ladder")]
public sealed unsafe class ElementDecoderTests : IDisposable
{
    readonly Rung _ceiling = Ladder.Ceiling;

    public void Dispose() => Ladder.Ceiling = _ceiling;

    public static TheoryData<ElementType> BlockTypes => [.. Enum.GetValues<ElementType>().Where(type => type.IsBlock())];

    static byte[] RandomBytes(int count, ulong seed)
    {
        var random = new CounterRandom(seed, 5);
        return [.. Enumerable.Range(0, count).Select(i => (byte)random.UInt64((ulong)i))];
    }

    static bool IsSame(float expected, float actual) =>
        float.IsNaN(expected) ? float.IsNaN(actual) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(actual);

    static void Same(float expected, float actual, string where) => Assert.True(IsSame(expected, actual), $"{where}: {actual:R} instead of {expected:R}");

    // Random bytes reach every code and every scale, infinite and NaN scales too; an odd address shows that none is assumed aligned.
    [Theory]
    [MemberData(nameof(BlockTypes))]
    public void Blocks_OfRandomBytes_GiveTheReferencesBitsOnEveryRung(ElementType type)
    {
        int bytes = type.BlockBytes(), length = type.BlockLength();
        const int Blocks = 700;
        byte[] source = RandomBytes(Blocks * bytes + 1, (ulong)type);
        float[] expected = [.. Enumerable.Range(0, Blocks).SelectMany(b => ReferenceBlocks.Decode(type, source[(1 + b * bytes)..(1 + (b + 1) * bytes)]))];
        Assert.Contains(expected, value => value != 0 && float.IsFinite(value));
        using var memory = new GuardedMemory<byte>(source);
        foreach (Rung rung in Ladder.Supported)
        {
            Ladder.Ceiling = rung;
            Assert.Equal(rung > Rung.Vector512 ? Rung.Vector512 : rung, ElementDecoder.Chosen);
            using var destination = new GuardedMemory<float>(Blocks * length);
            ElementDecoder.ToSingle(type, memory.Pointer + 1, destination.Pointer, Blocks * length);
            for (int i = 0; i < expected.Length; i++)
            {
                if (!IsSame(expected[i], destination.Pointer[i]))
                    Assert.Fail($"{type} on {rung}, element {i}: {destination.Pointer[i]:R} instead of {expected[i]:R}");
            }
        }
    }

    [Fact]
    public void Mxfp4_EveryExponent_IsTheExactPowerOfTwo()
    {
        var block = new byte[17];
        block[1] = 0x21; // elements 0 and 16: codes 1 (0.5) and 2 (1)
        var values = new float[32];
        for (int e = 0; e < 256; e++)
        {
            block[0] = (byte)e;
            fixed (byte* source = block)
            fixed (float* y = values)
                ElementDecoder.ToSingle(ElementType.MXFP4, source, y, 32);
            Same((float)Math.ScaleB(0.5, e - 127), values[0], $"exponent {e}, code 1");
            Same((float)Math.ScaleB(1, e - 127), values[16], $"exponent {e}, code 2");
        }
    }

    [Fact]
    public void PlainTypes_GiveTheirValues()
    {
        byte[] source = RandomBytes(8 * 67, 3);
        var y = new float[67];
        fixed (byte* x = source)
        fixed (float* to = y)
        {
            foreach (ElementType type in new[] { ElementType.F64, ElementType.F32, ElementType.F16, ElementType.BF16, ElementType.F8E4M3, ElementType.F8E5M2 })
            {
                ElementDecoder.ToSingle(type, x, to, y.Length);
                for (int i = 0; i < y.Length; i++)
                {
                    Same(type switch
                    {
                        ElementType.F64 => (float)BitConverter.ToDouble(source, 8 * i),
                        ElementType.F32 => BitConverter.ToSingle(source, 4 * i),
                        ElementType.F16 => (float)BitConverter.ToHalf(source, 2 * i),
                        ElementType.BF16 => BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(source, 2 * i) << 16),
                        ElementType.F8E4M3 => Float8.E4M3Values[source[i]],
                        _ => Float8.E5M2Values[source[i]],
                    }, y[i], $"{type}, element {i}");
                }
            }
        }
    }

    [Fact]
    public void ToSingle_WrongCountOrType_Throws()
    {
        Assert.Contains("33 elements", Assert.Throws<ArgumentException>(() => ElementDecoder.ToSingle(ElementType.Q4_0, null, null, 33)).Message);
        Assert.Throws<ArgumentException>(() => ElementDecoder.ToSingle(ElementType.Q4_K, null, null, -256));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementDecoder.ToSingle(ElementType.I64, null, null, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementDecoder.ToSingle((ElementType)99, null, null, 1));
    }

    [Fact]
    public void Sizes_FollowFromBitsPerWeight()
    {
        (ElementType, double)[] bits =
        [
            (ElementType.Q4_0, 4.5), (ElementType.Q4_1, 5), (ElementType.Q5_0, 5.5), (ElementType.Q5_1, 6), (ElementType.Q8_0, 8.5), (ElementType.Q2_K, 2.625),
            (ElementType.Q3_K, 3.4375), (ElementType.Q4_K, 4.5), (ElementType.Q5_K, 5.5), (ElementType.Q6_K, 6.5625), (ElementType.IQ4_NL, 4.5),
            (ElementType.IQ4_XS, 4.25), (ElementType.MXFP4, 4.25), (ElementType.F32, 32), (ElementType.BF16, 16), (ElementType.F8E4M3, 8),
        ];
        foreach ((ElementType type, double perWeight) in bits)
            Assert.Equal(perWeight * 512 / 8, type.ByteLength(512));
        Assert.Throws<OverflowException>(() => ElementType.F64.ByteLength(long.MaxValue));
        Assert.Throws<ArgumentException>(() => ElementType.Q6_K.ByteLength(255));
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementType.Q6_K.ByteSize());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((ElementType)99).BlockBytes());
    }
}
