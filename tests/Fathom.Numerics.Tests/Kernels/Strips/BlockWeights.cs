// Weights of every block type from random bytes: whatever a format reads as an exponent stays small.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels.Strips;

static unsafe class BlockWeights
{
    public static ElementType[] Types { get; } = [.. Enum.GetValues<ElementType>().Where(type => type.IsBlock())];

    // Where the binary16 numbers of a block stand.
    static int[] Factors(ElementType type) => type switch
    {
        ElementType.MXFP4 => [],
        ElementType.Q4_1 or ElementType.Q5_1 or ElementType.Q4_K or ElementType.Q5_K => [0, 2],
        ElementType.Q2_K => [80, 82],
        ElementType.Q3_K => [108],
        ElementType.Q6_K => [208],
        _ => [0],
    };

    public static GuardedMemory<byte> Bytes(ElementType type, int rows, int columns, System.Random random)
    {
        var memory = new GuardedMemory<byte>(checked((int)type.ByteLength((long)rows * columns)));
        random.NextBytes(memory.Span);
        int size = type.BlockBytes();
        for (int block = 0; block < memory.Length; block += size)
        {
            foreach (int at in Factors(type))
                BitConverter.TryWriteBytes(memory.Span[(block + at)..], (Half)((random.NextDouble() - 0.3) * 0.01));
            if (type == ElementType.MXFP4)
                memory.Span[block] = (byte)random.Next(115, 125);
        }
        return memory;
    }

    public static Weight Of(ElementType type, GuardedMemory<byte> bytes, int rows, int columns) => new(type, bytes.Pointer, rows, columns) { Interleaves = true };
}
