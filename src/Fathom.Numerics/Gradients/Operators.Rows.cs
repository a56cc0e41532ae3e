// Some rows of a tensor.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

public static unsafe partial class Operators
{
    /// <summary>Copies rows of x [T, H]: result [count, H].</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="x">[T, H].</param>
    /// <param name="rows">[count] row indices, each at most once; must live as long as the tape's history.</param>
    /// <param name="count">Number of rows.</param>
    public static Tensor SelectRows(this Tape tape, Tensor x, int* rows, int count)
    {
        Tensor y = tape.Scope.Rent(count, x.Columns);
        Dispatch.Gather(x.Data, x.Columns, rows, y.Data, count, x.Columns);
        if (tape.Recording)
            tape.Record<SelectRowsNode>().Set(x, rows, y);
        return y;
    }

    sealed class SelectRowsNode : Node
    {
        Tensor _x = null!, _y = null!;
        int* _rows;

        public void Set(Tensor x, int* rows, Tensor y)
        {
            _x = x;
            _rows = rows;
            _y = y;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            Tensor dx = tape.GradientOf(_x, out bool accumulate);
            if (!accumulate)
                dx.Span.Clear();
            for (int i = 0; i < dy.Rows; i++)
            {
                float* from = dy.Row(i), to = dx.Row(_rows[i]);
                for (int c = 0; c < dy.Columns; c++)
                    to[c] += from[c];
            }
        }
    }
}
