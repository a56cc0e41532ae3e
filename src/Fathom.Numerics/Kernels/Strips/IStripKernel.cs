// What products over strips have in common: activations in a form of their own, a strip times some rows of them.
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>One way to multiply strips.</summary>
unsafe interface IStripKernel
{
    /// <summary>Bytes of one row of activations in this kernel's form.</summary>
    static abstract nint RowBytes(int columns);

    /// <summary>Converts rows of activations on the team.</summary>
    /// <param name="x">[rows, columns], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least <paramref name="columns"/>.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="destination">[rows] of <see cref="RowBytes"/>.</param>
    static abstract void Convert(float* x, int ldx, int rows, int columns, byte* destination);

    /// <summary>Some strips times some rows: writes [count, padded rows, 32] sums.</summary>
    /// <param name="rung">The implementation.</param>
    /// <param name="weight">The strips.</param>
    /// <param name="first">The first strip.</param>
    /// <param name="count">Strips, 1 or more: with many rows the activations of some columns stay in the cache for all of them.</param>
    /// <param name="x">First row of activations; <see cref="StripMatMul.Padded"/> rows can be read.</param>
    /// <param name="rows">1 or more.</param>
    /// <param name="sums">Room for <paramref name="count"/> times <see cref="StripMatMul.Padded"/> rows of 32.</param>
    /// <param name="panel">Scratch of the thread.</param>
    static abstract void Multiply(Rung rung, WeightStrips weight, int first, int count, byte* x, int rows, float* sums, ref AlignedBuffer panel);
}
