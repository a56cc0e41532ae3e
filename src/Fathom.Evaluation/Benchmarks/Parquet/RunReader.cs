// Small integers as runs and bit-packed groups (Parquet's RLE hybrid): levels, and indices into dictionaries. Read one by one, so a run of a thousand
// million takes no memory.
namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>Reads integers of a fixed number of bits.</summary>
sealed class RunReader
{
    readonly ReadOnlyMemory<byte> _bytes;
    readonly int _width;
    readonly bool _legacy, _plain;
    int _position;

    // What is left of the current run, and its value; or of the bit-packed group, and where its next bit is.
    long _runLeft, _packedLeft, _bit;
    int _value;

    /// <param name="bytes">The data.</param>
    /// <param name="width">Bits of a value, 0 to 32; with 0 every value is 0 and takes no data.</param>
    /// <param name="legacy">Whether the data are the old form of levels: bit-packed as a whole, highest bit first.</param>
    /// <param name="plain">Whether the data are bit-packed as a whole, lowest bit first: plain booleans.</param>
    public RunReader(ReadOnlyMemory<byte> bytes, int width, bool legacy = false, bool plain = false)
    {
        if (width is < 0 or > 32)
            throw new InvalidDataException($"integers of {width} bits");
        (_bytes, _width, _legacy, _plain) = (bytes, width, legacy, plain);
    }

    /// <summary>Bits that the values 0 to <paramref name="max"/> need.</summary>
    public static int WidthOf(int max) => 32 - System.Numerics.BitOperations.LeadingZeroCount((uint)max);

    public int Next()
    {
        if (_width == 0)
            return 0;
        if (_legacy || _plain)
            return Packed(_legacy);
        while (_runLeft == 0 && _packedLeft == 0)
            NextRun();
        if (_runLeft > 0)
        {
            _runLeft--;
            return _value;
        }
        _packedLeft--;
        return Packed(highestFirst: false);
    }

    void NextRun()
    {
        uint head = VarInt();
        if ((head & 1) == 0)
        {
            _runLeft = head >> 1;
            _value = 0;
            for (int i = 0; i < (_width + 7) / 8; i++)
                _value |= Byte() << (8 * i);
            if (_width < 32 && (uint)_value >> _width != 0)
                throw new InvalidDataException("a run of a value with too many bits");
        }
        else
        {
            long groups = head >> 1;
            _packedLeft = groups * 8;
            _bit = (long)_position * 8;
            // Some writers cut the last group short; what is missing fails only when it is asked for.
            _position = (int)Math.Min(_position + groups * _width, _bytes.Length);
        }
    }

    int Packed(bool highestFirst)
    {
        ReadOnlySpan<byte> bytes = _bytes.Span;
        if (_bit + _width > (long)bytes.Length * 8)
            throw new InvalidDataException("levels or indices that end too early");
        uint value = 0;
        for (int read = 0; read < _width;)
        {
            int at = (int)(_bit & 7), count = Math.Min(8 - at, _width - read);
            uint part = highestFirst ? (uint)(bytes[(int)(_bit >> 3)] >> (8 - at - count)) : (uint)(bytes[(int)(_bit >> 3)] >> at);
            part &= (1u << count) - 1;
            value = highestFirst ? value << count | part : value | part << read;
            read += count;
            _bit += count;
        }
        return (int)value;
    }

    byte Byte() => _position < _bytes.Length ? _bytes.Span[_position++] : throw new InvalidDataException("levels or indices that end too early");

    uint VarInt()
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte part = Byte();
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
        throw new InvalidDataException("a run of more than 32 bits");
    }
}
