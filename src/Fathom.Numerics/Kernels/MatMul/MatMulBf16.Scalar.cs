// The truth for BF16: products are exact in FP32, sums are fused multiply-adds.

namespace Fathom.Numerics.Kernels.MatMul;

public static unsafe partial class MatMulBf16
{
    static void MultiplyScalar(
        Operand<ushort> a, Operand<ushort> b, float* c, int ldc, int m, int n, int k, bool accumulate)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = accumulate ? c[(nint)i * ldc + j] : 0f;
                for (int p = 0; p < k; p += 2)
                {
                    if (p + 1 < k)
                        sum = MathF.FusedMultiplyAdd(Widen(*a.At(i, p + 1).Data), Widen(*b.At(j, p + 1).Data), sum);
                    sum = MathF.FusedMultiplyAdd(Widen(*a.At(i, p).Data), Widen(*b.At(j, p).Data), sum);
                }
                c[(nint)i * ldc + j] = sum;
            }
        }
    }

    static float Widen(ushort bf16) => BitConverter.UInt32BitsToSingle((uint)bf16 << 16);
}
