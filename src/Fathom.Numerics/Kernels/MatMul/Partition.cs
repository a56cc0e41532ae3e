// Divides a product among the threads: a grid of row ranges by column ranges, each computed by one thread alone.

using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>A product in parts, each of which packs what it needs for itself.</summary>
unsafe struct Partition<TTile> : IParallelAction
    where TTile : struct, ITile
{
    /// <summary>Multiply-adds below which waking the team costs more than it saves.</summary>
    const long Alone = 1 << 18;

    Words _a, _b;
    Destination _c;
    int _m, _n, _k, _rowParts, _columnParts;
    bool _accumulate;

    /// <summary>C[m,n] (+)= A·B on the shared team; k counts words.</summary>
    public static void Run(Words a, Words b, Destination c, int m, int n, int k, bool accumulate)
    {
        ThreadTeam team = ThreadTeam.Shared;
        if (team.ThreadCount == 1 || (long)m * n * k <= Alone)
        {
            Blocked<TTile>.Run(a, b, c, m, n, k, accumulate);
            return;
        }
        var action = new Partition<TTile> { _a = a, _b = b, _c = c, _m = m, _n = n, _k = k, _accumulate = accumulate };
        action.Divide(team.ThreadCount);
        team.Run(action._rowParts * action._columnParts, ref action);
    }

    /// <summary>The grid with the least work for its largest part; packing a lane costs as much as some lanes of product.</summary>
    void Divide(int threads)
    {
        const long PackingRows = 16;
        long best = long.MaxValue;
        for (int columnParts = 1; columnParts <= threads; columnParts++)
        {
            int rowParts = threads / columnParts;
            long rows = Share(_m, rowParts, RowGrain), columns = Share(_n, columnParts, ColumnGrain);
            long work = (rows + PackingRows) * columns;
            if (work < best)
                (best, _rowParts, _columnParts) = (work, rowParts, columnParts);
        }
    }

    static int RowGrain => TTile.MaxRows(TTile.MaxVectors);

    static int ColumnGrain => TTile.Lanes;

    /// <summary>The largest share of <paramref name="count"/> in whole grains.</summary>
    static int Share(int count, int parts, int grain)
    {
        int grains = (count + grain - 1) / grain;
        return (grains + parts - 1) / parts * grain;
    }

    public readonly void Run(int part)
    {
        int rowShare = Share(_m, _rowParts, RowGrain), columnShare = Share(_n, _columnParts, ColumnGrain);
        int i = part / _columnParts * rowShare, j = part % _columnParts * columnShare;
        int rows = Math.Min(rowShare, _m - i), columns = Math.Min(columnShare, _n - j);
        if (rows > 0 && columns > 0)
            Blocked<TTile>.Run(_a.At(i, 0), _b.At(j, 0), _c.At(i, j), rows, columns, _k, _accumulate);
    }
}
