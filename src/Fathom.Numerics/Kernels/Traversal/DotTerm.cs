// The dot product as a row sum.
namespace Fathom.Numerics.Kernels;

/// <summary>x[i] * y[i].</summary>
internal unsafe struct DotTerm : ITerm
{
    public float* X, Y;

    public readonly TLanes AddTo<TLanes>(TLanes sum, long i)
        where TLanes : struct, ILanes<TLanes>
        => TLanes.MultiplyAdd(TLanes.Load(X + i), TLanes.Load(Y + i), sum);
}
