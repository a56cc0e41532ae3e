// All claims, in the order of the documents' topics.

using Fathom.Claims.Rows;

namespace Fathom.Claims;

/// <summary>A topic with its claims.</summary>
/// <param name="Title">The topic.</param>
/// <param name="Claims">Its claims, in order.</param>
public sealed record ClaimTopic(string Title, IReadOnlyList<Claim> Claims);

/// <summary>The claims.</summary>
public static class ClaimCatalog
{
    /// <summary>The documents that the claims are from, by the short names that <see cref="Claim.Source"/> uses.</summary>
    public static IReadOnlyDictionary<string, string> Documents { get; } = new Dictionary<string, string>
    {
        ["S0"] = "The DeepSeek Shock: A 'Cost-Effective' Language Model Challenging GPT (Sungmin Woo, ENERZAi, 2025-02-20)",
        ["S1"] = "How is the cost of DeepSeek calculated? (Wang Lu, Dingjiao One, 2025)",
        ["S2"] = "an article on DeepSeek's costs of training and use that retells S1 (2025)",
        ["S3"] = "A Technical Primer on DeepSeek (2025)",
    };

    /// <summary>Every topic, computed now; what was measured is taken from recorded results.</summary>
    /// <param name="measured">Results by the claims' ids, such as <see cref="Measurement.Recorded"/>.</param>
    public static IReadOnlyList<ClaimTopic> Topics(IReadOnlyDictionary<string, Measurement> measured) =>
    [
        new("Cost of training", TrainingCost.All()),
        new("Architecture", Architecture.All(measured)),
        new("Scheduling", Scheduling.All()),
        new("Reinforcement learning", Reinforcement.All(measured)),
        new("Distillation and the four ways", Distillation.All(measured)),
        new("Prices and use", PricesAndUse.All(measured)),
        new("Evaluation", Benchmarks.All()),
    ];
}
