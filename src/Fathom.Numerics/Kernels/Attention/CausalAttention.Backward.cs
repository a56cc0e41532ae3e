// The backward pass of one sequence and key head: probabilities again from the log-sum-exp, then
// dV = P^T dO, dP = dO V^T, dS = P (dP - rowsum(dO o)) scale, dQ = dS K, dK = dS^T Q.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

public static unsafe partial class CausalAttention
{
    const int BackwardRows = 32;

    static void Run(ref BackwardTask task, int sequenceCount)
    {
        int tokens = task.SequenceStarts[sequenceCount], keyHeads = task.Shape.KeyValueHeadCount;
        // Each key head leaves its share of the shared key's gradient here; the shares are added in the order of the heads.
        long shareLength = (long)tokens * task.Shape.SharedDim;
        task.TokenCount = tokens;
        task.SharedKShares = shareLength == 0 ? null : (float*)NativeMemory.AlignedAlloc((nuint)(shareLength * keyHeads * sizeof(float)), 64);
        try
        {
            int parts = sequenceCount * keyHeads;
            switch (Chosen)
            {
                case Rung.Vector512:
                    var wide = new BackwardPart<Attention512Lanes, Vector512<float>> { Task = task };
                    ThreadTeam.Shared.Run(parts, ref wide);
                    break;
                case Rung.Vector256:
                    var narrow = new BackwardPart<Attention256Lanes, Vector256<float>> { Task = task };
                    ThreadTeam.Shared.Run(parts, ref narrow);
                    break;
                default:
                    var scalar = new BackwardPart<AttentionScalarLanes, float> { Task = task };
                    ThreadTeam.Shared.Run(parts, ref scalar);
                    break;
            }
            if (shareLength > 0)
                AddShares(task, tokens);
        }
        finally
        {
            NativeMemory.AlignedFree(task.SharedKShares);
        }
    }

    static void AddShares(in BackwardTask task, int tokens)
    {
        int width = task.Shape.SharedDim;
        for (int token = 0; token < tokens; token++)
        {
            var sum = new Span<float>(task.Gradients.SharedK + ((long)token * task.Inputs.SharedKTokenStride), width);
            for (int head = 0; head < task.Shape.KeyValueHeadCount; head++)
            {
                float* share = task.SharedKShares + ((((long)head * tokens) + token) * width);
                for (int d = 0; d < width; d++)
                    sum[d] = head == 0 ? share[d] : sum[d] + share[d];
            }
        }
    }

    struct BackwardTask
    {
        public AttentionShape Shape;
        public AttentionInputs Inputs;
        public int* SequenceStarts;
        public float* O;
        public int OTokenStride;
        public float* LogSumExp;
        public float* OGradient;
        public AttentionGradients Gradients;

        /// <summary>[KeyValueHeadCount, T, SharedDim].</summary>
        public float* SharedKShares;
        public int TokenCount;
    }

    struct BackwardPart<TLanes, TVector> : IParallelAction
        where TLanes : struct, IAttentionLanes<TVector>
        where TVector : struct
    {
        public BackwardTask Task;

        public readonly void Run(int part)
        {
            AttentionShape shape = Task.Shape;
            int sequence = part / shape.KeyValueHeadCount, keyHead = part % shape.KeyValueHeadCount;
            int start = Task.SequenceStarts[sequence], count = Task.SequenceStarts[sequence + 1] - start, group = shape.GroupSize;
            if (count == 0)
                return;

            int scoreRow = AttentionScratch.RowLength(count), keyRow = AttentionScratch.RowLength(shape.QueryDim), valueRow = AttentionScratch.RowLength(shape.VDim);
            AttentionScratch scratch = AttentionScratch.Take(
                ((long)(shape.QueryDim + shape.VDim + (2 * BackwardRows)) * scoreRow) + ((2L * (count + BackwardRows)) * keyRow) + ((long)(count + BackwardRows) * valueRow));
            float* keysTransposed = scratch.Next(shape.QueryDim, scoreRow);      // [QueryDim, count]
            float* valuesTransposed = scratch.Next(shape.VDim, scoreRow);        // [VDim, count]
            float* probabilities = scratch.Next(BackwardRows, scoreRow);         // [rows, count]
            float* scoreGradients = scratch.Next(BackwardRows, scoreRow);        // [rows, count]
            float* keys = scratch.Next(count, keyRow);                           // [count, QueryDim]
            float* keyGradients = scratch.Next(count, keyRow);                   // [count, QueryDim]
            float* queries = scratch.Next(BackwardRows, keyRow);                 // [rows, QueryDim]
            float* queryGradients = scratch.Next(BackwardRows, keyRow);          // [rows, QueryDim]
            float* valueGradients = scratch.Next(count, valueRow);               // [count, VDim]
            float* outputGradients = scratch.Next(BackwardRows, valueRow);       // [rows, VDim]
            var source = new KeySource(Task.Inputs);
            source.TransposeKeys(shape, sequence, start, count, keyHead, keysTransposed, scoreRow);
            source.TransposeValues(shape, sequence, start, count, keyHead, valuesTransposed, scoreRow);
            source.CopyKeys(shape, sequence, start, count, keyHead, keys, keyRow);
            new Span<float>(keyGradients, checked(count * keyRow)).Clear();
            new Span<float>(valueGradients, checked(count * valueRow)).Clear();

            int keyColumns = AttentionScratch.Padded(shape.QueryDim), valueColumns = AttentionScratch.Padded(shape.VDim);
            float* deltas = stackalloc float[BackwardRows];
            float* logSums = stackalloc float[BackwardRows];
            // Rows are (token, head of the group) pairs, token by token, as in the forward.
            for (int firstRow = 0; firstRow < count * group; firstRow += BackwardRows)
            {
                int rows = Math.Min(BackwardRows, (count * group) - firstRow);
                for (int r = 0; r < rows; r++)
                {
                    (long token, int head) = Place(firstRow + r, start, keyHead, group);
                    float* q = Task.Inputs.Q + (token * Task.Inputs.QTokenStride) + ((nint)head * Task.Inputs.QHeadStride);
                    CopyPadded(q, shape.QueryDim, queries + (r * keyRow), keyColumns);
                    long output = (token * Task.OTokenStride) + ((nint)head * shape.VDim);
                    CopyPadded(Task.OGradient + output, shape.VDim, outputGradients + (r * valueRow), valueColumns);
                    deltas[r] = TLanes.Dot(Task.OGradient + output, Task.O + output, shape.VDim);
                    logSums[r] = Task.LogSumExp[(token * shape.HeadCount) + head];
                }
                int seen = ((firstRow + rows - 1) / group) + 1, columns = AttentionScratch.Padded(seen);
                AttentionProduct<TLanes, TVector>.Multiply(
                    rows, shape.QueryDim, columns, queries, keyRow, 1, keysTransposed, scoreRow, probabilities, scoreRow, accumulate: false);
                AttentionProduct<TLanes, TVector>.Multiply(
                    rows, shape.VDim, columns, outputGradients, valueRow, 1, valuesTransposed, scoreRow, scoreGradients, scoreRow, accumulate: false);
                for (int r = 0; r < rows; r++)
                {
                    float* p = probabilities + ((nint)r * scoreRow);
                    int own = ((firstRow + r) / group) + 1, ownPadded = AttentionScratch.Padded(own);
                    TLanes.Exponentials(p, own, shape.Scale, logSums[r]);
                    new Span<float>(p + ownPadded, columns - ownPadded).Clear();
                    TLanes.SoftmaxBackward(p, scoreGradients + ((nint)r * scoreRow), columns, deltas[r], shape.Scale);
                }
                AttentionProduct<TLanes, TVector>.Multiply(
                    seen, rows, valueColumns, probabilities, 1, scoreRow, outputGradients, valueRow, valueGradients, valueRow, accumulate: true);
                AttentionProduct<TLanes, TVector>.Multiply(
                    seen, rows, keyColumns, scoreGradients, 1, scoreRow, queries, keyRow, keyGradients, keyRow, accumulate: true);
                AttentionProduct<TLanes, TVector>.Multiply(
                    rows, seen, keyColumns, scoreGradients, scoreRow, 1, keys, keyRow, queryGradients, keyRow, accumulate: false);
                for (int r = 0; r < rows; r++)
                {
                    (long token, int head) = Place(firstRow + r, start, keyHead, group);
                    float* dQ = Task.Gradients.Q + (token * Task.Inputs.QTokenStride) + ((nint)head * Task.Inputs.QHeadStride);
                    new Span<float>(queryGradients + (r * keyRow), shape.QueryDim).CopyTo(new Span<float>(dQ, shape.QueryDim));
                }
            }
            for (int i = 0; i < count; i++)
            {
                long token = start + i;
                var key = new Span<float>(keyGradients + ((nint)i * keyRow), shape.QueryDim);
                key[..shape.QkDim].CopyTo(new Span<float>(Task.Gradients.K + (token * Task.Inputs.KTokenStride) + ((nint)keyHead * Task.Inputs.KHeadStride), shape.QkDim));
                if (shape.SharedDim > 0)
                    key[shape.QkDim..].CopyTo(new Span<float>(Task.SharedKShares + ((((long)keyHead * Task.TokenCount) + token) * shape.SharedDim), shape.SharedDim));
                new Span<float>(valueGradients + ((nint)i * valueRow), shape.VDim)
                    .CopyTo(new Span<float>(Task.Gradients.V + (token * Task.Inputs.VTokenStride) + ((nint)keyHead * Task.Inputs.VHeadStride), shape.VDim));
            }
        }

        static (long Token, int Head) Place(int row, int start, int keyHead, int group) => (start + (row / group), (keyHead * group) + (row % group));

        static void CopyPadded(float* source, int length, float* destination, int padded)
        {
            new Span<float>(source, length).CopyTo(new Span<float>(destination, length));
            new Span<float>(destination + length, padded - length).Clear();
        }
    }
}
