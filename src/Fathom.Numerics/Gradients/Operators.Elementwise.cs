// Sums, columns taken apart and put together, norms, rotation, gated units, embeddings.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

public static unsafe partial class Operators
{
    /// <summary>The residual sum z = x + y, all [T, H].</summary>
    public static Tensor Add(this Tape tape, Tensor x, Tensor y)
    {
        y.RequireShape(x.Rows, x.Columns, nameof(y));
        Tensor z = tape.Scope.RentLike(x);
        Elementwise.Add(x.Data, y.Data, z.Data, x.Length);
        if (tape.Recording)
            tape.Record<AddNode>().Set(x, y, z);
        return z;
    }

    sealed class AddNode : Node
    {
        Tensor _x = null!, _y = null!, _z = null!;

        public void Set(Tensor x, Tensor y, Tensor z)
        {
            _x = x;
            _y = y;
            _z = z;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_z.Gradient is not { } dz)
                return;
            tape.AddGradient(_x, dz);
            // Nothing writes to dz any more (x has its own copy), so y may share it.
            if (_y.Gradient is null)
                _y.Gradient = dz;
            else
                tape.AddGradient(_y, dz);
        }
    }

    /// <summary>RMSNorm over rows: y = x / sqrt(mean(x²) + eps) * gain.</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="x">[T, H].</param>
    /// <param name="gain">[H].</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public static Tensor RmsNorm(this Tape tape, Tensor x, Tensor gain, float epsilon)
    {
        int t = x.Rows, h = x.Columns;
        Tensor y = tape.Scope.RentLike(x);
        float* inverseRms = tape.Recording ? tape.Scope.Rent<float>(t) : null;
        Kernels.RmsNorm.Forward(x.Data, h, gain.Data, y.Data, h, inverseRms, t, h, epsilon);
        if (tape.Recording)
            tape.Record<RmsNormNode>().Set(x, gain, inverseRms, y);
        return y;
    }

    sealed class RmsNormNode : Node
    {
        Tensor _x = null!, _gain = null!, _y = null!;
        float* _inverseRms;

        public void Set(Tensor x, Tensor gain, float* inverseRms, Tensor y)
        {
            _x = x;
            _gain = gain;
            _inverseRms = inverseRms;
            _y = y;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            Tensor dx = tape.GradientOf(_x, out bool accumulate);
            int h = dx.Columns;
            Kernels.RmsNorm.Backward(_x.Data, h, _gain.Data, _inverseRms, dy.Data, h, dx.Data, h, accumulate, dx.Rows, h);
        }

        public override void BackwardWeights(Tape tape)
        {
            if (_y.Gradient is { } dy && _gain.Gradient is { } dGain)
                Kernels.RmsNorm.BackwardGain(_x.Data, _x.Columns, _inverseRms, dy.Data, dy.Columns, dGain.Data, dy.Rows, dy.Columns);
        }
    }

    /// <summary>Takes columns apart: left [T, <paramref name="leftColumns"/>] and right [T, the rest].</summary>
    public static (Tensor Left, Tensor Right) Split(this Tape tape, Tensor x, int leftColumns)
    {
        int t = x.Rows, a = leftColumns, b = x.Columns - leftColumns;
        Tensor left = tape.Scope.Rent(t, a), right = tape.Scope.Rent(t, b);
        Elementwise.Copy(x.Data, x.Columns, left.Data, a, t, a);
        Elementwise.Copy(x.Data + a, x.Columns, right.Data, b, t, b);
        if (tape.Recording)
            tape.Record<SplitNode>().Set(x, left, right, splits: true);
        return (left, right);
    }

    /// <summary>Puts columns side by side: [T, A] and [T, B] to [T, A + B].</summary>
    public static Tensor Concat(this Tape tape, Tensor left, Tensor right)
    {
        int t = left.Rows, a = left.Columns, b = right.Columns;
        Tensor joined = tape.Scope.Rent(t, a + b);
        Elementwise.Copy(left.Data, a, joined.Data, a + b, t, a);
        Elementwise.Copy(right.Data, b, joined.Data + a, a + b, t, b);
        if (tape.Recording)
            tape.Record<SplitNode>().Set(joined, left, right, splits: false);
        return joined;
    }

    sealed class SplitNode : Node
    {
        Tensor _whole = null!, _left = null!, _right = null!;
        bool _splits;

        public void Set(Tensor whole, Tensor left, Tensor right, bool splits)
        {
            _whole = whole;
            _left = left;
            _right = right;
            _splits = splits;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_splits)
            {
                if (_left.Gradient is null && _right.Gradient is null)
                    return;
                Tensor whole = tape.GradientOf(_whole, out bool accumulate);
                Place(_left, whole, 0, accumulate);
                Place(_right, whole, _left.Columns, accumulate);
            }
            else if (_whole.Gradient is { } whole)
            {
                Take(tape, whole, _left, 0);
                Take(tape, whole, _right, _left.Columns);
            }
        }

        static void Place(Tensor part, Tensor whole, int column, bool accumulate)
        {
            int t = whole.Rows, n = part.Columns, ld = whole.Columns;
            if (part.Gradient is { } d && accumulate)
                Elementwise.AddRows(d.Data, n, whole.Data + column, ld, t, n);
            else if (part.Gradient is { } fresh)
                Elementwise.Copy(fresh.Data, n, whole.Data + column, ld, t, n);
            else if (!accumulate)
                Clear(whole.Data + column, ld, t, n);
        }

        static void Clear(float* part, int ld, int rows, int columns)
        {
            for (int r = 0; r < rows; r++)
                new Span<float>(part + (long)r * ld, columns).Clear();
        }

        static void Take(Tape tape, Tensor whole, Tensor part, int column)
        {
            Tensor d = tape.GradientOf(part, out bool accumulate);
            if (accumulate)
                Elementwise.AddRows(whole.Data + column, whole.Columns, d.Data, d.Columns, d.Rows, d.Columns);
            else
                Elementwise.Copy(whole.Data + column, whole.Columns, d.Data, d.Columns, d.Rows, d.Columns);
        }
    }

    /// <summary>Rotates, in place, part of each head by its token's position (rotary embedding). The tensor keeps its identity.</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="x">[T, heads * head size].</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="offset">First rotated element inside a head.</param>
    /// <param name="table">Cosines and sines by position, and how elements pair up.</param>
    /// <param name="positions">[T]; must live as long as the tape's history.</param>
    public static void Rotate(this Tape tape, Tensor x, int heads, int offset, RotaryTable table, int* positions)
    {
        table.Apply(x, heads, offset, positions, inverse: false);
        if (tape.Recording)
            tape.Record<RotateNode>().Set(x, heads, offset, table, positions);
    }

    sealed class RotateNode : Node
    {
        Tensor _x = null!;
        RotaryTable _table = null!;
        int* _positions;
        int _heads, _offset;

        public void Set(Tensor x, int heads, int offset, RotaryTable table, int* positions)
        {
            _x = x;
            _heads = heads;
            _offset = offset;
            _table = table;
            _positions = positions;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_x.Gradient is { } dx)
                _table.Apply(dx, _heads, _offset, _positions, inverse: true);
        }
    }

    /// <summary>The gated unit silu(g) * u over a tensor that holds g and u side by side: [T, 2F] to [T, F].</summary>
    public static Tensor SwiGlu(this Tape tape, Tensor gateAndUp)
    {
        int f = gateAndUp.Columns / 2, ld = gateAndUp.Columns;
        Tensor y = tape.Scope.Rent(gateAndUp.Rows, f);
        Kernels.SwiGlu.Forward(gateAndUp.Data, ld, gateAndUp.Data + f, ld, y.Data, f, y.Rows, f);
        if (tape.Recording)
            tape.Record<SwiGluNode>().Set(gateAndUp, y);
        return y;
    }

    sealed class SwiGluNode : Node
    {
        Tensor _x = null!, _y = null!;

        public void Set(Tensor x, Tensor y)
        {
            _x = x;
            _y = y;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            Tensor dx = tape.GradientOf(_x, out bool accumulate);
            if (accumulate)
                throw new InvalidOperationException("The input of a gated unit has one consumer.");
            int f = dy.Columns, ld = dx.Columns;
            Kernels.SwiGlu.Backward(_x.Data, ld, _x.Data + f, ld, dy.Data, f, dx.Data, ld, dx.Data + f, ld, dy.Rows, f);
        }
    }

    /// <summary>Rows of a table by id: y [T, H].</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="ids">[T], each 0 to rows of the table, checked by the caller; must live as long as the tape's history.</param>
    /// <param name="count">T.</param>
    /// <param name="table">[V, H].</param>
    public static Tensor Embed(this Tape tape, int* ids, int count, Tensor table)
    {
        Tensor y = tape.Scope.Rent(count, table.Columns);
        Embedding.Forward(ids, table.Data, y.Data, count, table.Columns);
        if (tape.Recording)
            tape.Record<EmbedNode>().Set(ids, table, y);
        return y;
    }

    /// <summary>Rows of a table in any format: y [T, H]. Only an FP32 table can be recorded.</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="ids">[T], rows of the table.</param>
    /// <param name="count">T.</param>
    /// <param name="table">[V, H].</param>
    /// <exception cref="InvalidOperationException">The tape records and the table is not FP32.</exception>
    public static Tensor Embed(this Tape tape, int* ids, int count, Weight table)
    {
        if (table.Values is not null || tape.Recording)
            return tape.Embed(ids, count, table.Trainable);
        Tensor y = tape.Scope.Rent(count, table.Columns);
        for (int t = 0; t < count; t++)
            table.Decode(ids[t], 1, y.Row(t));
        return y;
    }

    sealed class EmbedNode : Node
    {
        Tensor _table = null!, _y = null!;
        int* _ids;

        public void Set(int* ids, Tensor table, Tensor y)
        {
            _ids = ids;
            _table = table;
            _y = y;
        }

        public override void BackwardInput(Tape tape)
        {
        }

        public override void BackwardWeights(Tape tape)
        {
            if (_y.Gradient is { } dy && _table.Gradient is { } dTable)
                Embedding.Backward(_ids, dy.Data, dTable.Data, dy.Rows, dy.Columns);
        }
    }
}
