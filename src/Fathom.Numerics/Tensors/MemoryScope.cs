// Scoped native memory: a bump allocator over large aligned blocks. A step rents what it needs and gives everything back at once;
// blocks and tensor objects are kept, so a steady state allocates nothing anywhere. Blocks that a growing step added are joined before the
// next one: what does not fit into the rest of a block goes into the next, and so steps of different shapes would in time touch more than any needs.
using System.Runtime.InteropServices;

namespace Fathom.Numerics.Tensors;

/// <summary>A point in a <see cref="MemoryScope"/> to which it can be released.</summary>
/// <param name="Block">Index of the block in use.</param>
/// <param name="Offset">Bytes used of that block.</param>
/// <param name="TensorCount">Tensors rented so far.</param>
/// <param name="BytesUsed">Bytes rented so far.</param>
public readonly record struct ScopeMark(int Block, long Offset, int TensorCount, long BytesUsed);

/// <summary>
/// Owns the memory of many tensors. Not thread-safe: one scope belongs to one flow of work; kernels run in parallel inside it.
/// </summary>
public sealed unsafe class MemoryScope : IDisposable
{
    const long Alignment = 64;
    // Many scopes stay small; one that does not is likely to grow on.
    const long SmallestBlock = 4L << 20, SecondBlock = 64L << 20;

    readonly List<(nint Address, long Bytes)> _blocks = [];
    readonly List<Tensor> _tensors = [];
    int _block = -1;
    long _offset;
    int _tensorCount;
    long _held;
    long _used;

    /// <summary>Native bytes this scope holds, used or not.</summary>
    public long BytesHeld => _held;

    /// <summary>Bytes that are rented now, each piece rounded up to whole cache lines.</summary>
    public long BytesUsed => _used;

    /// <summary>The most bytes that were rented at a time: what of <see cref="BytesHeld"/> has been touched at most.</summary>
    public long MostBytesUsed { get; private set; }

    /// <summary>A tensor of <paramref name="rows"/> elements with undefined content.</summary>
    public Tensor Rent(int rows) => Rent(1, rows, 1);

    /// <summary>A tensor [<paramref name="rows"/>, <paramref name="columns"/>] with undefined content.</summary>
    public Tensor Rent(int rows, int columns) => Rent(2, rows, columns);

    /// <summary>A tensor [<paramref name="rows"/>, <paramref name="columns"/>] of zeros.</summary>
    public Tensor RentZeroed(int rows, int columns)
    {
        Tensor tensor = Rent(2, rows, columns);
        NativeMemory.Clear(tensor.Data, (nuint)(tensor.Length * sizeof(float)));
        return tensor;
    }

    /// <summary>A tensor with the shape of <paramref name="other"/> and undefined content.</summary>
    public Tensor RentLike(Tensor other) => Rent(other.Rank, other.Rows, other.Columns);

    Tensor Rent(int rank, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        Tensor tensor = NextTensor();
        tensor.Assign((float*)RentBytes(checked((long)rows * columns * sizeof(float))), rank, rows, columns);
        return tensor;
    }

    /// <summary>A tensor over memory that somebody else keeps alive (a mapped file, a slice of another tensor).</summary>
    public Tensor Wrap(float* data, int rows, int columns)
    {
        Tensor tensor = NextTensor();
        tensor.Assign(data, 2, rows, columns);
        return tensor;
    }

    /// <summary>Undefined memory for <paramref name="count"/> elements of an unmanaged type, 64-byte aligned.</summary>
    public T* Rent<T>(long count)
        where T : unmanaged
        => (T*)RentBytes(checked(count * sizeof(T)));

    /// <summary>The present point, for <see cref="Release"/>.</summary>
    public ScopeMark Mark() => new(_block, _offset, _tensorCount, _used);

    /// <summary>Gives back everything rented since <paramref name="mark"/>.</summary>
    public void Release(ScopeMark mark)
    {
        _block = mark.Block;
        _offset = mark.Offset;
        _tensorCount = mark.TensorCount;
        _used = mark.BytesUsed;
    }

    /// <summary>Gives back everything; blocks stay for the next round.</summary>
    public void Reset() => Release(new ScopeMark(_blocks.Count == 0 ? -1 : 0, 0, 0, 0));

    /// <summary>Frees the blocks. Tensors rented from this scope must not be used any more.</summary>
    public void Dispose()
    {
        FreeBlocks();
        _tensorCount = 0;
        _used = 0;
    }

    Tensor NextTensor()
    {
        if (_tensorCount == _tensors.Count)
            _tensors.Add(new Tensor());
        return _tensors[_tensorCount++];
    }

    // One block in place of many; nothing is rented. The system gives memory only to what of it is touched.
    void Join()
    {
        long bytes = _held;
        FreeBlocks();
        _blocks.Add(((nint)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)Alignment), bytes));
        (_block, _held) = (0, bytes);
    }

    void FreeBlocks()
    {
        foreach ((nint address, _) in _blocks)
            NativeMemory.AlignedFree((void*)address);
        _blocks.Clear();
        (_held, _block, _offset) = (0, -1, 0);
    }

    void* RentBytes(long bytes)
    {
        bytes = Math.Max((bytes + Alignment - 1) & -Alignment, Alignment);
        if (_used == 0 && _blocks.Count > 1)
            Join();
        while (_block < 0 || _offset + bytes > _blocks[_block].Bytes)
        {
            if (_block + 1 >= _blocks.Count)
            {
                // Doubling keeps the number of blocks, and so the search, logarithmic. What is not touched costs nothing.
                long size = Math.Max(bytes, _held == 0 ? SmallestBlock : Math.Max(SecondBlock, _held));
                _blocks.Add(((nint)NativeMemory.AlignedAlloc((nuint)size, (nuint)Alignment), size));
                _held += size;
            }
            _block++;
            _offset = 0;
        }
        byte* address = (byte*)_blocks[_block].Address + _offset;
        _offset += bytes;
        _used += bytes;
        MostBytesUsed = Math.Max(MostBytesUsed, _used);
        return address;
    }
}
