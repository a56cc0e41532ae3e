// A tensor: row-major, contiguous FP32 numbers in native memory that a MemoryScope owns. Leaves out views with strides on purpose:
// kernels take a pointer and a leading dimension where a slice is meant.
namespace Fathom.Numerics.Tensors;

/// <summary>
/// A row-major, contiguous FP32 tensor of one to four dimensions. Its memory belongs to the <see cref="MemoryScope"/> that
/// rented it out and lives until that scope is reset, released past it or disposed; nobody disposes a tensor.
/// </summary>
public sealed unsafe class Tensor
{
    internal Tensor()
    {
    }

    /// <summary>The first element; 64-byte aligned.</summary>
    public float* Data { get; private set; }

    /// <summary>Number of dimensions, 1 to 4.</summary>
    public int Rank { get; private set; }

    /// <summary>Size of the first dimension (tokens or output features).</summary>
    public int Rows { get; private set; }

    /// <summary>Product of the dimensions after the first; 1 for a vector.</summary>
    public int Columns { get; private set; }

    /// <summary>Number of elements.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>
    /// The gradient of the loss, same shape. For a parameter it is set once and accumulates; for an activation the tape rents it
    /// when the first gradient arrives. Null: nobody asked.
    /// </summary>
    public Tensor? Gradient { get; set; }

    /// <summary>All elements.</summary>
    /// <exception cref="OverflowException">More than 2^31-1 elements.</exception>
    public Span<float> Span => new(Data, checked((int)Length));

    /// <summary>Pointer to row <paramref name="row"/>.</summary>
    public float* Row(int row) => Data + (long)row * Columns;

    /// <summary>The elements of row <paramref name="row"/>.</summary>
    public Span<float> RowSpan(int row) => new(Row(row), Columns);

    internal void Assign(float* data, int rank, int rows, int columns)
    {
        Data = data;
        Rank = rank;
        Rows = rows;
        Columns = columns;
        Gradient = null;
    }

    /// <summary>Throws unless the tensor is [<paramref name="rows"/>, <paramref name="columns"/>].</summary>
    /// <exception cref="ArgumentException">The shape differs; the message names both.</exception>
    public void RequireShape(int rows, int columns, string name)
    {
        if (Rows != rows || Columns != columns)
            throw new ArgumentException($"{name} is [{Rows}, {Columns}]; expected [{rows}, {columns}].", name);
    }

    /// <inheritdoc/>
    public override string ToString() => $"[{Rows}, {Columns}]";
}
