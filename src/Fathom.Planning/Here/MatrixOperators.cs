// Linear maps of a pass: one matrix, gate and up of a gated unit, one matrix per expert, and the head. Letters: T tokens, H inputs, N outputs, E experts, K per token.
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Planning.Here;

/// <summary>y [T, N] = x [T, H] Wᵀ.</summary>
/// <param name="Name">Which map.</param>
/// <param name="Part">Part of the plan.</param>
/// <param name="Uses">Times in a pass.</param>
/// <param name="Rows">T.</param>
/// <param name="Inputs">H.</param>
/// <param name="Outputs">N.</param>
/// <param name="Adds">Whether x has a gradient from another operator already.</param>
/// <param name="HasBias">Whether a bias is added.</param>
sealed record LinearOperator(string Name, PassPart Part, int Uses, int Rows, int Inputs, int Outputs, bool Adds = false, bool HasBias = false)
    : PassOperator(Name, Part, Uses, Rows)
{
    public override long Bytes => Rented(Rows, Outputs) + (Adds ? 0 : Rented(Rows, Inputs));

    public override double Work => 2.0 * Rows * Inputs * Outputs;

    public override string Sizes => $"{Inputs} to {Outputs}";

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, Inputs, Adds);
        Weight weight = memory.Matrix(Outputs, Inputs);
        Tensor? bias = HasBias ? memory.Parameter(Outputs, 1) : null;
        return tape => [tape.Linear(x, weight, bias)];
    }
}

/// <summary>Two maps of the same input, side by side: y [T, 2N].</summary>
sealed record LinearPairOperator(string Name, PassPart Part, int Uses, int Rows, int Inputs, int Outputs) : PassOperator(Name, Part, Uses, Rows)
{
    public override long Bytes => Rented(Rows, 2L * Outputs) + Rented(Rows, Inputs);

    public override double Work => 4.0 * Rows * Inputs * Outputs;

    public override string Sizes => $"{Inputs} to 2 x {Outputs}";

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, Inputs);
        Weight first = memory.Matrix(Outputs, Inputs), second = memory.Matrix(Outputs, Inputs);
        return tape => [tape.LinearPair(x, first, second)];
    }
}

/// <summary>One map per expert on the tokens sent to it: xs [T K, H] to [T K, N] or, with two matrices, [T K, 2N].</summary>
/// <param name="Name">Which map.</param>
/// <param name="Uses">Times in a pass.</param>
/// <param name="Rows">T, before the tokens are multiplied by K.</param>
/// <param name="Inputs">H.</param>
/// <param name="Outputs">N.</param>
/// <param name="Experts">E.</param>
/// <param name="Rule">How tokens choose.</param>
/// <param name="Pair">Whether each expert has two matrices.</param>
sealed unsafe record GroupedOperator(string Name, int Uses, int Rows, int Inputs, int Outputs, int Experts, RouterRule Rule, bool Pair)
    : PassOperator(Name, PassPart.Experts, Uses, Rows)
{
    int Width => Pair ? 2 * Outputs : Outputs;

    long Slots => (long)Rows * Rule.ExpertsPerToken;

    public override long Bytes => Rented(Slots, Width) + Rented(Slots, Inputs);

    public override double Work => 2.0 * Slots * Inputs * Width;

    public override string Sizes => $"{Inputs} to {(Pair ? "2 x " : "")}{Outputs} of {Experts} experts, {Rule.ExpertsPerToken} per token";

    // Fewer experts with as many rows each: how many rows an expert has decides how fast it is.
    internal override (PassOperator Trial, double Scale) Within(double work)
    {
        int fewest = Math.Max(Rule.ExpertsPerToken, 4), experts = Work <= work ? Experts : Math.Min(Experts, Math.Max(fewest, (int)(Experts * (work / Work))));
        int rows = Math.Max(1, (int)((long)Rows * experts / Experts));
        return (this with { Experts = experts, Rows = rows, Rule = Rule with { GroupCount = 1, GroupsPerToken = 1, Selection = SelectionMethod.Greedy } }, Rows / (double)rows);
    }

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor xs = memory.Input(checked((int)Slots), Inputs);
        Routing routing = memory.Routing(Rows, Experts, Rule);
        ExpertWeights weights = new(Enumerable.Range(0, Experts).Select(_ => memory.Matrix(Outputs, Inputs)));
        ExpertWeights? seconds = Pair ? new(Enumerable.Range(0, Experts).Select(_ => memory.Matrix(Outputs, Inputs))) : null;
        return tape => [tape.GroupedLinear(xs, weights, seconds, routing.Offsets)];
    }
}

/// <summary>The head: logits of a chunk of tokens at a time, softmax, loss and all gradients at once.</summary>
/// <param name="Uses">Times in a pass.</param>
/// <param name="Rows">T.</param>
/// <param name="Inputs">H.</param>
/// <param name="Outputs">Vocabulary.</param>
sealed unsafe record HeadOperator(int Uses, int Rows, int Inputs, int Outputs) : PassOperator("head and loss", PassPart.Head, Uses, Rows)
{
    // The hidden states' gradient is written by the head, but rented by who calls it.
    public override long Bytes => Rented(Rows, Inputs);

    public override double Work => 6.0 * Rows * Inputs * Outputs;

    public override string Sizes => $"{Inputs} to {Outputs}, {LanguageModelHead.ChunkTokens} tokens at a time";

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor hidden = memory.Input(Rows, Inputs);
        Weight head = memory.Matrix(Outputs, Inputs);
        int* targets = memory.Numbers(Rows, i => (int)(i * 7919L % Outputs));
        return tape =>
        {
            Tensor gradient = tape.Scope.RentLike(hidden);
            var objective = new CrossEntropyObjective(null, 1f / hidden.Rows);
            LanguageModelHead.Run(hidden.Data, hidden.Rows, hidden.Columns, head, targets, 1, ref objective, gradient.Data, head.Trainable.Gradient!.Data, null, null);
            return [];
        };
    }
}
