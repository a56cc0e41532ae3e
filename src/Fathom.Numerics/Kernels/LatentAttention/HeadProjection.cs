// One small matrix product per head: what moves queries into latent space and contexts out of it, when latent attention is absorbed.
// Letters: t tokens, h heads, k inputs and n outputs of a head.
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

/// <summary>The matrices of all heads.</summary>
public readonly unsafe struct HeadMatrices
{
    /// <summary>FP32 matrices, or null.</summary>
    public float* Values { get; init; }

    /// <summary>The same as bfloat16 patterns, [k, n] each, where <see cref="Values"/> is null; n is a multiple of 16.</summary>
    public ushort* Narrow { get; init; }

    /// <summary>Whether each of <see cref="Values"/> is given as [n, k] instead of [k, n].</summary>
    public bool Transposed { get; init; }

    /// <summary>From one head's matrix to the next one's, in elements.</summary>
    public long HeadStride { get; init; }
}

/// <summary>y[t, h] = x[t, h] W[h] for every token and head, in one call of the thread team.</summary>
/// <remarks>Every element is one chain of fused multiply-adds over k: the same bits in any batch, on any number of threads and at any width.</remarks>
public static unsafe class HeadProjection
{
    const int MostTokens = 64;

    [ThreadStatic]
    static Scratch t_scratch;

    static ReadOnlySpan<Rung> Implemented => [Rung.Scalar, Rung.Vector256, Rung.Vector512];

    /// <summary>The implementation in use.</summary>
    public static Rung Chosen => Ladder.Pick(Implemented);

    /// <summary>Multiplies the rows of all tokens and heads.</summary>
    /// <param name="tokens">t, 0 or more.</param>
    /// <param name="heads">h.</param>
    /// <param name="inputs">k.</param>
    /// <param name="outputs">n.</param>
    /// <param name="x">Rows [k]: that of token t and head h stands at x + t * xTokenStride + h * xHeadStride.</param>
    /// <param name="xTokenStride">In floats.</param>
    /// <param name="xHeadStride">In floats.</param>
    /// <param name="matrices">W.</param>
    /// <param name="y">Rows [n], at y + t * yTokenStride + h * yHeadStride.</param>
    /// <param name="yTokenStride">In floats.</param>
    /// <param name="yHeadStride">In floats.</param>
    public static void Forward(
        int tokens, int heads, int inputs, int outputs, float* x, int xTokenStride, int xHeadStride, in HeadMatrices matrices, float* y, int yTokenStride, int yHeadStride)
    {
        var task = new Task
        {
            Tokens = tokens,
            Inputs = inputs,
            Outputs = outputs,
            X = x,
            XTokenStride = xTokenStride,
            XHeadStride = xHeadStride,
            Matrices = matrices,
            Y = y,
            YTokenStride = yTokenStride,
            YHeadStride = yHeadStride,
            PartsPerHead = (tokens + MostTokens - 1) / MostTokens,
        };
        int parts = heads * task.PartsPerHead;
        switch (Chosen)
        {
            case Rung.Vector512:
                var wide = new Part<Lanes16> { Task = task };
                ThreadTeam.Shared.Run(parts, ref wide);
                break;
            case Rung.Vector256:
                var narrow = new Part<Lanes8> { Task = task };
                ThreadTeam.Shared.Run(parts, ref narrow);
                break;
            default:
                var scalar = new Part<Lanes1> { Task = task };
                ThreadTeam.Shared.Run(parts, ref scalar);
                break;
        }
    }

    struct Task
    {
        public int Tokens, Inputs, Outputs, PartsPerHead;
        public float* X;
        public int XTokenStride, XHeadStride;
        public HeadMatrices Matrices;
        public float* Y;
        public int YTokenStride, YHeadStride;
    }

    struct Part<TLanes> : IParallelAction
        where TLanes : struct, ILanes<TLanes>
    {
        public Task Task;

        public readonly void Run(int part)
        {
            int head = part / Task.PartsPerHead, first = part % Task.PartsPerHead * MostTokens, rows = Math.Min(MostTokens, Task.Tokens - first);
            int inputs = Task.Inputs, outputs = Task.Outputs, columns = AttentionRow<TLanes>.Padded(outputs);
            bool whole = columns == outputs, inPlace = Task.Matrices.Values == null || (whole && !Task.Matrices.Transposed);
            float* x = Task.X + ((long)first * Task.XTokenStride) + (head * (nint)Task.XHeadStride);
            float* y = Task.Y + ((long)first * Task.YTokenStride) + (head * (nint)Task.YHeadStride);
            float* panel = t_scratch.Get<float>((inPlace ? 0 : inputs * columns) + (whole ? 0 : rows * columns));  // [k, n]
            float* result = whole ? y : panel + (inPlace ? 0 : inputs * columns);                                   // [rows, n]
            int resultRow = whole ? Task.YTokenStride : columns;
            if (Task.Matrices.Values == null)
            {
                AttentionProduct<TLanes>.Multiply(
                    rows, inputs, columns, x, Task.XTokenStride, 1, Task.Matrices.Narrow + (head * Task.Matrices.HeadStride), columns, result, resultRow, accumulate: false);
            }
            else
            {
                float* matrix = Task.Matrices.Values + (head * Task.Matrices.HeadStride);
                if (Task.Matrices.Transposed)
                    Transposition.Run<TLanes>(matrix, inputs, outputs, inputs, panel, columns);
                else if (!inPlace)
                    CopyRows(matrix, inputs, outputs, panel, columns);
                AttentionProduct<TLanes>.Multiply(
                    rows, inputs, columns, x, Task.XTokenStride, 1, inPlace ? matrix : panel, columns, result, resultRow, accumulate: false);
            }
            for (int r = 0; r < rows && !whole; r++)
                AttentionRow<TLanes>.Copy(result + (r * columns), outputs, y + ((long)r * Task.YTokenStride), outputs);
        }

        static void CopyRows(float* source, int rows, int width, float* destination, int stride)
        {
            for (int r = 0; r < rows; r++)
                AttentionRow<TLanes>.Copy(source + ((long)r * width), width, destination + ((long)r * stride), stride);
        }
    }
}
