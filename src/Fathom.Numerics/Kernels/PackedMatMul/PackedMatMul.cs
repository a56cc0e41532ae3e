// Products with weights in the format their file has: rows are decoded a panel at a time, then multiplied in FP32.
// Leaves out gradients: weights that are trained are FP32.
// Letters: m rows of x, n rows and k columns of a weight, g groups.
using System.Collections.Immutable;
using Fathom.Numerics.Kernels.MatMul;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

/// <summary>y = x·Wᵀ for a weight of any format, alone or one per group of rows.</summary>
/// <remarks>The same bits as <see cref="MatMul.MatMul.NT"/> with the decoded weight, whatever the rung, the rows beside a row and the thread count.</remarks>
public static unsafe class PackedMatMul
{
    /// <summary>Bytes of decoded weight at a time: a share of a second-level cache of 1 to 2 MB.</summary>
    const int PanelBytes = 512 << 10;

    /// <summary>Panels are whole multiples of this many rows: one vector's lanes.</summary>
    const int Grain = 16;

    /// <summary>The implementation that calls take at present.</summary>
    public static Rung Chosen => MatMul.MatMul.Chosen;

    /// <summary>y[m,n] = x[m,k] · Wᵀ.</summary>
    /// <param name="x">[m, k], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least k.</param>
    /// <param name="weight">[n, k].</param>
    /// <param name="y">[m, n], rows <paramref name="ldy"/> apart.</param>
    /// <param name="ldy">At least n.</param>
    /// <param name="m">Rows of x, 0 or more.</param>
    public static void NT(float* x, int ldx, Weight weight, float* y, int ldy, int m)
    {
        if (weight.Strips is { } strips)
        {
            Strips.StripMatMul.NT(x, ldx, strips, null, y, ldy, m);
            return;
        }
        int* offsets = stackalloc int[2] { 0, m };
        Run(new() { X = x, LdX = ldx, Single = weight, Y = y, LdY = ldy, Offsets = offsets }, weight, 1);
    }

    /// <summary>y[r,n] = x[r,k] · W[g]ᵀ for the rows r of each group g.</summary>
    /// <param name="x">[rows, k], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least k.</param>
    /// <param name="weights">One [n, k] per group.</param>
    /// <param name="seconds">One more [n, k] per group whose results follow the first in each row of y, or default.</param>
    /// <param name="y">[rows, n] or [rows, 2n], rows <paramref name="ldy"/> apart.</param>
    /// <param name="ldy">At least n or 2n.</param>
    /// <param name="offsets">[groups + 1], ascending: where each group's rows begin, and the end.</param>
    public static void NT(float* x, int ldx, ImmutableArray<Weight> weights, ImmutableArray<Weight> seconds, float* y, int ldy, int* offsets)
    {
        if (weights.Length == 0)
            return;
        if (Strips.StripMatMul.Takes(weights) && (seconds.IsDefault || Strips.StripMatMul.Takes(seconds)))
        {
            Strips.StripMatMul.NT(x, ldx, weights, seconds, y, ldy, offsets);
            return;
        }
        Run(new() { X = x, LdX = ldx, Weights = weights, Y = y, LdY = ldy, Offsets = offsets }, weights[0], weights.Length);
        if (!seconds.IsDefault)
            Run(new() { X = x, LdX = ldx, Weights = seconds, Y = y + seconds[0].Rows, LdY = ldy, Offsets = offsets }, seconds[0], seconds.Length);
    }

    /// <summary>y[m,2n] = x[m,k] · [W, V]ᵀ: two weights that read the same x, the second's results behind the first's in each row.</summary>
    /// <param name="x">[m, k], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least k.</param>
    /// <param name="first">W [n, k].</param>
    /// <param name="second">V [n, k].</param>
    /// <param name="y">[m, 2n], rows <paramref name="ldy"/> apart.</param>
    /// <param name="ldy">At least 2n.</param>
    /// <param name="m">Rows of x, 0 or more.</param>
    public static void NT(float* x, int ldx, Weight first, Weight second, float* y, int ldy, int m)
    {
        if (first.Strips is { } strips && second.Strips is { } more)
        {
            Strips.StripMatMul.NT(x, ldx, strips, more, y, ldy, m);
            return;
        }
        NT(x, ldx, first, y, ldy, m);
        NT(x, ldx, second, y + first.Rows, ldy, m);
    }


    /// <summary>Decodes rows of a weight on the team.</summary>
    /// <param name="weight">[n, k].</param>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="destination">[count, k] in FP32.</param>
    public static void Decode(Weight weight, int first, int count, float* destination)
    {
        int rows = PanelRows(weight.Columns);
        var action = new DecodeAction { Weight = weight, First = first, Count = count, Destination = destination, Rows = rows };
        ThreadTeam.Shared.Run(Parts(count, rows), ref action);
    }

    static int PanelRows(int columns) => Math.Clamp(PanelBytes / sizeof(float) / Math.Max(columns, 1) / Grain * Grain, Grain, 16 * Grain);

    static int Parts(int size, int share) => (size + share - 1) / share;

    static void Run(PackedProduct product, Weight shape, int groups)
    {
        product.PanelRows = PanelRows(shape.Columns);
        product.PanelsPerWeight = Parts(shape.Rows, product.PanelRows);
        int parts = groups * product.PanelsPerWeight;
        switch (Chosen)
        {
            case Rung.Assembled: Run<TileAssembled<SingleMultiplyAdd>>(product, parts); break;
            case Rung.Vector512: Run<TileVector512>(product, parts); break;
            case Rung.Vector256: Run<TileVector256>(product, parts); break;
            default: Run<TileScalar>(product, parts); break;
        }
    }

    static void Run<TTile>(in PackedProduct product, int parts)
        where TTile : struct, ITile
    {
        var action = new PanelAction<TTile> { Product = product };
        ThreadTeam.Shared.Run(parts, ref action);
    }

    // A weight alone, or one per group.
    struct PackedProduct
    {
        public float* X, Y;
        public int LdX, LdY, PanelRows, PanelsPerWeight;
        public Weight? Single;
        public ImmutableArray<Weight> Weights;
        public int* Offsets;
    }

    // One part is one panel of one group's weight.
    struct PanelAction<TTile> : IParallelAction
        where TTile : struct, ITile
    {
        public PackedProduct Product;

        public readonly void Run(int part)
        {
            int group = part / Product.PanelsPerWeight, from = part % Product.PanelsPerWeight * Product.PanelRows;
            int first = Product.Offsets[group], m = Product.Offsets[group + 1] - first;
            if (m == 0)
                return;
            Weight weight = Product.Single ?? Product.Weights[group];
            int k = weight.Columns, n = Math.Min(Product.PanelRows, weight.Rows - from);
            float* panel = (float*)MatMul.Scratch.Decoded((nuint)Product.PanelRows * (nuint)k); // [n, k]
            weight.Decode(from, n, panel);
            Blocked<TTile>.Run(MatMul.Product.Of(
                Words.Of(new(Product.X + (nint)first * Product.LdX, Product.LdX, 1)), Words.Of(new(panel, k, 1)),
                new(Product.Y + (nint)first * Product.LdY + from, Product.LdY, 1), m, n, k, false));
        }
    }

    struct DecodeAction : IParallelAction
    {
        public Weight Weight;
        public float* Destination;
        public int First, Count, Rows;

        public readonly void Run(int part)
        {
            int from = part * Rows;
            Weight.Decode(First + from, Math.Min(Rows, Count - from), Destination + (nint)from * Weight.Columns);
        }
    }
}
