// Absorbed attention over the latent cache: all heads read one shared row per token, which is key and value at once.
// Leaves out the absorption itself (queries through the key up-projection, contexts through the value up-projection).
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

/// <summary>
/// Multi-head latent attention with the key and value up-projections absorbed into the queries and the output (DeepSeek-V2,
/// arXiv 2405.04434, section 2.1.2): context = softmax(scale q [c; k_rope]^T, causal) c, with the cache rows [c; k_rope].
/// </summary>
/// <remarks>
/// One pass over the cache in blocks of 64 rows with a running maximum (online softmax, Milakov and Gimelshein 2018). Blocks begin at
/// position 0 and every order of summation follows positions, so a token's bits do not depend on the batch, on how its sequence was cut into
/// chunks, on the number of threads or on the vector width.
/// </remarks>
public static unsafe class LatentAttention
{
    /// <summary>Tokens per block of the cache.</summary>
    public const int BlockLength = CausalAttention.CacheBlockLength;

    const int MostRows = 32;

    [ThreadStatic]
    static Scratch t_scratch;

    static readonly Rung[] s_implemented = [Rung.Scalar, Rung.Vector256, Rung.Vector512];

    /// <summary>The implementation in use.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <summary>
    /// Latent contexts of all queries of a batch. Query i of sequence s stands at position pastLengths[s] + i and sees the rows up to
    /// its own, which the cache already holds.
    /// </summary>
    /// <param name="headCount">Heads, at least 1.</param>
    /// <param name="kvLoraRank">Width of the latent, the front part of a row.</param>
    /// <param name="ropeDim">Width of the shared rotary key, the rest of a row; 0 or more.</param>
    /// <param name="scale">Factor on the scores before the softmax; positive.</param>
    /// <param name="q">Absorbed queries, [T, headCount, kvLoraRank + ropeDim]; a token's heads lie together.</param>
    /// <param name="qTokenStride">From one token's queries to the next one's, in floats.</param>
    /// <param name="queryStarts">[sequenceCount + 1] first query token of each sequence.</param>
    /// <param name="pastLengths">[sequenceCount] tokens before each sequence's first query.</param>
    /// <param name="sequenceCount">Sequences in the batch.</param>
    /// <param name="blocks">Block b of sequence s is blocks[s * blockTableStride + b]: [<see cref="BlockLength"/>, kvLoraRank + ropeDim].</param>
    /// <param name="blockTableStride">Blocks per sequence in the table.</param>
    /// <param name="context">Result, [T, headCount, kvLoraRank]; a token's heads lie together.</param>
    /// <param name="contextTokenStride">From one token's result to the next one's, in floats.</param>
    public static void Forward(
        int headCount, int kvLoraRank, int ropeDim, float scale, float* q, int qTokenStride, int* queryStarts, int* pastLengths, int sequenceCount,
        float** blocks, int blockTableStride, float* context, int contextTokenStride)
    {
        var task = new Task
        {
            HeadCount = headCount,
            Rank = kvLoraRank,
            Width = kvLoraRank + ropeDim,
            Scale = scale,
            Q = q,
            QTokenStride = qTokenStride,
            QueryStarts = queryStarts,
            PastLengths = pastLengths,
            Blocks = blocks,
            BlockTableStride = blockTableStride,
            Context = context,
            ContextTokenStride = contextTokenStride,
        };
        int mostQueries = 0;
        for (int s = 0; s < sequenceCount; s++)
            mostQueries = Math.Max(mostQueries, queryStarts[s + 1] - queryStarts[s]);
        // Rows are (token, head) pairs. Many rows per part read the cache fewer times; few sequences are split finer to employ all threads.
        task.RowsPerPart = MostRows;
        int mostRows = mostQueries * headCount;
        while (task.RowsPerPart > 8 && (long)sequenceCount * ((mostRows + task.RowsPerPart - 1) / task.RowsPerPart) < ThreadTeam.Shared.ThreadCount)
            task.RowsPerPart /= 2;
        task.PartsPerSequence = (mostRows + task.RowsPerPart - 1) / task.RowsPerPart;
        int parts = sequenceCount * task.PartsPerSequence;
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
        public int HeadCount, Rank, Width, RowsPerPart, PartsPerSequence;
        public float Scale;
        public float* Q;
        public int QTokenStride;
        public int* QueryStarts;
        public int* PastLengths;
        public float** Blocks;
        public int BlockTableStride;
        public float* Context;
        public int ContextTokenStride;
    }

    struct Part<TLanes> : IParallelAction
        where TLanes : struct, ILanes<TLanes>
    {
        public Task Task;

        public readonly void Run(int part)
        {
            int sequence = part / Task.PartsPerSequence, firstRow = part % Task.PartsPerSequence * Task.RowsPerPart;
            int start = Task.QueryStarts[sequence], rows = Math.Min(Task.RowsPerPart, ((Task.QueryStarts[sequence + 1] - start) * Task.HeadCount) - firstRow);
            if (rows <= 0)
                return;
            int past = Task.PastLengths[sequence], seenByLast = past + ((firstRow + rows - 1) / Task.HeadCount) + 1;

            // Latents are read where they are if their rows can be read in whole vectors.
            bool inPlace = Task.Rank % 16 == 0;
            int columns = AttentionRow<TLanes>.Padded(Task.Rank), latentRow = AttentionRow<TLanes>.Stride(Task.Rank), queryRow = AttentionRow<TLanes>.Padded(Task.Width);
            float* queries = t_scratch.Get<float>(
                ((long)rows * (queryRow + latentRow + BlockLength)) + ((long)BlockLength * (Task.Width + (inPlace ? 0 : latentRow))));    // [rows, Width]
            float* contexts = queries + (rows * queryRow);             // [rows, Rank]
            float* scores = contexts + (rows * latentRow);             // [rows, 64]
            float* keys = scores + (rows * BlockLength);               // [Width, 64]
            float* latents = keys + (Task.Width * BlockLength);        // [64, Rank]
            float* maxima = stackalloc float[MostRows];
            float* sums = stackalloc float[MostRows];
            int* positions = stackalloc int[MostRows];
            for (int r = 0; r < rows; r++)
            {
                float* q = Task.Q + ((long)(start + ((firstRow + r) / Task.HeadCount)) * Task.QTokenStride) + ((nint)((firstRow + r) % Task.HeadCount) * Task.Width);
                AttentionRow<TLanes>.Copy(q, Task.Width, queries + (r * queryRow), queryRow);
                positions[r] = past + ((firstRow + r) / Task.HeadCount);
                maxima[r] = float.NegativeInfinity;
                sums[r] = 0f;
            }
            new Span<float>(contexts, rows * latentRow).Clear();

            for (int first = 0; first < seenByLast; first += BlockLength)
            {
                int count = Math.Min(BlockLength, seenByLast - first);
                float* block = Task.Blocks[((long)sequence * Task.BlockTableStride) + (first / BlockLength)];
                Transposition.Run<TLanes>(block, Task.Width, count, Task.Width, keys, BlockLength);
                AttentionProduct<TLanes>.Multiply(
                    rows, Task.Width, AttentionRow<TLanes>.Padded(count), queries, queryRow, 1, keys, BlockLength, scores, BlockLength, accumulate: false);
                for (int r = 0; r < rows; r++)
                {
                    int seen = Math.Min(BlockLength, positions[r] + 1 - first);
                    if (seen > 0)
                        Absorb(scores + (r * BlockLength), seen, ref maxima[r], ref sums[r], contexts + (r * latentRow), columns);
                }
                float* values = inPlace ? block : latents;
                int stride = inPlace ? Task.Width : latentRow;
                for (int i = 0; i < count && !inPlace; i++)
                    AttentionRow<TLanes>.Copy(block + (i * Task.Width), Task.Rank, latents + (i * latentRow), columns);
                // As in causal attention: what all rows see in one product, the rest key by key, so no row touches what it must not see.
                int common = Math.Clamp(positions[0] + 1 - first, 0, BlockLength);
                AttentionProduct<TLanes>.Multiply(rows, common, columns, scores, BlockLength, 1, values, stride, contexts, latentRow, accumulate: true);
                for (int key = common; key < count; key++)
                {
                    for (int r = ((first + key - past) * Task.HeadCount) - firstRow; r < rows; r++)
                        AttentionRow<TLanes>.AddScaled(contexts + (r * latentRow), scores[(r * BlockLength) + key], values + (key * stride), columns);
                }
            }
            for (int r = 0; r < rows; r++)
            {
                float* result = Task.Context + ((long)(start + ((firstRow + r) / Task.HeadCount)) * Task.ContextTokenStride)
                    + ((nint)((firstRow + r) % Task.HeadCount) * Task.Rank);
                AttentionRow<TLanes>.Scale(contexts + (r * latentRow), 1f / sums[r], result, Task.Rank);
            }
        }

        /// <summary>One step of the online softmax: scores become exponentials under the new maximum, sum and context are rescaled to it.</summary>
        readonly void Absorb(float* scores, int seen, ref float max, ref float sum, float* context, int columns)
        {
            float largest = MathF.Max(max, AttentionRow<TLanes>.Max(scores, seen) * Task.Scale);
            float shrink = Exponential.Exp(max - largest);
            sum = (sum * shrink) + AttentionRow<TLanes>.Exponentials(scores, seen, Task.Scale, largest);
            max = largest;
            if (shrink != 1f)
                AttentionRow<TLanes>.Scale(context, shrink, context, columns);
        }
    }
}
