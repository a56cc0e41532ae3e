// Causal attention in inference: over the blocks of a cache in any of its formats, or over latents that were up-projected for this pass.
// Leaves out projections and rotary embedding; training attends packed sequences (see CausalAttention).
using Fathom.Numerics.Kernels.Assembly;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

/// <summary>
/// o = softmax(scale q K^T, causal) V over a paged cache. Keys are cut at fixed positions, multiples of <see cref="SplitLength"/>: within
/// a split the softmax has its own maximum, and splits are merged in ascending order by their maxima and sums (the log-sum-exp merge of
/// Flash-Decoding; online softmax, Milakov and Gimelshein 2018).
/// </summary>
/// <remarks>
/// A query row's bits depend on its sequence's keys and its position only: every score is one chain of fused multiply-adds, a split's
/// exponentials are summed in 16 lanes by key position, its weighted values are one chain over the keys. So a row has the same bits in a
/// whole prompt, in a chunk, or alone, in any batch, on any number of threads and at any vector width; within the first split they are
/// those of <see cref="CausalAttention"/>. Tiles sum in another order: other bits than vectors, and the same ones in all other respects.
/// </remarks>
public static unsafe partial class CachedAttention
{
    /// <summary>Keys per split of a sequence.</summary>
    public const int SplitLength = 256;

    /// <summary>Rows (tokens times heads that read one key) per unit of work: what shares widened keys, and what fits a second-level cache.</summary>
    const int MostRows = 256, MostLatentRows = 128;

    [ThreadStatic]
    static Scratch t_units;

    [ThreadStatic]
    static Scratch t_states;

    static readonly Rung[] s_implemented = MachineCode.HasBf16Tiles ? [Rung.Scalar, Rung.Vector256, Rung.Vector512, Rung.Tiles] : [Rung.Scalar, Rung.Vector256, Rung.Vector512];

    /// <summary>The implementation in use. Tiles take latents in bfloat16 of many heads; everything else stays with vectors.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <summary>
    /// Attention of a batch's tokens over their sequences' cached rows, in which their own already stand. All query heads that read a
    /// key-value head meet each of its keys together, so a row of the cache is read once per token and head of the cache.
    /// </summary>
    /// <param name="batch">Tokens and blocks. A latent row is key and, with its front, value of every head: queries are absorbed ones.</param>
    /// <param name="headCount">Query heads; a multiple of the layout's heads.</param>
    /// <param name="scale">Factor on the scores before the softmax; positive.</param>
    /// <param name="q">Queries: those of token t and head h, [key width], stand at q + t * qTokenStride + h * qHeadStride.</param>
    /// <param name="qTokenStride">From one token's queries to the next one's, in floats.</param>
    /// <param name="qHeadStride">From one head's query to the next one's, in floats.</param>
    /// <param name="o">Result, [value width] for token t and head h at o + t * oTokenStride + h * oHeadStride.</param>
    /// <param name="oTokenStride">From one token's result to the next one's, in floats.</param>
    /// <param name="oHeadStride">From one head's result to the next one's, in floats.</param>
    public static void Forward(
        in CachedBatch batch, int headCount, float scale, float* q, int qTokenStride, int qHeadStride, float* o, int oTokenStride, int oHeadStride)
    {
        CacheLayout layout = batch.Layout;
        var task = new AttentionTask
        {
            Batch = batch,
            KeyHeads = layout.HeadCount,
            Group = headCount / layout.HeadCount,
            KeyWidth = layout.KeyWidth,
            ValueWidth = layout.ValueWidth,
            Scale = scale,
            Q = q,
            QTokenStride = qTokenStride,
            QHeadStride = qHeadStride,
            O = o,
            OTokenStride = oTokenStride,
            OHeadStride = oHeadStride,
            Tiles = Chosen == Rung.Tiles && LatentTiles.Takes(layout, headCount),
        };
        Run(ref task, layout.IsLatent ? MostLatentRows : MostRows);
    }

    /// <summary>Floats that <see cref="ForwardExpanded"/> keeps between its calls for one piece.</summary>
    /// <param name="shape">As there.</param>
    /// <param name="queryCount">As there.</param>
    public static long StateFloats(in AttentionShape shape, int queryCount)
    {
        int perUnit = TokensPerUnit(queryCount, shape.HeadCount);
        long units = (long)shape.HeadCount * ((queryCount + perUnit - 1) / perUnit);
        return units * AttentionUnit.StateFloats(perUnit, shape.VDim, tiles: false);
    }

    /// <summary>
    /// Attention of one sequence's new tokens over up-projected keys and values, which may come in several runs, ascending and without
    /// gaps, so that a deep cache never needs to be up-projected as a whole.
    /// </summary>
    /// <param name="shape">Heads and widths; as many key-value heads as query heads.</param>
    /// <param name="q">Queries, [queryCount, heads, QkDim + SharedDim].</param>
    /// <param name="qTokenStride">From one token's queries to the next one's, in floats.</param>
    /// <param name="queryCount">New tokens, 1 or more.</param>
    /// <param name="pastLength">Tokens before the first of them.</param>
    /// <param name="keys">This run's keys and values, [keyCount, heads, QkDim + VDim]: each head's key, then its value.</param>
    /// <param name="sharedKeys">This run's shared keys, [keyCount, SharedDim].</param>
    /// <param name="firstKey">Position of the run's first key, a multiple of <see cref="SplitLength"/>.</param>
    /// <param name="keyCount">Keys of the run; all runs but the last have a multiple of <see cref="SplitLength"/>.</param>
    /// <param name="state">[<see cref="StateFloats"/>] kept by the caller from the first run to the last.</param>
    /// <param name="o">Result of the last run, [queryCount, heads, VDim].</param>
    /// <param name="oTokenStride">From one token's result to the next one's, in floats.</param>
    public static void ForwardExpanded(
        in AttentionShape shape, float* q, int qTokenStride, int queryCount, int pastLength, float* keys, float* sharedKeys, int firstKey, int keyCount, float* state,
        float* o, int oTokenStride)
    {
        int* starts = stackalloc int[] { 0, queryCount };
        var task = new AttentionTask
        {
            Batch = new CachedBatch { Starts = starts, PastLengths = &pastLength, SequenceCount = 1 },
            KeyHeads = shape.HeadCount,
            Group = 1,
            KeyWidth = shape.QueryDim,
            ValueWidth = shape.VDim,
            Scale = shape.Scale,
            Q = q,
            QTokenStride = qTokenStride,
            QHeadStride = shape.QueryDim,
            O = o,
            OTokenStride = oTokenStride,
            OHeadStride = shape.VDim,
            ExpandedKeys = keys,
            SharedKeys = sharedKeys,
            SharedWidth = shape.SharedDim,
            FirstKey = firstKey,
        };
        int perUnit = TokensPerUnit(queryCount, shape.HeadCount), unitsPerHead = (queryCount + perUnit - 1) / perUnit, count = shape.HeadCount * unitsPerHead;
        task.Units = t_units.Get<AttentionUnit>(count);
        long stateFloats = AttentionUnit.StateFloats(perUnit, shape.VDim, tiles: false);
        for (int u = 0; u < count; u++)
        {
            int first = u % unitsPerHead * perUnit;
            task.Units[u] = new AttentionUnit
            {
                Head = u / unitsPerHead,
                FirstToken = first,
                TokenCount = Math.Min(perUnit, queryCount - first),
                FirstSplit = firstKey / SplitLength,
                EndSplit = (firstKey + keyCount + SplitLength - 1) / SplitLength,
                State = state + (u * stateFloats),
                Begins = firstKey == 0,
                Ends = firstKey + keyCount == pastLength + queryCount,
            };
        }
        Launch(ref task, count);
    }

    // Whole tokens per unit. Finer than the rows allow where few units would leave threads idle; bits do not depend on it.
    static int TokensPerUnit(int tokens, int heads)
    {
        int most = MostRows;
        while (most > 16 && (long)heads * ((tokens + most - 1) / most) < 2 * ThreadTeam.Shared.ThreadCount)
            most /= 2;
        return Math.Min(most, tokens);
    }

    static void Run(ref AttentionTask task, int mostRows)
    {
        CachedBatch batch = task.Batch;
        int threads = ThreadTeam.Shared.ThreadCount, count = 0, tokensPerUnit = Math.Max(1, mostRows / task.Group);
        long splits = 0;
        int mostSplits = 0, mostTokens = 0;
        while (true)
        {
            for (int s = 0; s < batch.SequenceCount; s++)
            {
                int tokens = batch.Starts[s + 1] - batch.Starts[s], own = (batch.PastLengths[s] + tokens + SplitLength - 1) / SplitLength;
                int units = task.KeyHeads * ((tokens + tokensPerUnit - 1) / tokensPerUnit);
                count += units;
                splits += (long)units * own;
                mostSplits = Math.Max(mostSplits, own);
                mostTokens = Math.Max(mostTokens, tokens);
            }
            if (count >= 2 * threads || tokensPerUnit <= 16 || mostTokens <= tokensPerUnit / 2)
                break;
            tokensPerUnit /= 2;
            (count, splits) = (0, 0);
        }
        // A unit that would outlast the others' share falls into one unit per split, merged afterwards.
        bool apart = 2L * mostSplits * threads > splits && mostSplits > 1 && threads > 1;
        task.Units = t_units.Get<AttentionUnit>(apart ? splits : count);
        task.StateRow = AttentionUnit.ValueRow(task.ValueWidth);
        AttentionUnit* next = task.Units;
        float* state = apart ? t_states.Get<float>(splits * AttentionUnit.StateFloats(tokensPerUnit * task.Group, task.ValueWidth, task.Tiles)) : null;
        for (int s = 0; s < batch.SequenceCount; s++)
        {
            int tokens = batch.Starts[s + 1] - batch.Starts[s];
            for (int first = 0; first < tokens; first += tokensPerUnit)
            {
                int unitTokens = Math.Min(tokensPerUnit, tokens - first), seen = batch.PastLengths[s] + first + unitTokens;
                int own = (seen + SplitLength - 1) / SplitLength;
                for (int head = 0; head < task.KeyHeads; head++)
                {
                    for (int split = 0; split < own; split += apart ? 1 : own)
                    {
                        *next = new AttentionUnit
                        {
                            Sequence = s,
                            Head = head,
                            FirstToken = first,
                            TokenCount = unitTokens,
                            FirstSplit = split,
                            EndSplit = apart ? split + 1 : own,
                            Begins = true,
                            Ends = !apart || own == 1,
                        };
                        if (!next->Ends)
                        {
                            next->State = state;
                            state += AttentionUnit.StateFloats(unitTokens * task.Group, task.ValueWidth, task.Tiles);
                        }
                        next++;
                    }
                }
            }
        }
        count = (int)(next - task.Units);
        Launch(ref task, count);
        if (apart)
            LaunchMerge(ref task, count);
    }

    static void Launch(ref AttentionTask task, int units)
    {
        task.StateRow = AttentionUnit.ValueRow(task.ValueWidth);
        switch (Chosen)
        {
            case Rung.Vector512 or Rung.Tiles:
                var wide = new UnitAction<Lanes16> { Task = task };
                ThreadTeam.Shared.Run(units, ref wide);
                break;
            case Rung.Vector256:
                var narrow = new UnitAction<Lanes8> { Task = task };
                ThreadTeam.Shared.Run(units, ref narrow);
                break;
            default:
                var scalar = new UnitAction<Lanes1> { Task = task };
                ThreadTeam.Shared.Run(units, ref scalar);
                break;
        }
    }

    // Units of one split each stand in ascending order, so those of one part of a sequence follow each other.
    static void LaunchMerge(ref AttentionTask task, int units)
    {
        switch (Chosen)
        {
            case Rung.Vector512 or Rung.Tiles:
                var wide = new MergeAction<Lanes16> { Task = task, Units = units };
                ThreadTeam.Shared.Run(units, ref wide);
                break;
            case Rung.Vector256:
                var narrow = new MergeAction<Lanes8> { Task = task, Units = units };
                ThreadTeam.Shared.Run(units, ref narrow);
                break;
            default:
                var scalar = new MergeAction<Lanes1> { Task = task, Units = units };
                ThreadTeam.Shared.Run(units, ref scalar);
                break;
        }
    }
}
