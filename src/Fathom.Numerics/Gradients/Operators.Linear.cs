// y = x Wᵀ + b, and the same for many experts at once.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Kernels.GroupedMatMul;
using Fathom.Numerics.Kernels.MatMul;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

/// <summary>The operator surface: what a model is made of. Letters: T tokens, H features in, N features out, G groups, S slots.</summary>
public static unsafe partial class Operators
{
    /// <summary>A linear map: y [T, N] = x [T, H] Wᵀ + b.</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="x">[T, H].</param>
    /// <param name="weight">[N, H]; trained when it has a gradient.</param>
    /// <param name="bias">[N] or null.</param>
    public static Tensor Linear(this Tape tape, Tensor x, Tensor weight, Tensor? bias = null)
    {
        int t = x.Rows, h = weight.Columns, n = weight.Rows;
        x.RequireShape(t, h, nameof(x));
        Tensor y = tape.Scope.Rent(t, n);
        MatMul.NT(x.Data, h, weight.Data, h, y.Data, n, t, n, h, accumulate: false);
        if (bias is not null)
            Elementwise.AddBias(bias.Data, y.Data, n, t, n);
        if (tape.Recording)
            tape.Record<LinearNode>().Set(x, weight, bias, y);
        return y;
    }

    /// <summary>A linear map with a weight in any format: y [T, N] = x [T, H] Wᵀ + b. Only FP32 weights can be recorded.</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="x">[T, H].</param>
    /// <param name="weight">[N, H].</param>
    /// <param name="bias">[N] or null.</param>
    /// <exception cref="InvalidOperationException">The tape records and the weight is not FP32.</exception>
    public static Tensor Linear(this Tape tape, Tensor x, Weight weight, Tensor? bias = null)
    {
        tape.Statistics?.Add(weight, x.Data, x.Rows);
        if (weight.Values is not null || tape.Recording)
            return tape.Linear(x, weight.Trainable, bias);
        x.RequireShape(x.Rows, weight.Columns, nameof(x));
        Tensor y = tape.Scope.Rent(x.Rows, weight.Rows);
        PackedMatMul.NT(x.Data, x.Columns, weight, y.Data, y.Columns, x.Rows);
        if (bias is not null)
            Elementwise.AddBias(bias.Data, y.Data, y.Columns, y.Rows, y.Columns);
        return y;
    }

    /// <summary>The weight in FP32: itself, or decoded [N, H] for as long as the tape's scope lives.</summary>
    public static Tensor Decoded(this Tape tape, Weight weight)
    {
        if (weight.Values is { } values)
            return values;
        Tensor decoded = tape.Scope.Rent(weight.Rows, weight.Columns);
        PackedMatMul.Decode(weight, 0, weight.Rows, decoded.Data);
        return decoded;
    }

    sealed class LinearNode : Node
    {
        Tensor _x = null!, _weight = null!, _y = null!;
        Tensor? _bias;

        public void Set(Tensor x, Tensor weight, Tensor? bias, Tensor y)
        {
            _x = x;
            _weight = weight;
            _bias = bias;
            _y = y;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            Tensor dx = tape.GradientOf(_x, out bool accumulate);
            // dx [T, H] = dy [T, N] W [N, H]
            MatMul.NN(dy.Data, dy.Columns, _weight.Data, _weight.Columns, dx.Data, dx.Columns, dy.Rows, dx.Columns, dy.Columns, accumulate);
        }

        public override void BackwardWeights(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            if (_weight.Gradient is { } dw)
            {
                // dW [N, H] += dyᵀ [N, T] x [T, H]
                MatMul.TN(dy.Data, dy.Columns, _x.Data, _x.Columns, dw.Data, dw.Columns, dw.Rows, dw.Columns, dy.Rows, accumulate: true);
            }
            if (_bias?.Gradient is { } db)
                Elementwise.AddBiasBackward(db.Data, dy.Data, dy.Columns, dy.Rows, dy.Columns);
        }
    }

    /// <summary>Two linear maps of the same input, results side by side: [T, H] to [T, 2N]. Gate and up of a gated unit.</summary>
    public static Tensor LinearPair(this Tape tape, Tensor x, Weight first, Weight second)
    {
        tape.Statistics?.Add(first, x.Data, x.Rows);
        tape.Statistics?.Add(second, x.Data, x.Rows);
        if ((first.Values is not null && second.Values is not null) || tape.Recording)
            return tape.LinearPair(x, first.Trainable, second.Trainable);
        int t = x.Rows, n = first.Rows;
        x.RequireShape(t, first.Columns, nameof(x));
        Tensor y = tape.Scope.Rent(t, 2 * n);
        PackedMatMul.NT(x.Data, x.Columns, first, second, y.Data, 2 * n, t);
        return y;
    }

    static Tensor LinearPair(this Tape tape, Tensor x, Tensor first, Tensor second)
    {
        int t = x.Rows, h = x.Columns, n = first.Rows;
        second.RequireShape(n, h, nameof(second));
        Tensor y = tape.Scope.Rent(t, 2 * n);
        MatMul.NT(x.Data, h, first.Data, h, y.Data, 2 * n, t, n, h, accumulate: false);
        MatMul.NT(x.Data, h, second.Data, h, y.Data + n, 2 * n, t, n, h, accumulate: false);
        if (tape.Recording)
            tape.Record<LinearPairNode>().Set(x, first, second, y);
        return y;
    }

    sealed class LinearPairNode : Node
    {
        Tensor _x = null!, _first = null!, _second = null!, _y = null!;

        public void Set(Tensor x, Tensor first, Tensor second, Tensor y)
        {
            _x = x;
            _first = first;
            _second = second;
            _y = y;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            Tensor dx = tape.GradientOf(_x, out bool accumulate);
            int t = dx.Rows, h = dx.Columns, n = _first.Rows;
            MatMul.NN(dy.Data, 2 * n, _first.Data, h, dx.Data, h, t, h, n, accumulate);
            MatMul.NN(dy.Data + n, 2 * n, _second.Data, h, dx.Data, h, t, h, n, accumulate: true);
        }

        public override void BackwardWeights(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            int t = _x.Rows, h = _x.Columns, n = _first.Rows;
            if (_first.Gradient is { } dFirst)
                MatMul.TN(dy.Data, 2 * n, _x.Data, h, dFirst.Data, h, n, h, t, accumulate: true);
            if (_second.Gradient is { } dSecond)
                MatMul.TN(dy.Data + n, 2 * n, _x.Data, h, dSecond.Data, h, n, h, t, accumulate: true);
        }
    }

    /// <summary>
    /// One linear map per group: rows offsets[g] to offsets[g+1] of x meet the weight of group g. With two weights per group
    /// the results stand side by side: y [S, N] or [S, 2N].
    /// </summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="x">[S, H], rows sorted by group.</param>
    /// <param name="weights">G tensors [N, H].</param>
    /// <param name="seconds">G further tensors [N, H] whose results follow the first in each row, or null.</param>
    /// <param name="offsets">[G + 1] first row of each group; must live as long as the tape's history.</param>
    public static Tensor GroupedLinear(this Tape tape, Tensor x, ExpertWeights weights, ExpertWeights? seconds, int* offsets)
    {
        int h = x.Columns, n = weights.Rows, width = seconds is null ? n : 2 * n;
        Tensor y = tape.Scope.Rent(x.Rows, width);
        if (tape.Statistics is { } statistics)
        {
            for (int g = 0; g < weights.Count; g++)
            {
                statistics.Add(weights.All[g], x.Row(offsets[g]), offsets[g + 1] - offsets[g]);
                if (seconds is not null)
                    statistics.Add(seconds.All[g], x.Row(offsets[g]), offsets[g + 1] - offsets[g]);
            }
        }
        if (!tape.Recording && !(weights.IsDense && seconds?.IsDense != false))
        {
            PackedMatMul.NT(x.Data, h, weights.All, seconds?.All ?? default, y.Data, width, offsets);
            return y;
        }
        weights.RequireDense();
        seconds?.RequireDense();
        GroupedMatMul.NT(x.Data, h, weights.Values, y.Data, width, offsets, weights.Count, n, h, accumulate: false);
        if (seconds is not null)
            GroupedMatMul.NT(x.Data, h, seconds.Values, y.Data + n, width, offsets, weights.Count, n, h, accumulate: false);
        if (tape.Recording)
            tape.Record<GroupedLinearNode>().Set(x, weights, seconds, offsets, y);
        return y;
    }

    sealed class GroupedLinearNode : Node
    {
        Tensor _x = null!, _y = null!;
        ExpertWeights _weights = null!;
        ExpertWeights? _seconds;
        int* _offsets;

        public void Set(Tensor x, ExpertWeights weights, ExpertWeights? seconds, int* offsets, Tensor y)
        {
            _x = x;
            _weights = weights;
            _seconds = seconds;
            _offsets = offsets;
            _y = y;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            Tensor dx = tape.GradientOf(_x, out bool accumulate);
            int h = dx.Columns, n = _weights.Rows;
            GroupedMatMul.NN(dy.Data, dy.Columns, _weights.Values, dx.Data, h, _offsets, _weights.Count, n, h, accumulate);
            if (_seconds is not null)
                GroupedMatMul.NN(dy.Data + n, dy.Columns, _seconds.Values, dx.Data, h, _offsets, _weights.Count, n, h, accumulate: true);
        }

        public override void BackwardWeights(Tape tape)
        {
            if (_y.Gradient is not { } dy || !_weights.HasGradients)
                return;
            int h = _x.Columns, n = _weights.Rows;
            GroupedMatMul.TN(dy.Data, dy.Columns, _x.Data, h, _weights.Gradients, _offsets, _weights.Count, n, h, accumulate: true);
            if (_seconds is not null)
                GroupedMatMul.TN(dy.Data + n, dy.Columns, _x.Data, h, _seconds.Gradients, _offsets, _weights.Count, n, h, accumulate: true);
        }
    }
}
