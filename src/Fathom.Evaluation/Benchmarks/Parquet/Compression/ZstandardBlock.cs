// A compressed block of Zstandard (RFC 8878, section 3.1.1.3): literals, and sequences that copy some of them and then repeat earlier output.
namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>Unpacks the blocks of one frame; what one block leaves behind for the next (tables, the last offsets) lives here.</summary>
/// <param name="bytes">Where output goes.</param>
/// <param name="start">Where the frame's output begins: nothing before it may be repeated.</param>
sealed class ZstandardBlock(GrowingBuffer bytes, int start)
{
    // RFC 8878, tables 14 and 16: what a code stands for, and how many bits are added.
    static readonly int[] s_literalBase = [.. Enumerable.Range(0, 16), 16, 18, 20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536];
    static readonly int[] s_literalBits = [.. new int[16], 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
    static readonly int[] s_matchBase = [.. Enumerable.Range(3, 32), 35, 37, 39, 41, 43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539];
    static readonly int[] s_matchBits = [.. new int[32], 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    // RFC 8878, appendix A.
    static readonly FseTable s_defaultLiteral = FseTable.Of([4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1], 6);
    static readonly FseTable s_defaultMatch = FseTable.Of([1, 4, 3, 2, 2, 2, 2, 2, 2, .. Enumerable.Repeat(1, 37), -1, -1, -1, -1, -1, -1, -1], 6);
    static readonly FseTable s_defaultOffset = FseTable.Of([1, 1, 1, 1, 1, 1, 2, 2, 2, .. Enumerable.Repeat(1, 15), -1, -1, -1, -1, -1], 5);

    const int MaxOffsetCode = 31;

    byte[] _literals = [];
    int _literalCount;
    HuffmanTable? _huffman;
    FseTable? _literalTable, _offsetTable, _matchTable;
    uint _offset1 = 1, _offset2 = 4, _offset3 = 8;

    public void Decompress(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> rest = block[Literals(block)..];
        Sequences(rest);
    }

    // Fills the literals; gives the bytes that they take.
    int Literals(ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
            throw Zstandard.Wrong("an empty block");
        int kind = block[0] & 3, format = block[0] >> 2 & 3;
        if (kind < 2)
        {
            int head = format switch { 1 => 2, 3 => 3, _ => 1 };
            int size = (int)(Head(block, head) >> (head == 1 ? 3 : 4)), data = kind == 0 ? size : 1;
            if (data > block.Length - head)
                throw Zstandard.Wrong("literals that go beyond their block");
            MakeRoom(size);
            if (kind == 0)
                block.Slice(head, size).CopyTo(_literals);
            else
                _literals.AsSpan(0, size).Fill(block[head]);
            _literalCount = size;
            return head + data;
        }

        int width = format switch { 2 => 14, 3 => 18, _ => 10 }, headBytes = format switch { 2 => 4, 3 => 5, _ => 3 };
        ulong sizes = Head(block, headBytes) >> 4;
        int unpacked = (int)(sizes & ((1u << width) - 1)), packed = (int)(sizes >> width);
        if (packed > block.Length - headBytes)
            throw Zstandard.Wrong("literals that go beyond their block");
        MakeRoom(unpacked);
        ReadOnlySpan<byte> coded = block.Slice(headBytes, packed);
        if (kind == 2)
        {
            _huffman = HuffmanTable.Read(coded, out int taken);
            coded = coded[taken..];
        }
        HuffmanTable table = _huffman ?? throw Zstandard.Wrong("literals with the table of a block before, and there is none");
        Span<byte> literals = _literals.AsSpan(0, unpacked);
        if (format == 0)
            table.Decode(coded, literals);
        else
            FourStreams(table, coded, literals);
        _literalCount = unpacked;
        return headBytes + packed;
    }

    // Every literal is written out, so there cannot be more than there is room for.
    void MakeRoom(int literals)
    {
        if (literals > Math.Min(Zstandard.MaxBlock, bytes.Left))
            throw Zstandard.Wrong("more literals than their block may have");
        if (literals > _literals.Length)
            _literals = new byte[literals];
    }

    static void FourStreams(HuffmanTable table, ReadOnlySpan<byte> coded, Span<byte> literals)
    {
        if (coded.Length < 6 || literals.Length < 6)
            throw Zstandard.Wrong("literals in four streams that are too short");
        int size = (literals.Length + 3) / 4;
        ReadOnlySpan<byte> rest = coded[6..];
        for (int i = 0; i < 3; i++)
        {
            int length = coded[2 * i] | coded[2 * i + 1] << 8;
            if (length > rest.Length || size > literals.Length)
                throw Zstandard.Wrong("literals that go beyond their block");
            table.Decode(rest[..length], literals[..size]);
            rest = rest[length..];
            literals = literals[size..];
        }
        table.Decode(rest, literals);
    }

    static ulong Head(ReadOnlySpan<byte> block, int count)
    {
        if (block.Length < count)
            throw Zstandard.Wrong("data that end too early");
        ulong value = 0;
        for (int i = count - 1; i >= 0; i--)
            value = value << 8 | block[i];
        return value;
    }

    void Sequences(ReadOnlySpan<byte> section)
    {
        if (section.IsEmpty)
            throw Zstandard.Wrong("a block without sequences");
        int at = section[0] switch { < 128 => 1, < 255 => 2, _ => 3 };
        if (section.Length < at)
            throw Zstandard.Wrong("data that end too early");
        int count = at switch { 1 => section[0], 2 => (section[0] - 128 << 8) + section[1], _ => section[1] + (section[2] << 8) + 0x7F00 };
        int literal = 0;
        if (count > 0)
        {
            if (section.Length == at || (section[at] & 3) != 0)
                throw Zstandard.Wrong("sequences of an unknown form");
            int modes = section[at++];
            _literalTable = Table(modes >> 6, section, ref at, s_defaultLiteral, _literalTable, 9, s_literalBase.Length - 1);
            _offsetTable = Table(modes >> 4 & 3, section, ref at, s_defaultOffset, _offsetTable, 8, MaxOffsetCode);
            _matchTable = Table(modes >> 2 & 3, section, ref at, s_defaultMatch, _matchTable, 9, s_matchBase.Length - 1);
            literal = Copy(section[at..], count, _literalTable, _offsetTable, _matchTable);
        }
        else if (section.Length != 1)
        {
            throw Zstandard.Wrong("data behind the last sequence");
        }
        bytes.Write(_literals.AsSpan(literal, _literalCount - literal));
    }

    // Runs the sequences; gives the number of literals that they took.
    int Copy(ReadOnlySpan<byte> coded, int count, FseTable literalTable, FseTable offsetTable, FseTable matchTable)
    {
        var bits = new BackwardBits(coded);
        int literalState = (int)bits.Read(literalTable.Log), offsetState = (int)bits.Read(offsetTable.Log), matchState = (int)bits.Read(matchTable.Log);
        int literal = 0, limit = bytes.Length + Zstandard.MaxBlock;
        for (int i = 0; i < count; i++)
        {
            int literalCode = literalTable.Symbol(literalState), offsetCode = offsetTable.Symbol(offsetState), matchCode = matchTable.Symbol(matchState);
            uint offsetValue = (1u << offsetCode) + (uint)bits.Read(offsetCode);
            int match = s_matchBase[matchCode] + (int)bits.Read(s_matchBits[matchCode]);
            int literals = s_literalBase[literalCode] + (int)bits.Read(s_literalBits[literalCode]);
            uint offset = Offset(offsetValue, literals == 0);
            if (literals > _literalCount - literal)
                throw Zstandard.Wrong("a sequence with more literals than there are");
            bytes.Write(_literals.AsSpan(literal, literals));
            literal += literals;
            if (offset > (uint)(bytes.Length - start))
                throw Zstandard.Wrong("a repetition from before the beginning");
            if (match > limit - bytes.Length)
                throw Zstandard.Wrong("a block that unpacks to more than the most");
            bytes.Repeat((int)offset, match);
            if (i + 1 < count)
            {
                literalState = literalTable.Next(literalState, ref bits);
                matchState = matchTable.Next(matchState, ref bits);
                offsetState = offsetTable.Next(offsetState, ref bits);
            }
        }
        return bits.Left == 0 ? literal : throw Zstandard.Wrong("sequences that do not end with their bits");
    }

    // The values 1 to 3 stand for the last offsets; without literals, for the second, the third, and the first less one.
    uint Offset(uint value, bool noLiterals)
    {
        uint which = value + (noLiterals ? 1u : 0);
        if (value > 3)
            return Push(value - 3);
        switch (which)
        {
            case 1:
                return _offset1;
            case 2:
                (_offset1, _offset2) = (_offset2, _offset1);
                return _offset1;
            case 3:
                return Push(_offset3);
            default:
                return _offset1 > 1 ? Push(_offset1 - 1) : throw Zstandard.Wrong("an offset of zero");
        }

        uint Push(uint offset)
        {
            (_offset3, _offset2, _offset1) = (_offset2, _offset1, offset);
            return offset;
        }
    }

    static FseTable Table(int mode, ReadOnlySpan<byte> section, ref int at, FseTable standard, FseTable? last, int maxLog, int maxSymbol)
    {
        switch (mode)
        {
            case 0:
                return standard;
            case 1:
                if (at >= section.Length || section[at] > maxSymbol)
                    throw Zstandard.Wrong("a sequence code that is none");
                return FseTable.Single(section[at++]);
            case 2:
                FseTable table = FseTable.Read(section[at..], maxLog, maxSymbol, out int taken);
                at += taken;
                return table;
            default:
                return last ?? throw Zstandard.Wrong("sequences with the table of a block before, and there is none");
        }
    }
}
