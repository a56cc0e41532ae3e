// Attention and routing of a pass. Letters: T tokens, B sequences, E experts, K experts per token, H columns.
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Planning.Here;

/// <summary>Causal attention over sequences of equal length.</summary>
/// <param name="Uses">Times in a pass.</param>
/// <param name="Rows">T.</param>
/// <param name="Length">Tokens of a sequence.</param>
/// <param name="Shape">Heads.</param>
/// <param name="Joined">Whether keys and values stand in one tensor, as latent attention's up-projection writes them.</param>
sealed unsafe record AttentionOperator(int Uses, int Rows, int Length, AttentionShape Shape, bool Joined) : PassOperator("attention", PassPart.Attention, Uses, Rows)
{
    int Query => Shape.HeadCount * Shape.QueryDim;

    int Keys => Shape.KeyValueHeadCount * Shape.QkDim;

    int Values => Shape.KeyValueHeadCount * Shape.VDim;

    public override long Bytes => Rented(Rows, (long)Shape.HeadCount * Shape.VDim) + Rented(Rows, Shape.HeadCount) + Rented(Rows, Query)
        + (Joined ? Rented(Rows, Keys + Values) : Rented(Rows, Keys) + Rented(Rows, Values)) + (Shape.SharedDim > 0 ? Rented(Rows, Shape.SharedDim) : 0);

    public override double Work => (double)Rows * Length * Shape.HeadCount * (Shape.QueryDim + Shape.VDim);

    public override string Sizes => $"sequences of {Length}, {Shape.HeadCount} heads of {Shape.QueryDim} and {Shape.VDim}";

    // Whole sequences, and where one is too long for a trial a shorter one: work grows with the length's square.
    internal override (PassOperator Trial, double Scale) Within(double work)
    {
        if (Work <= work)
            return (this, 1);
        int length = Length, sequences = (int)(Rows / Length * (work / Work));
        if (sequences == 0)
            (sequences, length) = (1, Math.Min(Length, Math.Max(FewestRows, (int)(Length * Math.Sqrt(work / (Work / (Rows / Length)))))));
        AttentionOperator trial = this with { Rows = sequences * length, Length = length };
        return (trial, Work / trial.Work);
    }

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        int sequences = Rows / Length;
        Tensor q = memory.Input(Rows, Query), k = memory.Input(Rows, Joined ? Keys + Values : Keys);
        Tensor? v = Joined ? null : memory.Input(Rows, Values), shared = Shape.SharedDim > 0 ? memory.Input(Rows, Shape.SharedDim) : null;
        int* starts = memory.Numbers(sequences + 1, i => i * Length);
        return tape => [tape.Attend(Shape, q, k, v, shared, starts, sequences)];
    }
}

/// <summary>Scores, choice and sorting of tokens by expert.</summary>
/// <param name="Uses">Times in a pass.</param>
/// <param name="Rows">T.</param>
/// <param name="Experts">E.</param>
/// <param name="Rule">How tokens choose.</param>
/// <param name="Length">Tokens of a sequence.</param>
/// <param name="Balances">Whether there is a balance loss.</param>
/// <param name="HasBias">Whether a selection bias is added.</param>
sealed unsafe record RouteOperator(int Uses, int Rows, int Experts, RouterRule Rule, int Length, bool Balances, bool HasBias)
    : PassOperator("routing", PassPart.Experts, Uses, Rows)
{
    const double OperationsPerScore = 200;

    public override long Bytes
    {
        get
        {
            int k = Rule.ExpertsPerToken;
            // Scores and the logits' gradient; weights, experts, tokens and slots of the choices; offsets; the balance loss's gradient.
            return 2 * Rented(Rows, Experts) + 4 * Rented(Rows, k) + Rented(Experts + 1, 1) + (Balances ? Rented(Rows, Experts) : 0);
        }
    }

    public override double Work => OperationsPerScore * Rows * Experts;

    public override string Sizes => $"{Rule.ExpertsPerToken} of {Experts}";

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor logits = memory.Input(Rows, Experts);
        Tensor? bias = HasBias ? memory.Parameter(Experts, 1) : null;
        if (bias is not null)
            bias.Span.Clear();
        int sequences = (Rows + Length - 1) / Length;
        int* starts = memory.Numbers(sequences + 1, i => Math.Min(i * Length, Rows));
        Routing routing = new();
        return tape =>
        {
            tape.Route(logits, bias, Rule, starts, sequences, Balances ? 1e-4f / sequences : 0, routing);
            return [routing.Weights];
        };
    }
}

/// <summary>Tokens copied to their experts' slots: [T, H] to [T K, H].</summary>
sealed unsafe record DispatchOperator(int Uses, int Rows, int Columns, int Experts, RouterRule Rule, bool Adds) : PassOperator("dispatch", PassPart.Experts, Uses, Rows)
{
    public override long Bytes => Rented((long)Rows * Rule.ExpertsPerToken, Columns) + (Adds ? 0 : Rented(Rows, Columns));

    public override double Work => 64.0 * Rows * Columns * Rule.ExpertsPerToken;

    public override string Sizes => $"{Columns} columns to {Rule.ExpertsPerToken} of {Experts}";

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, Columns, Adds);
        Routing routing = memory.Routing(Rows, Experts, Rule);
        return tape => [tape.DispatchTokens(x, routing, Rule.ExpertsPerToken)];
    }
}

/// <summary>Experts' results weighted and summed: [T K, H] to [T, H].</summary>
sealed record CombineOperator(int Uses, int Rows, int Columns, int Experts, RouterRule Rule) : PassOperator("combine", PassPart.Experts, Uses, Rows)
{
    long Slots => (long)Rows * Rule.ExpertsPerToken;

    public override long Bytes => Rented(Rows, Columns) + Rented(Slots, Columns) + Rented(Rows, Rule.ExpertsPerToken);

    public override double Work => 64.0 * Slots * Columns;

    public override string Sizes => $"{Columns} columns of {Rule.ExpertsPerToken} of {Experts}";

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor ys = memory.Input(checked((int)Slots), Columns);
        Routing routing = memory.Routing(Rows, Experts, Rule);
        return tape =>
        {
            routing.Weights.Gradient = null;
            return [tape.CombineTokens(ys, routing)];
        };
    }
}
