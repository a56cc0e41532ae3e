// Bytes that come out of a decompressor: the buffer grows with them, up to what is allowed.
namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>A buffer that grows to a limit.</summary>
/// <param name="limit">The most bytes.</param>
sealed class GrowingBuffer(int limit)
{
    const int Start = 4096;

    byte[] _bytes = new byte[Math.Min(limit, Start)];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that may still come.</summary>
    public int Left => limit - Length;

    /// <summary>What is written.</summary>
    public Span<byte> Written => _bytes.AsSpan(0, Length);

    /// <summary>Room for at least so many bytes more; at the limit, room for none is an error only where bytes come.</summary>
    /// <exception cref="InvalidDataException">They would be more than the limit.</exception>
    public Span<byte> Room(int count)
    {
        if (count > limit - Length)
        {
            // A reader that asks for one more byte to see the end gets one, and Advance refuses it.
            if (count > 1)
                throw TooLong();
            return new byte[1];
        }
        if (count > _bytes.Length - Length)
            Array.Resize(ref _bytes, (int)Math.Min(limit, Math.Max(Length + (long)count, 2L * _bytes.Length)));
        return _bytes.AsSpan(Length);
    }

    /// <summary>Says that so many bytes were written into the room.</summary>
    public void Advance(int count) => Length = count <= limit - Length ? Length + count : throw TooLong();

    /// <summary>Appends bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        bytes.CopyTo(Take(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Appends the same byte many times.</summary>
    public void Fill(byte value, int count)
    {
        if (count == 0)
            return;
        Take(count)[..count].Fill(value);
        Length += count;
    }

    /// <summary>Appends bytes that stand <paramref name="distance"/> before the end; they may overlap what is written.</summary>
    public void Repeat(int distance, int count)
    {
        if (count == 0)
            return;
        Take(count);
        int from = Length - distance;
        if (distance >= count)
        {
            _bytes.AsSpan(from, count).CopyTo(_bytes.AsSpan(Length));
            Length += count;
            return;
        }
        for (int i = 0; i < count; i++)
            _bytes[Length + i] = _bytes[from + i];
        Length += count;
    }

    /// <summary>What is written, as an array of its own length.</summary>
    public byte[] ToArray() => Length == _bytes.Length ? _bytes : Written.ToArray();

    Span<byte> Take(int count) => count <= limit - Length ? Room(count) : throw TooLong();

    InvalidDataException TooLong() => new($"more than the {limit} bytes that its header says");
}
