// Embedding: rows are copied; gradients are added in token order, also for repeated ids.
using Fathom.Numerics.Tests.Kernels.Traversal;
using Kernel = Fathom.Numerics.Kernels.Embedding;

namespace Fathom.Numerics.Tests.Kernels.Embedding;

public sealed unsafe class EmbeddingTests : KernelTests
{
    const int Vocabulary = 23;

    static int[] Ids(int tokens) => [.. Enumerable.Range(0, tokens).Select(t => t * t * 5 % Vocabulary)];

    [Fact]
    public void Forward_OddWidths_CopiesRows()
    {
        foreach (int width in Widths.Append(700))
        {
            int[] ids = Ids(60);
            float[] table = Normal(Vocabulary * width, 1);
            double[] y = EveryWay(() =>
            {
                using var idsMemory = Guarded(ids);
                using var tableMemory = Guarded(table);
                using var output = Guarded(new float[ids.Length * width]);
                Kernel.Forward(idsMemory.Pointer, tableMemory.Pointer, output.Pointer, ids.Length, width);
                return [output.Span.ToArray()];
            })[0];
            Assert.Equal([.. ids.SelectMany(id => table[(id * width)..((id + 1) * width)]).Select(v => (double)v)], y);
        }
    }

    [Fact]
    public void Backward_RepeatedIds_AddsInTokenOrder()
    {
        foreach (int width in Widths.Append(700))
        {
            int[] ids = Ids(60);
            float[] dy = Normal(ids.Length * width, 1), table = Normal(Vocabulary * width, 2);
            float[] expected = [.. table];
            for (int t = 0; t < ids.Length; t++)
            {
                for (int i = 0; i < width; i++)
                    expected[ids[t] * width + i] += dy[t * width + i];
            }
            double[] actual = EveryWay(() =>
            {
                using var idsMemory = Guarded(ids);
                using var dys = Guarded(dy);
                using var dTable = Guarded(table);
                Kernel.Backward(idsMemory.Pointer, dys.Pointer, dTable.Pointer, ids.Length, width);
                return [dTable.Span.ToArray()];
            })[0];
            Assert.Equal(Exact(expected), actual);
        }
    }
}
