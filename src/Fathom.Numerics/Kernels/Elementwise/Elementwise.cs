// Plain arithmetic on elements and rows: sums, copies of column slices, scaling, biases.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

/// <summary>Element-wise operations.</summary>
public static unsafe class Elementwise
{
    /// <summary>z = x + y. z may be x or y.</summary>
    /// <param name="x">[count].</param>
    /// <param name="y">[count].</param>
    /// <param name="z">[count].</param>
    /// <param name="count">Elements.</param>
    public static void Add(float* x, float* y, float* z, long count) => Traversal.Map(new Sum { X = x, Y = y, Z = z }, count);

    /// <summary>y += x.</summary>
    /// <param name="x">[count].</param>
    /// <param name="y">[count].</param>
    /// <param name="count">Elements.</param>
    public static void AddInPlace(float* x, float* y, long count) => Add(y, x, y, count);

    /// <summary>y = x * factor. y may be x.</summary>
    /// <param name="x">[count].</param>
    /// <param name="factor">Any number.</param>
    /// <param name="y">[count].</param>
    /// <param name="count">Elements.</param>
    public static void Scale(float* x, float factor, float* y, long count)
        => Traversal.Map(new Product { X = x, Factor = factor, Y = y }, count);

    /// <summary>Sets every element.</summary>
    /// <param name="y">[count].</param>
    /// <param name="value">Any number.</param>
    /// <param name="count">Elements.</param>
    public static void Fill(float* y, float value, long count) => Traversal.Map(new Constant { Y = y, Value = value }, count);

    /// <summary>Copies rows between buffers of different widths: splits or joins columns.</summary>
    /// <param name="x">[rows, columns], rows <paramref name="ldx"/> floats apart.</param>
    /// <param name="ldx">Leading dimension of x.</param>
    /// <param name="y">[rows, columns], rows <paramref name="ldy"/> floats apart; does not overlap x.</param>
    /// <param name="ldy">Leading dimension of y.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static void Copy(float* x, int ldx, float* y, int ldy, int rows, int columns)
    {
        var action = new CopyRows { X = x, LdX = ldx, Y = y, LdY = ldy, Columns = columns };
        Traversal.Run(rows, columns, 1, ref action);
    }

    /// <summary>Adds rows of x to rows of y, between buffers of different widths.</summary>
    /// <param name="x">[rows, columns], rows <paramref name="ldx"/> floats apart.</param>
    /// <param name="ldx">Leading dimension of x.</param>
    /// <param name="y">[rows, columns], rows <paramref name="ldy"/> floats apart.</param>
    /// <param name="ldy">Leading dimension of y.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static void AddRows(float* x, int ldx, float* y, int ldy, int rows, int columns)
    {
        var action = new SumRows { X = x, LdX = ldx, Y = y, LdY = ldy, Columns = columns };
        Traversal.Run(rows, columns, 1, ref action);
    }

    /// <summary>y[t] += bias for every row.</summary>
    /// <param name="bias">[columns].</param>
    /// <param name="y">[rows, columns], rows <paramref name="ldy"/> floats apart.</param>
    /// <param name="ldy">Leading dimension of y.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static void AddBias(float* bias, float* y, int ldy, int rows, int columns) => AddRows(bias, 0, y, ldy, rows, columns);

    /// <summary>dBias += the sum over rows, in row order, of dy.</summary>
    /// <param name="dBias">[columns].</param>
    /// <param name="dy">[rows, columns], rows <paramref name="lddy"/> floats apart.</param>
    /// <param name="lddy">Leading dimension of dy.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public static void AddBiasBackward(float* dBias, float* dy, int lddy, int rows, int columns)
    {
        var action = new SumColumns { DBias = dBias, DY = dy, LdDY = lddy, Rows = rows };
        Traversal.Run(columns, rows, Traversal.ElementGranule, ref action);
    }

    internal struct Sum : IElementOperator
    {
        public float* X, Y, Z;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => (TLanes.Load(X + i) + TLanes.Load(Y + i)).Store(Z + i);
    }

    internal struct Product : IElementOperator
    {
        public float* X, Y;
        public float Factor;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => (TLanes.Load(X + i) * TLanes.Create(Factor)).Store(Y + i);
    }

    struct Constant : IElementOperator
    {
        public float* Y;
        public float Value;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => TLanes.Create(Value).Store(Y + i);
    }

    struct CopyRows : IRangeAction
    {
        public float* X, Y;
        public long LdX, LdY;
        public int Columns;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long row = start; row < end; row++)
                Unsafe.CopyBlock(Y + row * LdY, X + row * LdX, (uint)Columns * sizeof(float));
        }
    }

    struct SumRows : IRangeAction
    {
        public float* X, Y;
        public long LdX, LdY;
        public int Columns;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long row = start; row < end; row++)
            {
                float* y = Y + row * LdY;
                Traversal.Each<Sum, TLanes>(new Sum { X = y, Y = X + row * LdX, Z = y }, 0, Columns);
            }
        }
    }

    struct SumColumns : IRangeAction
    {
        public float* DBias, DY;
        public long LdDY;
        public int Rows;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long row = 0; row < Rows; row++)
                Traversal.Each<Sum, TLanes>(new Sum { X = DBias, Y = DY + row * LdDY, Z = DBias }, start, end);
        }
    }
}
