// The feed-forward half of a decoder block: one gated unit, or many experts.
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Maps [T, H] to [T, H], token by token.</summary>
public abstract class FeedForward
{
    /// <summary>Runs the layer on the normed residual stream.</summary>
    public abstract Tensor Forward(Tape tape, Tensor x, PackedBatch batch);
}

/// <summary>down(silu(gate x) * up x).</summary>
/// <param name="weights">The model's weights.</param>
/// <param name="prefix">Checkpoint prefix, such as <c>model.layers.0.mlp.</c></param>
public sealed class SwiGlu(IModelWeights weights, string prefix) : FeedForward
{
    readonly Weight _gate = weights.Matrix(prefix + "gate_proj.weight"); // [F, H]
    readonly Weight _up = weights.Matrix(prefix + "up_proj.weight"); // [F, H]
    readonly Weight _down = weights.Matrix(prefix + "down_proj.weight"); // [H, F]

    /// <inheritdoc/>
    public override Tensor Forward(Tape tape, Tensor x, PackedBatch batch)
    {
        Tensor gateAndUp = tape.LinearPair(x, _gate, _up); // [T, 2F]
        return tape.Linear(tape.SwiGlu(gateAndUp), _down); // [T, H]
    }
}

/// <summary>DeepSeekMoE: shared experts that see every token, and routed experts of which each token chooses K. No token is dropped.</summary>
public sealed unsafe class MixtureOfExperts : FeedForward
{
    readonly RouterRule _rule;
    readonly Weight _router; // [E, H]
    readonly ExpertWeights _gate; // E of [F, H]
    readonly ExpertWeights _up; // E of [F, H]
    readonly ExpertWeights _down; // E of [H, F]
    readonly SwiGlu? _shared;
    readonly bool _sequenceBalance;
    readonly long[] _load;

    /// <summary>Takes the experts of one layer out of the model's weights.</summary>
    /// <param name="config">The model; it has experts.</param>
    /// <param name="weights">The model's weights.</param>
    /// <param name="prefix">Checkpoint prefix, such as <c>model.layers.1.mlp.</c></param>
    public MixtureOfExperts(ModelConfig config, IModelWeights weights, string prefix)
    {
        ExpertConfig experts = config.Experts!;
        _rule = new RouterRule(
            experts.ScoringFunction, experts.SelectionMethod, experts.ExpertsPerToken, experts.ExpertGroupCount, experts.GroupsPerToken,
            experts.NormalizeWeights, (float)experts.RoutedScalingFactor);
        _router = weights.Matrix(prefix + "gate.weight");
        SelectionBias = weights.FindVector(prefix + "gate.e_score_correction_bias");
        ExpertWeights Gather(string kind) => new(
            Enumerable.Range(0, experts.RoutedExpertCount).Select(e => weights.Matrix($"{prefix}experts.{e}.{kind}.weight")));
        _gate = Gather("gate_proj");
        _up = Gather("up_proj");
        _down = Gather("down_proj");
        _shared = experts.SharedExpertCount > 0 ? new SwiGlu(weights, prefix + "shared_experts.") : null;
        _load = new long[experts.RoutedExpertCount];
        _sequenceBalance = experts.SequenceBalance;
        BalanceLossWeight = (float)experts.BalanceLossWeight;
    }

    /// <summary>[E] added to the scores for choosing only (V3 eq. 16), or null.</summary>
    public Tensor? SelectionBias { get; }

    /// <summary>Factor alpha of the balance loss, a mean over sequences, while recording; 0 switches it off.</summary>
    public float BalanceLossWeight { get; set; }

    /// <summary>Experts that the last pass used: those whose weights it read.</summary>
    public int ActiveExpertCount { get; private set; }

    /// <summary>The last batch's decisions; valid within the layer, with a trace until the tape is reset.</summary>
    public Routing Routing { get; } = new();

    /// <summary>[E] tokens each expert got in training since <see cref="UpdateSelectionBias"/> or <see cref="ClearLoad"/>.</summary>
    public ReadOnlySpan<long> Load => _load;

    /// <inheritdoc/>
    public override Tensor Forward(Tape tape, Tensor x, PackedBatch batch)
    {
        Tensor logits = tape.Linear(x, _router); // [T, E]
        float balanceWeight = BalanceLossWeight / (batch.StepSequenceCount > 0 ? batch.StepSequenceCount : batch.SequenceCount);
        if (_sequenceBalance)
        {
            tape.Route(logits, SelectionBias, _rule, batch.SequenceStarts, batch.SequenceCount, balanceWeight, Routing);
        }
        else
        {
            // seq_aux false: the pass counts as one long sequence with the weight of all its sequences.
            int* whole = stackalloc int[2] { 0, batch.TokenCount };
            tape.Route(logits, SelectionBias, _rule, whole, 1, balanceWeight * batch.SequenceCount, Routing);
        }
        ActiveExpertCount = 0;
        for (int e = 0; e < _load.Length; e++)
        {
            int slots = Routing.Offsets[e + 1] - Routing.Offsets[e];
            ActiveExpertCount += slots > 0 ? 1 : 0;
            _load[e] += tape.Recording ? slots : 0;
        }
        Tensor xs = tape.DispatchTokens(x, Routing, _rule.ExpertsPerToken); // [T K, H]
        Tensor inner = tape.SwiGlu(tape.GroupedLinear(xs, _gate, _up, Routing.Offsets)); // [T K, F]
        Tensor ys = tape.GroupedLinear(inner, _down, null, Routing.Offsets); // [T K, H]
        Tensor y = tape.CombineTokens(ys, Routing); // [T, H]
        return _shared is null ? y : tape.Add(y, _shared.Forward(tape, x, batch));
    }

    /// <summary>max load / mean load - 1 since the last reset: 0 is perfect balance (arXiv 2408.15664).</summary>
    public double MaxViolation()
    {
        long total = 0, max = 0;
        foreach (long n in _load)
        {
            total += n;
            max = Math.Max(max, n);
        }
        return total == 0 ? 0 : (double)max * _load.Length / total - 1;
    }

    /// <summary>
    /// Balancing without an auxiliary loss: the bias of an overloaded expert falls by <paramref name="rate"/>, that of an
    /// underloaded one rises (V3 section 2.1.2). Once per optimizer step, from the whole batch's load, which it then resets.
    /// </summary>
    public void UpdateSelectionBias(float rate)
    {
        if (SelectionBias is { } bias && rate > 0)
        {
            long total = 0;
            foreach (long n in _load)
                total += n;
            for (int e = 0; e < _load.Length; e++)
                bias.Data[e] -= rate * Math.Sign(_load[e] * _load.Length - total);
        }
        ClearLoad();
    }

    /// <summary>Forgets the counted load.</summary>
    public void ClearLoad() => Array.Clear(_load);
}
