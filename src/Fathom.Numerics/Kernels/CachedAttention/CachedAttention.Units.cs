// A unit of inference attention: scores, softmax and weighted values of its rows, split by split, and the merge of splits.
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

public static unsafe partial class CachedAttention
{
    /// <summary>Rows whose scores stand in the first-level cache at a time; a multiple of 8.</summary>
    const int TileRows = 32;

    /// <summary>Floats from one row of scores to the next: off the multiples of 512 bytes.</summary>
    internal const int ScoreRow = SplitLength + 16;

    /// <summary>Columns of the values at a time, so that a block's share of them stays in the first-level cache for all rows.</summary>
    const int ValueStrip = 64;

    [ThreadStatic]
    static Scratch t_scratch;

    struct UnitAction<TLanes> : IParallelAction
        where TLanes : struct, ILanes<TLanes>
    {
        public AttentionTask Task;

        public readonly void Run(int part)
        {
            AttentionUnit unit = Task.Units[part];
            int start = Task.Batch.Starts[unit.Sequence] + unit.FirstToken, firstPosition = Task.Batch.PastLengths[unit.Sequence] + unit.FirstToken;
            int rows = unit.TokenCount * Task.Group, seenByLast = firstPosition + unit.TokenCount, paddedRows = Task.PaddedRows(rows);
            var keys = new SplitKeys<TLanes>(Task, unit, rows);
            int stateRow = Task.StateRow, queryRow = keys.ByRows ? AttentionRow<TLanes>.Stride(rows - Task.Group + AttentionRow<TLanes>.Padded(Task.Group)) : AttentionRow<TLanes>.Padded(Task.KeyWidth);
            int queryFloats = keys.ByRows ? Task.KeyWidth * queryRow : paddedRows * queryRow, tileRows = Math.Min(paddedRows, TileRows);
            int crossedFloats = keys.ByRows ? CacheLayout.BlockLength * TileRows : 0;
            bool single = unit.Begins && unit.EndSplit - unit.FirstSplit == 1;
            long stateFloats = unit.State == null ? AttentionUnit.StateFloats(rows, Task.ValueWidth, Task.Tiles) : 0;
            float* queries = t_scratch.Get<float>(queryFloats + (tileRows * ScoreRow) + crossedFloats + (single ? 0 : tileRows * stateRow) + stateFloats + keys.ScratchFloats);
            float* scores = queries + queryFloats;                                  // [tile rows, 256]
            float* crossed = scores + (tileRows * ScoreRow);                        // [64, tile rows]
            float* contexts = crossed + crossedFloats;                              // [tile rows, value]: one split's
            float* state = unit.State;
            float* free = contexts + (single ? 0 : tileRows * stateRow);
            if (state == null)
            {
                state = free;
                free += stateFloats;
            }
            float* maxima = state + ((long)paddedRows * stateRow);
            float* sums = maxima + paddedRows;
            keys.Place(free);
            LoadQueries(unit, start, rows, paddedRows, keys.ByRows, queries, queryRow);
            keys.LoadQueries(queries, queryRow);
            if (unit.Begins)
            {
                new Span<float>(maxima, rows).Fill(float.NegativeInfinity);
                new Span<float>(sums, rows).Clear();
            }

            float* splitMaxima = stackalloc float[TileRows];
            float* splitSums = stackalloc float[TileRows];
            int columns = AttentionRow<TLanes>.Padded(Task.ValueWidth);
            for (int split = unit.FirstSplit; split < unit.EndSplit; split++)
            {
                int first = split * SplitLength, count = Math.Min(SplitLength, seenByLast - first);
                if (count <= 0)
                    break;
                keys.Load(first, count);
                // The first split of a new state needs no merging.
                bool direct = unit.Begins && split == unit.FirstSplit;
                for (int row = 0; row < rows; row += TileRows)
                {
                    int tile = Math.Min(TileRows, rows - row), padded = Task.PaddedRows(tile);
                    int seen = Math.Min(count, firstPosition + ((row + tile - 1) / Task.Group) + 1 - first);
                    if (seen <= 0 && !direct)
                        continue;
                    seen = Math.Max(seen, 0);
                    keys.Scores(row, padded, seen, queries + (keys.ByRows ? row : row * queryRow), queryRow, scores, crossed);
                    float* target = direct ? state + ((long)row * stateRow) : contexts;
                    for (int r = 0; r < tile; r++)
                    {
                        int own = Math.Min(seen, firstPosition + ((row + r) / Task.Group) + 1 - first);
                        float* line = scores + (r * ScoreRow);
                        (splitMaxima[r], splitSums[r]) = (float.NegativeInfinity, 0f);
                        if (own > 0)
                        {
                            splitMaxima[r] = AttentionRow<TLanes>.Max(line, own) * Task.Scale;
                            splitSums[r] = AttentionRow<TLanes>.Exponentials(line, own, Task.Scale, splitMaxima[r]);
                        }
                        // What the row must not see weighs nothing.
                        AttentionRow<TLanes>.Clear(line, AttentionRow<TLanes>.Padded(Math.Max(own, 0)), AttentionRow<TLanes>.Padded(seen));
                    }
                    if (Task.Tiles)
                        keys.WeighTiles(tile, seen, scores, target, stateRow);
                    for (int column = 0; column < columns && !Task.Tiles; column += ValueStrip)
                        keys.Weigh(padded, seen, scores, column, Math.Min(ValueStrip, columns - column), target + column, stateRow);
                    for (int r = 0; r < tile; r++)
                    {
                        if (direct)
                            (maxima[row + r], sums[row + r]) = (splitMaxima[r], splitSums[r]);
                        else
                            Merge(state + ((long)(row + r) * stateRow), ref maxima[row + r], ref sums[row + r], contexts + (r * stateRow), splitMaxima[r], splitSums[r], columns);
                    }
                }
            }
            if (unit.Ends)
            {
                for (int r = 0; r < rows; r++)
                    AttentionRow<TLanes>.Scale(state + ((long)r * stateRow), 1f / sums[r], Task.Result(unit, start, r), Task.ValueWidth);
            }
        }

        // Rows behind the last are zeros, or in a panel repetitions of it.
        readonly void LoadQueries(in AttentionUnit unit, int start, int rows, int paddedRows, bool byRows, float* queries, int queryRow)
        {
            float* q = Task.Q + ((long)start * Task.QTokenStride) + (unit.Head * Task.Group * (long)Task.QHeadStride);
            for (int token = 0; token < unit.TokenCount; token++, q += Task.QTokenStride)
            {
                if (byRows)
                {
                    Transposition.Run<TLanes>(q, Task.QHeadStride, Task.Group, Task.KeyWidth, queries + (token * Task.Group), queryRow);
                    continue;
                }
                for (int member = 0; member < Task.Group; member++)
                    AttentionRow<TLanes>.Copy(q + (member * (nint)Task.QHeadStride), Task.KeyWidth, queries + (((token * Task.Group) + member) * (long)queryRow), queryRow);
            }
            if (!byRows)
                new Span<float>(queries + ((long)rows * queryRow), (paddedRows - rows) * queryRow).Clear();
        }

        /// <summary>Takes a later split into the state of a row.</summary>
        public static void Merge(float* context, ref float max, ref float sum, float* splitContext, float splitMax, float splitSum, int columns)
        {
            if (splitSum == 0f)
                return;
            float largest = MathF.Max(max, splitMax), factor = Exponential.Exp(max - largest), splitFactor = Exponential.Exp(splitMax - largest);
            AttentionRow<TLanes>.Merge(context, factor, splitContext, splitFactor, columns);
            sum = MathF.FusedMultiplyAdd(splitSum, splitFactor, sum * factor);
            max = largest;
        }
    }

    // Every unit of a part of a sequence merges its share of the part's rows, over all splits in ascending order.
    struct MergeAction<TLanes> : IParallelAction
        where TLanes : struct, ILanes<TLanes>
    {
        public AttentionTask Task;
        public int Units;

        public readonly void Run(int part)
        {
            AttentionUnit unit = Task.Units[part];
            if (unit.Ends)
                return;
            int first = part - unit.FirstSplit, end = part + 1;
            while (end < Units && Task.Units[end].FirstSplit > 0)
                end++;
            int rows = unit.TokenCount * Task.Group, paddedRows = Task.PaddedRows(rows), columns = AttentionRow<TLanes>.Padded(Task.ValueWidth);
            int start = Task.Batch.Starts[unit.Sequence] + unit.FirstToken;
            for (int r = unit.FirstSplit; r < rows; r += end - first)
            {
                float* context = Task.Units[first].State + ((long)r * Task.StateRow);
                float* numbers = Task.Units[first].State + ((long)paddedRows * Task.StateRow);
                float max = numbers[r], sum = numbers[paddedRows + r];
                for (int u = first + 1; u < end; u++)
                {
                    float* other = Task.Units[u].State;
                    numbers = other + ((long)paddedRows * Task.StateRow);
                    UnitAction<TLanes>.Merge(context, ref max, ref sum, other + ((long)r * Task.StateRow), numbers[r], numbers[paddedRows + r], columns);
                }
                AttentionRow<TLanes>.Scale(context, 1f / sum, Task.Result(unit, start, r), Task.ValueWidth);
            }
        }
    }
}
