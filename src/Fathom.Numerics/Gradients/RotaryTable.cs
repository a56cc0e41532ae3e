// Cosines and sines of rotary embedding by position.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

/// <summary>The angles of rotary embedding for positions 0 to <see cref="MaxPositions"/>.</summary>
public sealed unsafe class RotaryTable
{
    readonly Tensor _cos;
    readonly Tensor _sin;

    /// <summary>A table over tensors that live as long as the model.</summary>
    /// <param name="cos">[positions, rotary size / 2], scaled as the model says.</param>
    /// <param name="sin">As <paramref name="cos"/>.</param>
    /// <param name="interleaved">Pairs are neighbours (2i, 2i+1) rather than (i, i + half).</param>
    public RotaryTable(Tensor cos, Tensor sin, bool interleaved)
        => (_cos, _sin, Interleaved) = (cos, sin, interleaved);

    /// <summary>Whether pairs are neighbours (DeepSeek V2, V3) rather than halves (Llama, Qwen, DeepSeek V1).</summary>
    public bool Interleaved { get; }

    /// <summary>Rotated elements per head.</summary>
    public int RotaryDim => 2 * _cos.Columns;

    /// <summary>Positions the table covers.</summary>
    public int MaxPositions => _cos.Rows;

    /// <summary>Rotates part of every head of <paramref name="x"/> [T, heads * size] in place, or transposes that rotation.</summary>
    public void Apply(Tensor x, int heads, int offset, int* positions, bool inverse)
        => Rotary.Apply(x.Data, x.Columns, x.Columns / heads, heads, offset, RotaryDim, positions, _cos.Data, _sin.Data, Interleaved, inverse, x.Rows);
}
