// The forward pass of one sequence and key head: scores, softmax and weighted values for eight query rows at a time.
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

public static unsafe partial class CausalAttention
{
    const int ForwardRows = 8;

    [ThreadStatic]
    static Scratch t_scratch;

    struct ForwardTask
    {
        public AttentionShape Shape;
        public KeySource Keys;
        public float* Q;
        public int QTokenStride, QHeadStride;
        public int* QueryStarts;
        public int* KeyStarts;
        public float* O;
        public int OTokenStride;
        public float* LogSumExp;
    }

    struct ForwardPart<TLanes> : IParallelAction
        where TLanes : struct, ILanes<TLanes>
    {
        public ForwardTask Task;

        public readonly void Run(int part)
        {
            AttentionShape shape = Task.Shape;
            int sequence = part / shape.KeyValueHeadCount, keyHead = part % shape.KeyValueHeadCount, group = shape.GroupSize;
            int start = Task.QueryStarts[sequence], queryCount = Task.QueryStarts[sequence + 1] - start;
            if (queryCount == 0)
                return;
            int keyStart = Task.KeyStarts[sequence], keyCount = Task.KeyStarts[sequence + 1] - keyStart;
            int past = keyCount - queryCount, blocks = (keyCount + KeySource.BlockLength - 1) / KeySource.BlockLength;

            // A single tile of rows (decoding) reads each block once: one panel is filled again and again, and values stay where they are if they can.
            bool single = queryCount * group <= ForwardRows, inPlace = single && shape.VDim % 16 == 0;
            int panelSize = shape.QueryDim * KeySource.BlockLength, scoreRow = AttentionRow<TLanes>.Stride(blocks * KeySource.BlockLength);
            int valueColumns = AttentionRow<TLanes>.Padded(shape.VDim), valueRow = AttentionRow<TLanes>.Stride(shape.VDim), queryRow = AttentionRow<TLanes>.Padded(shape.QueryDim);
            long heldBlocks = single ? 1 : blocks, heldPanels = heldBlocks * panelSize, heldValues = inPlace ? 0 : heldBlocks * KeySource.BlockLength * valueRow;
            float* keys = t_scratch.Get<float>(heldPanels + heldValues + (ForwardRows * (scoreRow + valueRow + queryRow)));    // [blocks, QueryDim, 64]
            float* values = keys + heldPanels;                       // [blocks * 64, VDim]
            float* scores = values + heldValues;                     // [rows, keyCount]
            float* sums = scores + (ForwardRows * scoreRow);         // [rows, VDim]
            float* queries = sums + (ForwardRows * valueRow);        // [rows, QueryDim]
            for (int block = 0; block < blocks && !single; block++)
            {
                int first = block * KeySource.BlockLength, count = Math.Min(KeySource.BlockLength, keyCount - first);
                Task.Keys.FillKeyPanel<TLanes>(keyStart, first, count, keyHead, keys + ((nint)block * panelSize));
                Task.Keys.CopyValues<TLanes>(keyStart, first, count, keyHead, values + ((nint)first * valueRow), valueRow);
            }

            float* normalizers = stackalloc float[ForwardRows];
            int* tokens = stackalloc int[ForwardRows], heads = stackalloc int[ForwardRows];
            // A row is a (token, head of the group) pair, token by token: grouped heads fill a tile even when one token is decoded.
            var place = new RowPlace(keyHead, group);
            for (int firstRow = 0; firstRow < queryCount * group; firstRow += ForwardRows)
            {
                int rows = Math.Min(ForwardRows, (queryCount * group) - firstRow);
                for (int r = 0; r < rows; r++)
                {
                    (tokens[r], heads[r]) = place.Next();
                    float* q = Task.Q + ((long)(start + tokens[r]) * Task.QTokenStride) + ((nint)heads[r] * Task.QHeadStride);
                    AttentionRow<TLanes>.Copy(q, shape.QueryDim, queries + (r * queryRow), queryRow);
                    // Rows of one head lie a token apart, which hardware does not foresee: the next tile's queries and this one's results are asked for now.
                    AttentionRow<TLanes>.Prefetch(q + ((long)ForwardRows / group * Task.QTokenStride), shape.QueryDim);
                    AttentionRow<TLanes>.Prefetch(Task.O + ((long)(start + tokens[r]) * Task.OTokenStride) + ((nint)heads[r] * shape.VDim), shape.VDim);
                }
                int seenByFirst = past + tokens[0] + 1, seenByLast = past + tokens[rows - 1] + 1;
                for (int first = 0; first < seenByLast; first += KeySource.BlockLength)
                {
                    int count = Math.Min(KeySource.BlockLength, seenByLast - first);
                    float* panel = keys + (single ? 0 : first / KeySource.BlockLength * (nint)panelSize);
                    if (single)
                        Task.Keys.FillKeyPanel<TLanes>(keyStart, first, count, keyHead, panel);
                    AttentionProduct<TLanes>.Multiply(
                        rows, shape.QueryDim, AttentionRow<TLanes>.Padded(count), queries, queryRow, 1, panel, KeySource.BlockLength, scores + first, scoreRow, accumulate: false);
                }
                for (int r = 0; r < rows; r++)
                {
                    float* row = scores + ((nint)r * scoreRow);
                    int seen = past + tokens[r] + 1;
                    float max = AttentionRow<TLanes>.Max(row, seen) * shape.Scale;
                    float sum = AttentionRow<TLanes>.Exponentials(row, seen, shape.Scale, max);
                    normalizers[r] = 1f / sum;
                    if (Task.LogSumExp != null)
                        Task.LogSumExp[((long)(start + tokens[r]) * shape.HeadCount) + heads[r]] = max + MathF.Log(sum);
                }
                for (int first = 0; first < seenByLast; first += KeySource.BlockLength)
                {
                    int count = Math.Min(KeySource.BlockLength, seenByLast - first), common = Math.Clamp(seenByFirst - first, 0, count);
                    float* block = inPlace ? Task.Keys.Value(keyStart, first, keyHead) : values + (single ? 0 : (nint)first * valueRow);
                    int stride = inPlace ? Task.Keys.ValueStride : valueRow;
                    if (single && !inPlace)
                        Task.Keys.CopyValues<TLanes>(keyStart, first, count, keyHead, block, stride);
                    AttentionProduct<TLanes>.Multiply(rows, common, valueColumns, scores + first, scoreRow, 1, block, stride, sums, valueRow, accumulate: first > 0);
                    // All rows see the first row's keys; what later rows see beyond is added key by key, so that no row touches a key it must not see.
                    for (int key = common; key < count; key++)
                    {
                        for (int r = ((first + key - past) * group) - firstRow; r < rows; r++)
                            AttentionRow<TLanes>.AddScaled(sums + (r * valueRow), scores[(r * scoreRow) + first + key], block + (key * stride), valueColumns);
                    }
                }
                for (int r = 0; r < rows; r++)
                {
                    float* o = Task.O + ((long)(start + tokens[r]) * Task.OTokenStride) + ((nint)heads[r] * shape.VDim);
                    AttentionRow<TLanes>.Scale(sums + (r * valueRow), normalizers[r], o, shape.VDim);
                }
            }
        }
    }

    /// <summary>Walks through the (token, head) pairs of a key head's queries, token by token.</summary>
    struct RowPlace(int keyHead, int group)
    {
        int _token, _member;

        public (int Token, int Head) Next()
        {
            (int, int) place = (_token, (keyHead * group) + _member);
            if (++_member == group)
                (_token, _member) = (_token + 1, 0);
            return place;
        }
    }
}
