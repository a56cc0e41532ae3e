// The keys and values of one split, made ready for the products: read where they lie if they are FP32 (or bfloat16 and few rows meet
// them), else widened or transposed in scratch once for all rows of the unit.
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Kernels;

/// <summary>Keys and values of one sequence and key head, a split of 256 at a time.</summary>
unsafe ref struct SplitKeys<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    const int Blocks = CachedAttention.SplitLength / CacheLayout.BlockLength, BlockLength = CacheLayout.BlockLength;

    /// <summary>From this many rows on, lanes run over the rows of queries and the keys of latents are read as they lie.</summary>
    const int ManyRows = 8;

    readonly AttentionTask _task;
    readonly AttentionUnit _unit;
    readonly bool _narrow; // bfloat16 read in place
    readonly bool _panels; // keys are made into panels in scratch
    readonly bool _rows; // latents are widened into scratch
    readonly bool _values; // values are widened into scratch
    readonly int _latentRow;
    readonly int _rowCount;
    Split _split;
    float* _panelScratch;
    float* _rowScratch;
    float* _valueScratch;
    LatentTiles.Places _tiles;

    public SplitKeys(in AttentionTask task, in AttentionUnit unit, int rows)
    {
        (_task, _unit) = (task, unit);
        CacheLayout layout = task.Batch.Layout;
        if (task.Tiles)
        {
            _rowCount = rows;
            return;
        }
        bool expanded = task.ExpandedKeys != null, wholeVectors = task.ValueWidth % 16 == 0, float32 = expanded || layout.Type == ElementType.F32;
        ByRows = !expanded && layout.IsLatent && rows >= ManyRows;
        _narrow = !expanded && !layout.IsLatent && layout.Type == ElementType.BF16 && rows <= 8 && wholeVectors;
        _panels = expanded || (layout.IsLatent ? !ByRows : !float32 && !_narrow);
        _rows = !expanded && layout.IsLatent && !float32;
        _values = !_rows && !_narrow && !(float32 && wholeVectors);
        _latentRow = AttentionRow<TLanes>.Stride(task.KeyWidth);
    }

    /// <summary>Whether queries are wanted as a panel [key width, rows] instead of rows [rows, key width].</summary>
    public bool ByRows { get; }

    /// <summary>Floats of scratch wanted.</summary>
    public readonly long ScratchFloats => _task.Tiles ? LatentTiles.ScratchFloats(_task.Batch.Layout, _rowCount) : (_panels ? (long)Blocks * _task.KeyWidth * BlockLength : 0) + (_rows ? (long)CachedAttention.SplitLength * _latentRow : 0)
        + (_values ? (long)CachedAttention.SplitLength * _task.StateRow : 0);

    /// <summary>Gives the scratch.</summary>
    public void Place(float* scratch)
    {
        if (_task.Tiles)
            _tiles = new LatentTiles.Places(_task.Batch.Layout, _rowCount, scratch);
        _panelScratch = scratch;
        _rowScratch = scratch + (_panels ? (long)Blocks * _task.KeyWidth * BlockLength : 0);
        _valueScratch = _rowScratch + (_rows ? (long)CachedAttention.SplitLength * _latentRow : 0);
    }

    /// <summary>Makes what it needs of the unit's queries [rows, key width].</summary>
    public readonly void LoadQueries(float* queries, int queryRow)
    {
        if (_task.Tiles)
            LatentTiles.LoadQueries(_tiles, _rowCount, queries, queryRow);
    }

    /// <summary>Makes the keys and values from position <paramref name="first"/> ready.</summary>
    public void Load(int first, int count)
    {
        for (int b = 0; b * BlockLength < count; b++)
        {
            int rows = Math.Min(BlockLength, count - (b * BlockLength));
            if (_task.ExpandedKeys != null)
                LoadExpanded(b, first - _task.FirstKey + (b * BlockLength), rows);
            else if (_task.Batch.Layout.IsLatent)
                LoadLatents(b, _task.Batch.Block(_unit.Sequence, first + (b * BlockLength)), rows);
            else
                LoadGrouped(b, _task.Batch.Block(_unit.Sequence, first + (b * BlockLength)), rows);
        }
    }

    void LoadExpanded(int b, int key, int rows)
    {
        int ownWidth = _task.KeyWidth - _task.SharedWidth, headWidth = ownWidth + _task.ValueWidth, tokenStride = _task.KeyHeads * headWidth;
        float* own = _task.ExpandedKeys + ((long)key * tokenStride) + (_unit.Head * (nint)headWidth);
        float* panel = Panel(b);
        Transposition.Run<TLanes>(own, tokenStride, rows, ownWidth, panel, BlockLength);
        if (_task.SharedWidth > 0)
            Transposition.Run<TLanes>(_task.SharedKeys + ((long)key * _task.SharedWidth), _task.SharedWidth, rows, _task.SharedWidth, panel + (ownWidth * BlockLength), BlockLength);
        _split.Keys[b] = (nint)panel;
        SetValues(b, ElementType.F32, own + ownWidth, null, 0, tokenStride, rows);
    }

    void LoadLatents(int b, byte* block, int rows)
    {
        CacheLayout layout = _task.Batch.Layout;
        if (_task.Tiles)
        {
            _split.Keys[b] = (nint)block;
            LatentTiles.LoadBlock(_tiles, b, (ushort*)block, rows);
            return;
        }
        float* latents = (float*)block;
        int stride = layout.KeyWidth;
        if (_rows)
        {
            latents = _rowScratch + ((long)b * BlockLength * _latentRow);
            stride = _latentRow;
            CacheTile<TLanes>.WidenRows(layout.Type, block, (float*)(block + layout.KeyScalesAt(0)), layout.KeyScales, layout.KeyWidth, rows, layout.KeyWidth, latents, stride);
        }
        _split.KeyStride = stride;
        _split.Keys[b] = (nint)latents;
        if (!ByRows)
        {
            Transposition.Run<TLanes>(latents, stride, rows, layout.KeyWidth, Panel(b), BlockLength);
            _split.Keys[b] = (nint)Panel(b);
        }
        if (_rows)
            (_split.Values[b], _split.ValueStride) = ((nint)latents, stride);
        else
            SetValues(b, ElementType.F32, latents, null, 0, stride, rows);
    }

    void LoadGrouped(int b, byte* block, int rows)
    {
        CacheLayout layout = _task.Batch.Layout;
        byte* keys = block + layout.KeysAt(_unit.Head);
        _split.Keys[b] = (nint)keys;
        if (_panels)
        {
            CacheTile<TLanes>.WidenPanel(layout.Type, keys, (float*)(block + layout.KeyScalesAt(_unit.Head)), layout.KeyWidth, rows, Panel(b));
            _split.Keys[b] = (nint)Panel(b);
        }
        SetValues(b, layout.Type, block + layout.ValuesAt(_unit.Head), (float*)(block + layout.ValueScalesAt(_unit.Head)), layout.ValueScales, layout.ValueWidth, rows);
    }

    // Rows of a stride above their width are FP32 and have no scales.
    void SetValues(int b, ElementType type, void* values, float* scales, int groups, int stride, int rows)
    {
        (_split.Values[b], _split.ValueStride) = ((nint)values, stride);
        if (!_values)
            return;
        float* widened = _valueScratch + ((long)b * BlockLength * _task.StateRow);
        CacheTile<TLanes>.WidenRows(type, values, scales, groups, stride, rows, _task.ValueWidth, widened, _task.StateRow);
        (_split.Values[b], _split.ValueStride) = ((nint)widened, _task.StateRow);
    }

    /// <summary>scores [rows, count] of queries from row <paramref name="first"/> on, as rows or as a panel according to <see cref="ByRows"/>.</summary>
    public readonly void Scores(int first, int rows, int count, float* queries, int queryRow, float* scores, float* crossed)
    {
        for (int b = 0; b * BlockLength < count; b++, scores += BlockLength)
        {
            int keys = Math.Min(BlockLength, count - (b * BlockLength)), columns = AttentionRow<TLanes>.Padded(keys);
            if (_task.Tiles)
            {
                for (int r = 0; r < rows; r += LatentTiles.Rows)
                    LatentTiles.Scores(_tiles, first + r, (ushort*)_split.Keys[b], scores + (r * ScoreRow), ScoreRow);
            }
            else if (ByRows)
            {
                int crossedRow = AttentionRow<TLanes>.Padded(rows);
                AttentionProduct<TLanes>.Multiply(keys, _task.KeyWidth, crossedRow, (float*)_split.Keys[b], _split.KeyStride, 1, queries, queryRow, crossed, crossedRow, accumulate: false);
                Transposition.Run<TLanes>(crossed, crossedRow, keys, rows, scores, ScoreRow);
            }
            else if (_narrow)
            {
                AttentionProduct<TLanes>.Multiply(rows, _task.KeyWidth, columns, queries, queryRow, 1, (ushort*)_split.Keys[b], BlockLength, scores, ScoreRow, accumulate: false);
            }
            else
            {
                AttentionProduct<TLanes>.Multiply(rows, _task.KeyWidth, columns, queries, queryRow, 1, (float*)_split.Keys[b], BlockLength, scores, ScoreRow, accumulate: false);
            }
        }
    }

    /// <summary>contexts [rows, columns] = weights [rows, count] times the values' columns from <paramref name="column"/> on.</summary>
    public readonly void Weigh(int rows, int count, float* weights, int column, int columns, float* contexts, int contextRow)
    {
        for (int b = 0; b == 0 || b * BlockLength < count; b++, weights += BlockLength)
        {
            int keys = Math.Clamp(count - (b * BlockLength), 0, BlockLength);
            if (_narrow)
                AttentionProduct<TLanes>.Multiply(rows, keys, columns, weights, ScoreRow, 1, (ushort*)_split.Values[b] + column, _split.ValueStride, contexts, contextRow, accumulate: b > 0);
            else
                AttentionProduct<TLanes>.Multiply(rows, keys, columns, weights, ScoreRow, 1, (float*)_split.Values[b] + column, _split.ValueStride, contexts, contextRow, accumulate: b > 0);
        }
    }

    /// <summary>The same by tiles, for all columns at once.</summary>
    public readonly void WeighTiles(int rows, int count, float* weights, float* contexts, int contextRow)
    {
        for (int r = 0; r < rows; r += LatentTiles.Rows)
            LatentTiles.Weigh(_tiles, Math.Min(LatentTiles.Rows, rows - r), count, weights + (r * ScoreRow), ScoreRow, contexts + ((long)r * contextRow), contextRow);
    }

    const int ScoreRow = CachedAttention.ScoreRow;

    readonly float* Panel(int b) => _panelScratch + ((long)b * _task.KeyWidth * BlockLength);

    struct Split
    {
        public fixed long Keys[Blocks];
        public fixed long Values[Blocks];
        public int KeyStride, ValueStride;
    }
}
