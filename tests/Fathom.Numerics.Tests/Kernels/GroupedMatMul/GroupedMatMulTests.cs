// GroupedMatMul against one MatMul per group (bits), on every rung, with empty and single-row groups.

using Fathom.Numerics.Kernels;
using Fathom.Testing;
using Grouped = Fathom.Numerics.Kernels.GroupedMatMul.GroupedMatMul;
using Single = Fathom.Numerics.Kernels.MatMul.MatMul;

namespace Fathom.Numerics.Tests.Kernels.GroupedMatMul;

[Collection("ladder")]
public sealed unsafe class GroupedMatMulTests : IDisposable
{
    static readonly int[] s_offsets = [0, 0, 1, 18, 18, 90, 91, 300, 300];
    readonly Rung _ceiling = Ladder.Ceiling;

    public void Dispose() => Ladder.Ceiling = _ceiling;

    public static TheoryData<Rung> Rungs() => [.. Ladder.Supported];

    [Theory]
    [MemberData(nameof(Rungs))]
    public void UnequalGroups_EveryForm_EqualOneScalarProductPerGroup(Rung rung)
    {
        const int n = 70, k = 37, pad = 3;
        int groups = s_offsets.Length - 1, rows = s_offsets[^1];
        var random = new System.Random(5);
        using var x = Filled((rows - 1) * (k + pad) + k, random);
        using var dy = Filled((rows - 1) * (n + pad) + n, random);
        using var w = Filled(groups * n * k, random);
        float** weights = stackalloc float*[groups];
        float** gradients = stackalloc float*[groups];
        foreach (bool accumulate in new[] { false, true })
        {
            using var y = Filled(dy.Length, random);
            using var dx = Filled(x.Length, random);
            using var dw = Filled(w.Length, random);
            using var yExpected = new GuardedMemory<float>(y.Span);
            using var dxExpected = new GuardedMemory<float>(dx.Span);
            using var dwExpected = new GuardedMemory<float>(dw.Span);
            Ladder.Ceiling = Rung.Scalar;
            for (int g = 0; g < groups; g++)
            {
                weights[g] = w.Pointer + g * n * k;
                gradients[g] = dw.Pointer + g * n * k;
                int first = s_offsets[g], count = s_offsets[g + 1] - first;
                float* gx = x.Pointer + first * (k + pad), gdy = dy.Pointer + first * (n + pad);
                Single.NT(gx, k + pad, weights[g], k, yExpected.Pointer + first * (n + pad), n + pad, count, n, k, accumulate);
                Single.NN(gdy, n + pad, weights[g], k, dxExpected.Pointer + first * (k + pad), k + pad, count, k, n, accumulate);
                Single.TN(gdy, n + pad, gx, k + pad, dwExpected.Pointer + g * n * k, k, n, k, count, accumulate);
            }
            Ladder.Ceiling = rung;
            fixed (int* offsets = s_offsets)
            {
                Grouped.NT(x.Pointer, k + pad, weights, y.Pointer, n + pad, offsets, groups, n, k, accumulate);
                Grouped.NN(dy.Pointer, n + pad, weights, dx.Pointer, k + pad, offsets, groups, n, k, accumulate);
                Grouped.TN(dy.Pointer, n + pad, x.Pointer, k + pad, gradients, offsets, groups, n, k, accumulate);
            }
            Assert.True(yExpected.Span.SequenceEqual(y.Span), $"NT, accumulate {accumulate}");
            Assert.True(dxExpected.Span.SequenceEqual(dx.Span), $"NN, accumulate {accumulate}");
            Assert.True(dwExpected.Span.SequenceEqual(dw.Span), $"TN, accumulate {accumulate}");
        }
    }

    static GuardedMemory<float> Filled(int length, System.Random random)
    {
        var memory = new GuardedMemory<float>(length);
        foreach (ref float value in memory.Span)
            value = random.NextSingle() * 2 - 1;
        return memory;
    }
}
