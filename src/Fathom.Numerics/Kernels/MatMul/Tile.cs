// The innermost product: a few rows by a few vectors of C held in registers over a run of steps along k.

using System.Runtime.InteropServices;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>What a tile kernel reads and writes. Strides in bytes; the assembled kernels know the layout of this struct.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct TileCall
{
    /// <summary>First row of A: one 32-bit word (an FP32 number or a pair of BF16) per row and step.</summary>
    public byte* A;

    /// <summary>From one row of A to the next.</summary>
    public nint ALaneStride;

    /// <summary>From one step of A to the next.</summary>
    public nint AStepStride;

    /// <summary>Adjacent words of B, one per column.</summary>
    public byte* B;

    /// <summary>From one step of B to the next.</summary>
    public nint BStepStride;

    /// <summary>The tile's corner in C; columns adjacent.</summary>
    public float* C;

    /// <summary>From one row of C to the next.</summary>
    public nint CRowStride;

    /// <summary>Words along k, 1 or more.</summary>
    public nint Steps;

    /// <summary>Not 0: the sums start from C, else from 0.</summary>
    public nint Load;
}

/// <summary>A tile kernel. Every C element is one chain over the steps in order.</summary>
unsafe interface ITile
{
    /// <summary>Columns in one vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Most vectors beside each other.</summary>
    static abstract int MaxVectors { get; }

    /// <summary>Most rows of a tile that is <paramref name="vectors"/> wide.</summary>
    static abstract int MaxRows(int vectors);

    /// <summary>Runs one tile of 1 to MaxRows rows by 1 to MaxVectors whole vectors.</summary>
    static abstract void Run(TileCall* call, int rows, int vectors);
}

/// <summary>A number of vectors known to the compiler: it drops the code of the others.</summary>
interface IWidth
{
    static abstract int Vectors { get; }
}

readonly struct One : IWidth
{
    public static int Vectors => 1;
}

readonly struct Two : IWidth
{
    public static int Vectors => 2;
}

readonly struct Three : IWidth
{
    public static int Vectors => 3;
}
