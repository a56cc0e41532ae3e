// The tile of a single element: for processors without vectors, and for kernels built on tiles when the scalar rung is forced.

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>FP32, one row by one column.</summary>
readonly unsafe struct TileScalar : ITile
{
    public static int Lanes => 1;

    public static int MaxVectors => 1;

    public static int MaxRows(int vectors) => 1;

    public static void Run(TileCall* call, int rows, int vectors)
    {
        float sum = call->Load != 0 ? *call->C : 0f;
        for (nint p = 0; p < call->Steps; p++)
            sum = MathF.FusedMultiplyAdd(*(float*)(call->A + p * call->AStepStride), *(float*)(call->B + p * call->BStepStride), sum);
        *call->C = sum;
    }
}
