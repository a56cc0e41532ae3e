// What one stage of a run consumed.

namespace Fathom.Planning.Costs;

/// <summary>Tokens of a run by what was done with them.</summary>
/// <param name="Trained">Tokens that carried a gradient, counted each time they did.</param>
/// <param name="Generated">Tokens sampled in rollouts and evaluations.</param>
/// <param name="Evaluated">Tokens only read: prompts, validation, reference and recomputed log-probabilities.</param>
public readonly record struct TokenCounts(long Trained, long Generated, long Evaluated)
{
    /// <summary>All tokens.</summary>
    public long Total => checked(Trained + Generated + Evaluated);

    /// <summary>Kind by kind.</summary>
    public static TokenCounts operator +(TokenCounts a, TokenCounts b) =>
        checked(new(a.Trained + b.Trained, a.Generated + b.Generated, a.Evaluated + b.Evaluated));
}

/// <summary>One stage's row of the bill.</summary>
/// <param name="Name">Name of the stage.</param>
/// <param name="Kind">What it does: pretrain, sft, rl or evaluate.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Flops">Its model floating-point operations, recomputation not counted.</param>
/// <param name="Elapsed">Its time on the wall clock.</param>
public sealed record StageBill(string Name, string Kind, TokenCounts Tokens, double Flops, TimeSpan Elapsed);
