// Routing tokens to experts and back.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

/// <summary>What a router decided for one batch. Letters: T tokens, E experts, K experts per token.</summary>
public sealed unsafe class Routing
{
    /// <summary>[T, E] affinities, without selection bias.</summary>
    public Tensor Scores { get; internal set; } = null!;

    /// <summary>[T, K] weights of the chosen experts, in the order of <see cref="ExpertIds"/>.</summary>
    public Tensor Weights { get; internal set; } = null!;

    /// <summary>[T, K] chosen experts, ascending.</summary>
    public int* ExpertIds { get; internal set; }

    /// <summary>[E + 1] first slot of each expert among the T * K slots sorted by expert.</summary>
    public int* Offsets { get; internal set; }

    /// <summary>[T * K] token of each slot.</summary>
    public int* Rows { get; internal set; }

    /// <summary>[T, K] slot of each choice.</summary>
    public int* SlotOf { get; internal set; }

    /// <summary>The balance loss of this layer, times its weight; 0 when it has none.</summary>
    public double BalanceLoss { get; internal set; }
}

/// <summary>How a router scores and selects; names and rules as in config.json.</summary>
/// <param name="Scoring">Softmax (V1, V2) or sigmoid (V3) affinities.</param>
/// <param name="Selection">Greedy, group-limited or bias-corrected.</param>
/// <param name="ExpertsPerToken">K.</param>
/// <param name="GroupCount">Groups of experts; 1 for none.</param>
/// <param name="GroupsPerToken">Groups a token may use.</param>
/// <param name="Normalize">Weights are divided by their sum.</param>
/// <param name="Scale">Factor on the weights.</param>

public sealed record RouterRule(
    ScoringFunction Scoring, SelectionMethod Selection, int ExpertsPerToken, int GroupCount, int GroupsPerToken, bool Normalize, float Scale);

public static unsafe partial class Operators
{
    /// <summary>Scores tokens against experts and selects (facts: V2 section 2.2, V3 eq. 12 to 20).</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="logits">[T, E].</param>
    /// <param name="selectionBias">[E] added to scores for choosing only, or null.</param>
    /// <param name="rule">How to score and select.</param>
    /// <param name="sequenceStarts">[sequences + 1], for the balance loss.</param>
    /// <param name="sequenceCount">Number of sequences.</param>
    /// <param name="balanceWeight">Weight of each sequence's balance loss; 0 for none.</param>
    /// <param name="routing">Receives the result; reused from step to step.</param>
    public static void Route(
        this Tape tape, Tensor logits, Tensor? selectionBias, RouterRule rule, int* sequenceStarts, int sequenceCount, float balanceWeight,
        Routing routing)
    {
        int t = logits.Rows, e = logits.Columns, k = rule.ExpertsPerToken;
        MemoryScopeRent(tape, routing, t, e, k);
        Router.Scores(logits.Data, routing.Scores.Data, t, e, rule.Scoring);
        Router.Select(
            routing.Scores.Data, selectionBias is null ? null : selectionBias.Data, t, e, k, rule.GroupCount, rule.GroupsPerToken, rule.Selection,
            rule.Normalize, rule.Scale, routing.ExpertIds, routing.Weights.Data);
        Dispatch.Build(routing.ExpertIds, t, k, e, routing.Offsets, routing.Rows, routing.SlotOf);
        routing.BalanceLoss = 0;
        if (!tape.Recording)
            return;
        Tensor? dScores = null;
        if (balanceWeight > 0)
        {
            dScores = tape.Scope.RentZeroed(t, e);
            routing.BalanceLoss = BalanceLoss.Run(
                routing.Scores.Data, routing.ExpertIds, sequenceStarts, sequenceCount, e, k, rule.Scoring, balanceWeight, dScores.Data);
        }
        tape.Record<RouteNode>().Set(logits, routing.Scores, routing.Weights, routing.ExpertIds, rule, dScores);
    }

    static void MemoryScopeRent(Tape tape, Routing routing, int t, int e, int k)
    {
        routing.Scores = tape.Scope.Rent(t, e);
        routing.Weights = tape.Scope.Rent(t, k);
        routing.ExpertIds = tape.Scope.Rent<int>((long)t * k);
        routing.Offsets = tape.Scope.Rent<int>(e + 1);
        routing.Rows = tape.Scope.Rent<int>((long)t * k);
        routing.SlotOf = tape.Scope.Rent<int>((long)t * k);
    }

    sealed class RouteNode : Node
    {
        Tensor _logits = null!, _scores = null!, _weights = null!;
        Tensor? _dScores;
        int* _ids;
        RouterRule _rule = null!;

        public void Set(Tensor logits, Tensor scores, Tensor weights, int* ids, RouterRule rule, Tensor? dScores)
        {
            _logits = logits;
            _scores = scores;
            _weights = weights;
            _ids = ids;
            _rule = rule;
            _dScores = dScores;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_weights.Gradient is null && _dScores is null)
                return;
            Tensor dLogits = tape.GradientOf(_logits, out _);
            Router.Backward(
                _scores.Data, _ids, _weights.Gradient is { } dw ? dw.Data : null, _dScores is { } ds ? ds.Data : null, dLogits.Data,
                _logits.Rows, _logits.Columns, _rule.ExpertsPerToken, _rule.Scoring, _rule.Normalize, _rule.Scale);
        }
    }

    /// <summary>Copies tokens to their slots: xs [T * K, H], sorted by expert.</summary>
    public static Tensor DispatchTokens(this Tape tape, Tensor x, Routing routing, int expertsPerToken)
    {
        Tensor xs = tape.Scope.Rent(x.Rows * expertsPerToken, x.Columns);
        Dispatch.Gather(x.Data, x.Columns, routing.Rows, xs.Data, xs.Rows, x.Columns);
        if (tape.Recording)
            tape.Record<DispatchNode>().Set(x, xs, routing.SlotOf, expertsPerToken);
        return xs;
    }

    sealed class DispatchNode : Node
    {
        Tensor _x = null!, _xs = null!;
        int* _slotOf;
        int _k;

        public void Set(Tensor x, Tensor xs, int* slotOf, int k)
        {
            _x = x;
            _xs = xs;
            _slotOf = slotOf;
            _k = k;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_xs.Gradient is not { } dxs)
                return;
            Tensor dx = tape.GradientOf(_x, out bool accumulate);
            if (!accumulate)
                Elementwise.Fill(dx.Data, 0, dx.Length);
            Dispatch.GatherBackward(dxs.Data, _slotOf, dx.Data, dx.Columns, dx.Rows, _k, dx.Columns);
        }
    }

    /// <summary>y [T, H] = sum over a token's slots of weight times the expert's result.</summary>
    public static Tensor CombineTokens(this Tape tape, Tensor ys, Routing routing)
    {
        Tensor weights = routing.Weights;
        Tensor y = tape.Scope.Rent(weights.Rows, ys.Columns);
        Elementwise.Fill(y.Data, 0, y.Length);
        Dispatch.Combine(ys.Data, routing.SlotOf, weights.Data, y.Data, y.Columns, y.Rows, weights.Columns, y.Columns);
        if (tape.Recording)
            tape.Record<CombineNode>().Set(ys, weights, routing.SlotOf, y);
        return y;
    }

    sealed class CombineNode : Node
    {
        Tensor _ys = null!, _weights = null!, _y = null!;
        int* _slotOf;

        public void Set(Tensor ys, Tensor weights, int* slotOf, Tensor y)
        {
            _ys = ys;
            _weights = weights;
            _slotOf = slotOf;
            _y = y;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_y.Gradient is not { } dy)
                return;
            Tensor dys = tape.GradientOf(_ys, out _), dWeights = tape.GradientOf(_weights, out _);
            Dispatch.CombineBackward(
                _ys.Data, _slotOf, _weights.Data, dy.Data, dy.Columns, dys.Data, dWeights.Data, dy.Rows, _weights.Columns, dy.Columns);
        }
    }
}
