// The forward pass of one sequence and key head: scores, softmax and weighted values for eight query rows at a time.
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

public static unsafe partial class CausalAttention
{
    const int ForwardRows = 8;

    struct ForwardTask
    {
        public AttentionShape Shape;
        public KeySource Keys;
        public float* Q;
        public int QTokenStride, QHeadStride;
        public int* QueryStarts;

        /// <summary>First key of each sequence in a packed batch; null with a cache.</summary>
        public int* KeyStarts;

        /// <summary>Tokens before the first query of each sequence in a cache; null in a packed batch.</summary>
        public int* PastLengths;
        public float* O;
        public int OTokenStride;
        public float* LogSumExp;
    }

    struct ForwardPart<TLanes, TVector> : IParallelAction
        where TLanes : struct, IAttentionLanes<TVector>
        where TVector : struct
    {
        public ForwardTask Task;

        public readonly void Run(int part)
        {
            AttentionShape shape = Task.Shape;
            int sequence = part / shape.KeyValueHeadCount, keyHead = part % shape.KeyValueHeadCount;
            int start = Task.QueryStarts[sequence], queryCount = Task.QueryStarts[sequence + 1] - start;
            if (queryCount == 0)
                return;
            int keyStart = Task.KeyStarts == null ? 0 : Task.KeyStarts[sequence];
            int keyCount = Task.KeyStarts == null ? Task.PastLengths[sequence] + queryCount : Task.KeyStarts[sequence + 1] - keyStart;
            int past = keyCount - queryCount, group = shape.GroupSize;

            int scoreRow = AttentionScratch.RowLength(keyCount), valueRow = AttentionScratch.RowLength(shape.VDim), queryRow = AttentionScratch.Padded(shape.QueryDim);
            AttentionScratch scratch = AttentionScratch.Take(
                ((long)(shape.QueryDim + ForwardRows) * scoreRow) + ((long)(keyCount + ForwardRows) * valueRow) + (ForwardRows * queryRow));
            float* keys = scratch.Next(shape.QueryDim, scoreRow);    // [QueryDim, keyCount], transposed
            float* values = scratch.Next(keyCount, valueRow);        // [keyCount, VDim]
            float* scores = scratch.Next(ForwardRows, scoreRow);     // [rows, keyCount]
            float* sums = scratch.Next(ForwardRows, valueRow);       // [rows, VDim]
            float* queries = scratch.Next(ForwardRows, queryRow);    // [rows, QueryDim]
            Task.Keys.TransposeKeys(shape, sequence, keyStart, keyCount, keyHead, keys, scoreRow);
            Task.Keys.CopyValues(shape, sequence, keyStart, keyCount, keyHead, values, valueRow);

            int valueColumns = AttentionScratch.Padded(shape.VDim);
            float* normalizers = stackalloc float[ForwardRows];
            // A row is a (token, head of the group) pair, token by token: grouped heads fill a tile even when one token is decoded.
            for (int firstRow = 0; firstRow < queryCount * group; firstRow += ForwardRows)
            {
                int rows = Math.Min(ForwardRows, (queryCount * group) - firstRow);
                for (int r = 0; r < rows; r++)
                {
                    int token = (firstRow + r) / group, head = (keyHead * group) + ((firstRow + r) % group);
                    float* q = Task.Q + ((long)(start + token) * Task.QTokenStride) + ((nint)head * Task.QHeadStride);
                    new Span<float>(q, shape.QueryDim).CopyTo(new Span<float>(queries + (r * queryRow), shape.QueryDim));
                }
                int seenByFirst = past + (firstRow / group) + 1, seenByLast = past + ((firstRow + rows - 1) / group) + 1;
                AttentionProduct<TLanes, TVector>.Multiply(
                    rows, shape.QueryDim, AttentionScratch.Padded(seenByLast), queries, queryRow, 1, keys, scoreRow, scores, scoreRow, accumulate: false);
                for (int r = 0; r < rows; r++)
                {
                    float* row = scores + ((nint)r * scoreRow);
                    int token = (firstRow + r) / group, seen = past + token + 1;
                    float max = TLanes.Max(row, seen) * shape.Scale;
                    float sum = TLanes.Exponentials(row, seen, shape.Scale, max);
                    normalizers[r] = 1f / sum;
                    if (Task.LogSumExp != null)
                        Task.LogSumExp[((long)(start + token) * shape.HeadCount) + (keyHead * group) + ((firstRow + r) % group)] = max + MathF.Log(sum);
                }
                // All rows see the first row's keys; what later rows see beyond is added row by row, so that no row touches a key it must not see.
                AttentionProduct<TLanes, TVector>.Multiply(rows, seenByFirst, valueColumns, scores, scoreRow, 1, values, valueRow, sums, valueRow, accumulate: false);
                for (int r = 0; r < rows; r++)
                {
                    int token = (firstRow + r) / group, more = past + token + 1 - seenByFirst;
                    float* sum = sums + ((nint)r * valueRow);
                    if (more > 0)
                    {
                        AttentionProduct<TLanes, TVector>.Multiply(
                            1, more, valueColumns, scores + ((nint)r * scoreRow) + seenByFirst, scoreRow, 1, values + ((nint)seenByFirst * valueRow), valueRow,
                            sum, valueRow, accumulate: true);
                    }
                    float* o = Task.O + ((long)(start + token) * Task.OTokenStride) + ((nint)((keyHead * group) + ((firstRow + r) % group)) * shape.VDim);
                    for (int d = 0; d < shape.VDim; d++)
                        o[d] = sum[d] * normalizers[r];
                }
            }
        }
    }
}
