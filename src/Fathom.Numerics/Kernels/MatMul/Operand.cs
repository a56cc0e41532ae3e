// How the kernels see A and B alike: lanes (rows of A, columns of B) by steps along k.

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>One factor of a product: element (lane, p) lies at <c>Data[lane * LaneStride + p * StepStride]</c>.</summary>
/// <param name="data">The factor's first element.</param>
/// <param name="laneStride">Elements from one row of A (column of B) to the next.</param>
/// <param name="stepStride">Elements from one k to the next. One of the two strides is 1.</param>
readonly unsafe struct Operand<T>(T* data, nint laneStride, nint stepStride)
    where T : unmanaged
{
    public readonly T* Data = data;
    public readonly nint LaneStride = laneStride;
    public readonly nint StepStride = stepStride;

    /// <summary>The part that begins at <paramref name="lane"/> and <paramref name="step"/>.</summary>
    public Operand<T> At(nint lane, nint step)
        => new(Data + lane * LaneStride + step * StepStride, LaneStride, StepStride);
}
