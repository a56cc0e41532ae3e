// The truth: one fused multiply-add after the other.

namespace Fathom.Numerics.Kernels.MatMul;

public static unsafe partial class MatMul
{
    static void MultiplyScalar(
        Operand<float> a, Operand<float> b, float* c, int ldc, int m, int n, int k, bool accumulate)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = accumulate ? c[(nint)i * ldc + j] : 0f;
                for (int p = 0; p < k; p++)
                    sum = MathF.FusedMultiplyAdd(*a.At(i, p).Data, *b.At(j, p).Data, sum);
                c[(nint)i * ldc + j] = sum;
            }
        }
    }
}
