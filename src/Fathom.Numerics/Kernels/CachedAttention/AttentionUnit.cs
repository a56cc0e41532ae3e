// What the units of inference attention are told: the task as a whole, and each unit's rows and splits.
namespace Fathom.Numerics.Kernels;

/// <summary>One launch: where queries, keys and results lie.</summary>
unsafe struct AttentionTask
{
    public CachedBatch Batch;
    public int KeyHeads, Group, KeyWidth, ValueWidth;
    public float Scale;
    public float* Q;
    public int QTokenStride, QHeadStride;
    public float* O;
    public int OTokenStride, OHeadStride;

    /// <summary>Up-projected keys and values, [keys, heads, key and value]; null with a cache.</summary>
    public float* ExpandedKeys;
    public float* SharedKeys;
    public int SharedWidth;

    /// <summary>Position of the first of the expanded keys.</summary>
    public int FirstKey;
    public AttentionUnit* Units;

    /// <summary>Floats from one row of a state to the next.</summary>
    public int StateRow;

    /// <summary>Whether Intel's tiles multiply (see <see cref="LatentTiles"/>).</summary>
    public bool Tiles;

    public readonly int PaddedRows(int rows) => PaddedRows(rows, Tiles);

    /// <summary>Rows as the products take them: groups of 16 for tiles; else what an odd tile of registers would waste is less than what a row on its own costs.</summary>
    public static int PaddedRows(int rows, bool tiles) => tiles
        ? (rows + LatentTiles.Rows - 1) / LatentTiles.Rows * LatentTiles.Rows
        : rows + (rows % 8) switch { 3 or 5 or 7 => 1, _ => 0 };

    /// <summary>Where the result of a unit's row goes.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="start">Its first token in the batch.</param>
    /// <param name="row">Row of the unit.</param>
    public readonly float* Result(in AttentionUnit unit, int start, int row)
        => O + ((long)(start + (row / Group)) * OTokenStride) + (((unit.Head * Group) + (row % Group)) * (long)OHeadStride);
}

/// <summary>Rows of one sequence and key head, over a range of splits. A row is a (token, head of the group) pair, token by token.</summary>
unsafe struct AttentionUnit
{
    public int Sequence, Head, FirstToken, TokenCount, FirstSplit, EndSplit;

    /// <summary>The running softmax of the rows: contexts [padded rows, value row], maxima and sums [rows]; null where it need not outlive the unit.</summary>
    public float* State;

    /// <summary>Whether the state is begun, and whether it becomes the result.</summary>
    public bool Begins, Ends;

    public static int ValueRow(int valueWidth) => AttentionRow<Lanes1>.Stride(valueWidth);

    public static long StateFloats(int rows, int valueWidth, bool tiles)
        => AttentionRow<Lanes1>.Padded(checked(AttentionTask.PaddedRows(rows, tiles) * (ValueRow(valueWidth) + 2)));
}
