// The backward pass of one sequence and key head: probabilities again from the log-sum-exp, then
// dV = P^T dO, dP = dO V^T, dS = P (dP - rowsum(dO o)) scale, dQ = dS K, dK = dS^T Q.
using System.Runtime.InteropServices;
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
                    var wide = new BackwardPart<Lanes16> { Task = task };
                    ThreadTeam.Shared.Run(parts, ref wide);
                    break;
                case Rung.Vector256:
                    var narrow = new BackwardPart<Lanes8> { Task = task };
                    ThreadTeam.Shared.Run(parts, ref narrow);
                    break;
                default:
                    var scalar = new BackwardPart<Lanes1> { Task = task };
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

    struct BackwardPart<TLanes> : IParallelAction
        where TLanes : struct, ILanes<TLanes>
    {
        const int TileRow = KeySource.BlockLength + 16;

        public BackwardTask Task;

        public readonly void Run(int part)
        {
            AttentionShape shape = Task.Shape;
            int sequence = part / shape.KeyValueHeadCount, keyHead = part % shape.KeyValueHeadCount;
            int start = Task.SequenceStarts[sequence], count = Task.SequenceStarts[sequence + 1] - start, group = shape.GroupSize;
            if (count == 0)
                return;

            int blocks = (count + KeySource.BlockLength - 1) / KeySource.BlockLength, panelSize = shape.QueryDim * KeySource.BlockLength, valuePanelSize = shape.VDim * KeySource.BlockLength;
            int keyColumns = AttentionRow<TLanes>.Padded(shape.QueryDim), keyRow = AttentionRow<TLanes>.Stride(shape.QueryDim);
            int valueColumns = AttentionRow<TLanes>.Padded(shape.VDim), valueRow = AttentionRow<TLanes>.Stride(shape.VDim);
            float* keyPanels = t_scratch.Get<float>(
                ((long)blocks * (panelSize + valuePanelSize)) + ((long)count * ((2 * keyRow) + valueRow)) + (BackwardRows * ((2 * keyRow) + valueRow + (2 * TileRow))));    // [blocks, QueryDim, 64]
            float* valuePanels = keyPanels + ((long)blocks * panelSize);             // [blocks, VDim, 64]
            float* keys = valuePanels + ((long)blocks * valuePanelSize);             // [count, QueryDim]
            float* keyGradients = keys + ((long)count * keyRow);                     // [count, QueryDim]
            float* valueGradients = keyGradients + ((long)count * keyRow);           // [count, VDim]
            float* queries = valueGradients + ((long)count * valueRow);              // [rows, QueryDim]
            float* queryGradients = queries + (BackwardRows * keyRow);               // [rows, QueryDim]
            float* outputGradients = queryGradients + (BackwardRows * keyRow);       // [rows, VDim]
            float* probabilities = outputGradients + (BackwardRows * valueRow);      // [rows, 64]
            float* scoreGradients = probabilities + (BackwardRows * TileRow);        // [rows, 64]
            var source = new KeySource(shape, Task.Inputs);
            for (int block = 0; block < blocks; block++)
            {
                int first = block * KeySource.BlockLength, length = Math.Min(KeySource.BlockLength, count - first);
                source.FillKeyPanel<TLanes>(start, first, length, keyHead, keyPanels + ((nint)block * panelSize));
                source.FillValuePanel<TLanes>(start, first, length, keyHead, valuePanels + ((nint)block * valuePanelSize));
                source.CopyKeys<TLanes>(start, first, length, keyHead, keys + ((nint)first * keyRow), keyRow);
            }
            NativeMemory.Clear(keyGradients, (nuint)count * (nuint)(keyRow + valueRow) * sizeof(float));

            float* deltas = stackalloc float[BackwardRows];
            float* logSums = stackalloc float[BackwardRows];
            int* tokens = stackalloc int[BackwardRows], heads = stackalloc int[BackwardRows];
            var place = new RowPlace(keyHead, group);
            // Rows are (token, head of the group) pairs, token by token, as in the forward.
            for (int firstRow = 0; firstRow < count * group; firstRow += BackwardRows)
            {
                int rows = Math.Min(BackwardRows, (count * group) - firstRow);
                for (int r = 0; r < rows; r++)
                {
                    (tokens[r], heads[r]) = place.Next();
                    long token = start + tokens[r];
                    int head = heads[r];
                    float* q = Task.Inputs.Q + (token * Task.Inputs.QTokenStride) + ((nint)head * Task.Inputs.QHeadStride);
                    AttentionRow<TLanes>.Copy(q, shape.QueryDim, queries + (r * keyRow), keyColumns);
                    long output = (token * Task.OTokenStride) + ((nint)head * shape.VDim);
                    AttentionRow<TLanes>.Copy(Task.OGradient + output, shape.VDim, outputGradients + (r * valueRow), valueColumns);
                    deltas[r] = AttentionRow<TLanes>.Dot(Task.OGradient + output, Task.O + output, shape.VDim);
                    // As in the forward: the next tile's rows and this one's results.
                    long ahead = BackwardRows / group;
                    AttentionRow<TLanes>.Prefetch(q + (ahead * Task.Inputs.QTokenStride), shape.QueryDim);
                    AttentionRow<TLanes>.Prefetch(Task.OGradient + output + (ahead * Task.OTokenStride), shape.VDim);
                    AttentionRow<TLanes>.Prefetch(Task.O + output + (ahead * Task.OTokenStride), shape.VDim);
                    AttentionRow<TLanes>.Prefetch(Task.Gradients.Q + (q - Task.Inputs.Q), shape.QueryDim);
                    logSums[r] = Task.LogSumExp[(token * shape.HeadCount) + head];
                }
                int seen = tokens[rows - 1] + 1;
                for (int first = 0; first < seen; first += KeySource.BlockLength)
                {
                    int length = Math.Min(KeySource.BlockLength, seen - first), columns = AttentionRow<TLanes>.Padded(length), block = first / KeySource.BlockLength;
                    AttentionProduct<TLanes>.Multiply(
                        rows, shape.QueryDim, columns, queries, keyRow, 1, keyPanels + ((nint)block * panelSize), KeySource.BlockLength, probabilities, TileRow, accumulate: false);
                    AttentionProduct<TLanes>.Multiply(
                        rows, shape.VDim, columns, outputGradients, valueRow, 1, valuePanels + ((nint)block * valuePanelSize), KeySource.BlockLength, scoreGradients, TileRow,
                        accumulate: false);
                    for (int r = 0; r < rows; r++)
                    {
                        float* p = probabilities + (r * TileRow);
                        int own = Math.Clamp(tokens[r] + 1 - first, 0, length);
                        AttentionRow<TLanes>.Exponentials(p, own, shape.Scale, logSums[r]);
                        AttentionRow<TLanes>.Clear(p, AttentionRow<TLanes>.Padded(own), columns);
                        AttentionRow<TLanes>.SoftmaxBackward(p, scoreGradients + (r * TileRow), columns, deltas[r], shape.Scale);
                    }
                    AttentionProduct<TLanes>.Multiply(
                        length, rows, valueColumns, probabilities, 1, TileRow, outputGradients, valueRow, valueGradients + ((nint)first * valueRow), valueRow, accumulate: true);
                    AttentionProduct<TLanes>.Multiply(
                        length, rows, keyColumns, scoreGradients, 1, TileRow, queries, keyRow, keyGradients + ((nint)first * keyRow), keyRow, accumulate: true);
                    AttentionProduct<TLanes>.Multiply(
                        rows, length, keyColumns, scoreGradients, TileRow, 1, keys + ((nint)first * keyRow), keyRow, queryGradients, keyRow, accumulate: first > 0);
                }
                for (int r = 0; r < rows; r++)
                {
                    float* dQ = Task.Gradients.Q + ((long)(start + tokens[r]) * Task.Inputs.QTokenStride) + ((nint)heads[r] * Task.Inputs.QHeadStride);
                    AttentionRow<TLanes>.Copy(queryGradients + (r * keyRow), shape.QueryDim, dQ, 0);
                }
            }
            for (int i = 0; i < count; i++)
            {
                long token = start + i;
                float* key = keyGradients + ((nint)i * keyRow), value = valueGradients + ((nint)i * valueRow);
                AttentionRow<TLanes>.Copy(key, shape.QkDim, Task.Gradients.K + (token * Task.Inputs.KTokenStride) + ((nint)keyHead * Task.Inputs.KHeadStride), 0);
                if (shape.SharedDim > 0)
                    AttentionRow<TLanes>.Copy(key + shape.QkDim, shape.SharedDim, Task.SharedKShares + ((((long)keyHead * Task.TokenCount) + token) * shape.SharedDim), 0);
                AttentionRow<TLanes>.Copy(value, shape.VDim, Task.Gradients.V + (token * Task.Inputs.VTokenStride) + ((nint)keyHead * Task.Inputs.VHeadStride), 0);
            }
        }
    }
}
