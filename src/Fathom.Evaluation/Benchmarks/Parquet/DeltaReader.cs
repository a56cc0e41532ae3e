// Integers as differences (DELTA_BINARY_PACKED): blocks of miniblocks, each with its own number of bits above the block's smallest difference.
namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>Reads integers written as differences.</summary>
sealed class DeltaReader
{
    readonly ReadOnlyMemory<byte> _bytes;
    readonly int _miniblocks, _miniblockSize;
    readonly byte[] _widths;
    long _left, _value, _smallest;
    int _position, _miniblock, _inMiniblock;
    bool _first = true;

    public DeltaReader(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        ulong block = VarInt(), miniblocks = VarInt(), count = VarInt();
        // The format asks for blocks of a multiple of 128 values in miniblocks of a multiple of 32.
        if (block is 0 or > 1 << 20 || miniblocks is 0 or > 1 << 10 || block % miniblocks != 0 || block / miniblocks % 8 != 0 || count > int.MaxValue)
            throw new InvalidDataException("differences in blocks of an unknown form");
        (_miniblocks, _miniblockSize, _left) = ((int)miniblocks, (int)(block / miniblocks), (long)count);
        _widths = new byte[_miniblocks];
        _miniblock = _miniblocks;
        _value = ZigZag();
    }

    public long Next()
    {
        if (_left-- <= 0)
            throw new InvalidDataException("values that end too early");
        if (_first)
        {
            _first = false;
            return _value;
        }
        if (_miniblock == _miniblocks)
            NextBlock();
        int width = _widths[_miniblock];
        if (width > 64)
            throw new InvalidDataException($"differences of {width} bits");
        ulong difference = Bits((long)_position * 8 + (long)_inMiniblock * width, width);
        _value = unchecked(_value + _smallest + (long)difference);
        if (++_inMiniblock == _miniblockSize)
            NextMiniblock();
        return _value;
    }

    /// <summary>Goes on to the end, a miniblock at a time, and gives the place behind it.</summary>
    public int End()
    {
        if (_first && _left > 0)
            (_first, _left) = (false, _left - 1);
        while (_left > 0)
        {
            if (_miniblock == _miniblocks)
                NextBlock();
            _left -= _miniblockSize - _inMiniblock;
            NextMiniblock();
        }
        // The last miniblock is written whole.
        if (_inMiniblock > 0)
            NextMiniblock();
        return _position;
    }

    void NextBlock()
    {
        _smallest = ZigZag();
        if (_bytes.Length - _position < _miniblocks)
            throw new InvalidDataException("values that end too early");
        _bytes.Span.Slice(_position, _miniblocks).CopyTo(_widths);
        _position += _miniblocks;
        (_miniblock, _inMiniblock) = (0, 0);
    }

    void NextMiniblock()
    {
        _position = (int)Math.Min(_position + (long)_miniblockSize * _widths[_miniblock] / 8, _bytes.Length);
        _miniblock++;
        _inMiniblock = 0;
    }

    ulong Bits(long bit, int width)
    {
        ReadOnlySpan<byte> bytes = _bytes.Span;
        if (bit + width > (long)bytes.Length * 8)
            throw new InvalidDataException("values that end too early");
        ulong value = 0;
        for (int read = 0; read < width;)
        {
            int at = (int)(bit & 7), count = Math.Min(8 - at, width - read);
            value |= (ulong)(bytes[(int)(bit >> 3)] >> at & ((1 << count) - 1)) << read;
            read += count;
            bit += count;
        }
        return value;
    }

    long ZigZag()
    {
        ulong raw = VarInt();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    ulong VarInt()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte part = _position < _bytes.Length ? _bytes.Span[_position++] : throw new InvalidDataException("values that end too early");
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
        throw new InvalidDataException("a number of more than 64 bits");
    }
}
