// The Huffman code of Zstandard's literals (RFC 8878, section 4.2): weights of symbols to a table that is looked up with the next bits.
using System.Numerics;

namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>A decoding table.</summary>
sealed class HuffmanTable
{
    const int MaxBits = 11, MaxWeights = 255, WeightLog = 6, MaxWeight = 12;

    readonly byte[] _symbols, _lengths;
    readonly int _bits;

    HuffmanTable(int bits) => (_bits, _symbols, _lengths) = (bits, new byte[1 << bits], new byte[1 << bits]);

    /// <summary>Decodes as many symbols as there is room for; all bits must be used up by them.</summary>
    public void Decode(ReadOnlySpan<byte> coded, Span<byte> symbols)
    {
        var bits = new BackwardBits(coded);
        for (int i = 0; i < symbols.Length; i++)
        {
            int code = (int)bits.Peek(_bits);
            symbols[i] = _symbols[code];
            bits.Skip(_lengths[code]);
        }
        if (bits.Left != 0)
            throw Zstandard.Wrong("literals that do not end with their bits");
    }

    /// <summary>Reads a table.</summary>
    /// <param name="bytes">Where it begins.</param>
    /// <param name="taken">Bytes it takes.</param>
    public static HuffmanTable Read(ReadOnlySpan<byte> bytes, out int taken)
    {
        if (bytes.IsEmpty)
            throw Zstandard.Wrong("a table that ends too early");
        int head = bytes[0];
        List<int> weights = [];
        if (head >= 128)
        {
            // Weights side by side, two in a byte.
            int count = head - 127;
            taken = 1 + (count + 1) / 2;
            if (taken > bytes.Length)
                throw Zstandard.Wrong("a table that ends too early");
            for (int i = 0; i < count; i++)
                weights.Add(i % 2 == 0 ? bytes[1 + i / 2] >> 4 : bytes[1 + i / 2] & 15);
        }
        else
        {
            taken = 1 + head;
            if (taken > bytes.Length)
                throw Zstandard.Wrong("a table that ends too early");
            ReadOnlySpan<byte> coded = bytes.Slice(1, head);
            FseTable table = FseTable.Read(coded, WeightLog, MaxWeight, out int tableBytes);
            Weights(table, coded[tableBytes..], weights);
        }
        return Build(weights);
    }

    // Two states take turns until the bits are used up; then the other one's symbol is the last.
    static void Weights(FseTable table, ReadOnlySpan<byte> coded, List<int> weights)
    {
        var bits = new BackwardBits(coded);
        int state = (int)bits.Read(table.Log), other = (int)bits.Read(table.Log);
        while (weights.Count < MaxWeights)
        {
            weights.Add(table.Symbol(state));
            state = table.NextOrZeros(state, ref bits);
            if (bits.Left < 0)
            {
                weights.Add(table.Symbol(other));
                break;
            }
            (state, other) = (other, state);
        }
        if (weights.Count > MaxWeights || bits.Left >= 0)
            throw Zstandard.Wrong("a table of too many symbols");
    }

    static HuffmanTable Build(List<int> weights)
    {
        int sum = 0;
        foreach (int weight in weights)
        {
            if (weight > MaxWeight)
                throw Zstandard.Wrong("a table with codes that are too long");
            sum += weight > 0 ? 1 << (weight - 1) : 0;
        }
        // The last weight is what is missing to a power of two.
        int bits = sum == 0 ? 0 : BitOperations.Log2((uint)sum) + 1, missing = (1 << bits) - sum;
        if (bits is 0 or > MaxBits || !BitOperations.IsPow2(missing))
            throw Zstandard.Wrong("a table whose weights do not add up");
        weights.Add(BitOperations.Log2((uint)missing) + 1);

        var table = new HuffmanTable(bits);
        int position = 0;
        for (int weight = 1; weight <= bits; weight++)
        {
            for (int symbol = 0; symbol < weights.Count; symbol++)
            {
                if (weights[symbol] != weight)
                    continue;
                int count = 1 << (weight - 1);
                table._symbols.AsSpan(position, count).Fill((byte)symbol);
                table._lengths.AsSpan(position, count).Fill((byte)(bits + 1 - weight));
                position += count;
            }
        }
        return position == 1 << bits ? table : throw Zstandard.Wrong("a table whose weights do not add up");
    }
}
