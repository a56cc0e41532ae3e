// Divides the products of all groups among the threads at once, so that many small groups keep every thread busy.

using Fathom.Numerics.Kernels.MatMul;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.GroupedMatMul;

/// <summary>Which product each group computes.</summary>
enum GroupedForm
{
    /// <summary>Y = X·Wᵀ.</summary>
    Forward,

    /// <summary>dX = dY·W.</summary>
    InputGradient,

    /// <summary>dW = dYᵀ·X.</summary>
    WeightGradient,
}

/// <summary>All groups' products; a part is a range of one group's weight rows or columns. Letters as in GroupedMatMul.cs.</summary>
unsafe struct GroupedPartition<TTile> : IParallelAction
    where TTile : struct, ITile
{
    /// <summary>Parts per thread: groups are unequal, and threads take the next part when done.</summary>
    const int PartsPerThread = 4;

    /// <summary>Slices are cut at multiples of this many lanes.</summary>
    const int Grain = 48;

    public GroupedForm Form;
    public float* X, Y;
    public int LdX, LdY, N, K, Groups;
    public float** W;
    public int* Offsets;
    public bool Accumulate;
    int _slices;

    /// <summary>Computes all groups.</summary>
    public void Run()
    {
        ThreadTeam team = ThreadTeam.Shared;
        _slices = team.ThreadCount == 1 ? 1 : (PartsPerThread * team.ThreadCount + Groups - 1) / Groups;
        team.Run(Groups * _slices, ref this);
    }

    public readonly void Run(int part)
    {
        Product product = Of(part / _slices);
        // Cut along the weight's lanes, which are rows where the factors were exchanged: no part packs what another packs.
        bool alongRows = Form == GroupedForm.Forward && product.M == N && product.C.ColumnStride != 1;
        int extent = alongRows ? product.M : product.N;
        int share = ((extent + _slices - 1) / _slices + Grain - 1) / Grain * Grain, first = part % _slices * share;
        if (first >= extent)
            return;
        Blocked<TTile>.Run(alongRows
            ? product.Part(first, 0, share, product.N)
            : product.Part(0, first, product.M, share));
    }

    readonly Product Of(int g)
    {
        nint first = Offsets[g];
        int rows = Offsets[g + 1] - Offsets[g];
        float* x = X + first * LdX, y = Y + first * LdY;
        return Form switch
        {
            GroupedForm.Forward => Product.Of(
                Words.Of(new(x, LdX, 1)), Words.Of(new(W[g], K, 1)), new(y, LdY, 1), rows, N, K, Accumulate),
            GroupedForm.InputGradient => Product.Of(
                Words.Of(new(y, LdY, 1)), Words.Of(new(W[g], 1, K)), new(x, LdX, 1), rows, K, N, Accumulate),
            _ => Product.Of(
                Words.Of(new(y, 1, LdY)), Words.Of(new(x, 1, LdX)), new(W[g], K, 1), N, K, rows, Accumulate),
        };
    }
}
