// Divides a product among the threads: a grid of row ranges by column ranges, each computed by one thread alone.

using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>A product in parts, each of which packs what it needs for itself.</summary>
struct Partition<TTile> : IParallelAction
    where TTile : struct, ITile
{
    /// <summary>Multiply-adds below which waking the team costs more than it saves.</summary>
    const long Alone = 1 << 18;

    Product _product;
    int _rowShare, _columnShare, _columnParts;

    /// <summary>Computes the product on the shared team.</summary>
    public static void Run(in Product x)
    {
        ThreadTeam team = ThreadTeam.Shared;
        if (team.ThreadCount == 1 || (long)x.M * x.N * x.K <= Alone)
        {
            Blocked<TTile>.Run(x);
            return;
        }
        var action = new Partition<TTile> { _product = x };
        team.Run(action.Divide(team.ThreadCount), ref action);
    }

    /// <summary>The grid with the least work for its largest part; packing a lane costs as much as some rows of product.</summary>
    int Divide(int threads)
    {
        const long PackingRows = 16;
        long best = long.MaxValue;
        int rowParts = 1;
        for (int columnParts = 1; columnParts <= threads; columnParts++)
        {
            int rowShare = Share(_product.M, threads / columnParts, TTile.MaxRows(TTile.MaxVectors));
            int columnShare = Share(_product.N, columnParts, TTile.Lanes);
            long work = (rowShare + PackingRows) * columnShare;
            if (work < best)
                (best, _rowShare, _columnShare, _columnParts, rowParts) = (work, rowShare, columnShare, columnParts, threads / columnParts);
        }
        return rowParts * _columnParts;
    }

    /// <summary>The largest share of <paramref name="count"/> in whole grains.</summary>
    static int Share(int count, int parts, int grain)
    {
        int grains = (count + grain - 1) / grain;
        return (grains + parts - 1) / parts * grain;
    }

    public readonly void Run(int part)
    {
        int i = part / _columnParts * _rowShare, j = part % _columnParts * _columnShare;
        if (i < _product.M && j < _product.N)
            Blocked<TTile>.Run(_product.Part(i, j, _rowShare, _columnShare));
    }
}
