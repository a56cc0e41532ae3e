// Finite state entropy (RFC 8878, section 4.1): a table of states, each with a symbol and the way to the next state.
using System.Numerics;

namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>A decoding table.</summary>
sealed class FseTable
{
    readonly byte[] _symbols, _bits;
    readonly ushort[] _bases;

    FseTable(int log)
    {
        Log = log;
        (_symbols, _bits, _bases) = (new byte[1 << log], new byte[1 << log], new ushort[1 << log]);
    }

    /// <summary>Bits of a state.</summary>
    public int Log { get; }

    /// <summary>The symbol of a state.</summary>
    public int Symbol(int state) => _symbols[state];

    /// <summary>The state after this one.</summary>
    public int Next(int state, ref BackwardBits bits) => _bases[state] + (int)bits.Read(_bits[state]);

    /// <summary>The state after this one; bits that are not there are zeros.</summary>
    public int NextOrZeros(int state, ref BackwardBits bits)
    {
        int next = _bases[state] + (int)bits.Peek(_bits[state]);
        bits.Skip(_bits[state]);
        return next;
    }

    /// <summary>A table of one symbol, which takes no bits.</summary>
    public static FseTable Single(byte symbol) => new(0) { _symbols = { [0] = symbol } };

    /// <summary>Builds a table from how often symbols come, in 1 / 2^log; -1 is "less than once".</summary>
    public static FseTable Of(ReadOnlySpan<int> counts, int log)
    {
        var table = new FseTable(log);
        int size = 1 << log, mask = size - 1, high = size;
        var next = new int[counts.Length];
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            if (counts[symbol] == -1)
                table._symbols[--high] = (byte)symbol;
            next[symbol] = Math.Abs(counts[symbol]);
        }
        int step = (size >> 1) + (size >> 3) + 3, position = 0;
        for (int symbol = 0; symbol < counts.Length; symbol++)
        {
            for (int i = 0; i < counts[symbol]; i++)
            {
                table._symbols[position] = (byte)symbol;
                do
                    position = position + step & mask;
                while (position >= high);
            }
        }
        for (int state = 0; state < size; state++)
        {
            int number = next[table._symbols[state]]++;
            int bits = log - BitOperations.Log2((uint)number);
            table._bits[state] = (byte)bits;
            table._bases[state] = (ushort)((number << bits) - size);
        }
        return table;
    }

    /// <summary>Reads a table.</summary>
    /// <param name="bytes">Where it begins.</param>
    /// <param name="maxLog">The most bits of a state.</param>
    /// <param name="maxSymbol">The highest symbol there may be.</param>
    /// <param name="taken">Bytes it takes.</param>
    public static FseTable Read(ReadOnlySpan<byte> bytes, int maxLog, int maxSymbol, out int taken)
    {
        int bit = 0;
        int log = Bits(bytes, ref bit, 4) + 5;
        if (log > maxLog)
            throw Zstandard.Wrong($"a table of states of {log} bits, where {maxLog} are the most");
        List<int> counts = [];
        int left = 1 << log;
        while (left > 0)
        {
            // A count of 0 to left + 1 (shifted by one for -1), the small ones with a bit less.
            int width = BitOperations.Log2((uint)left + 1) + 1, threshold = (1 << width) - 1 - (left + 1);
            int value = Bits(bytes, ref bit, width - 1);
            if (value >= threshold)
            {
                value |= Bits(bytes, ref bit, 1) << (width - 1);
                if (value >= 1 << (width - 1))
                    value -= threshold;
            }
            int count = value - 1;
            left -= Math.Abs(count);
            counts.Add(count);
            for (int zeros = count == 0 ? 3 : 0; zeros == 3;)
            {
                zeros = Bits(bytes, ref bit, 2);
                for (int i = 0; i < zeros; i++)
                    counts.Add(0);
                Check();
            }
            Check();
        }
        if (left != 0)
            throw Zstandard.Wrong("a table whose counts do not add up");
        taken = (bit + 7) / 8;
        return Of(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(counts), log);

        void Check()
        {
            if (counts.Count > maxSymbol + 1)
                throw Zstandard.Wrong("a table with symbols that there are not");
        }
    }

    static int Bits(ReadOnlySpan<byte> bytes, ref int bit, int count)
    {
        if (bit + count > bytes.Length * 8L)
            throw Zstandard.Wrong("a table that ends too early");
        int value = 0;
        for (int i = 0; i < count; i++, bit++)
            value |= (bytes[bit >> 3] >> (bit & 7) & 1) << i;
        return value;
    }
}
