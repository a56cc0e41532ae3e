// Options of the stage `evaluate`.

namespace Fathom.Training.Recipes;

/// <summary>Samples responses to held-out problems and reports pass@1 with its standard error and the mean length.</summary>
public sealed record EvaluateOptions : StageOptions
{
    /// <summary>Held-out problems; the same ones in every stage of a recipe with the same seed.</summary>
    [Option(Minimum = 1)]
    public int Problems { get; init; } = 500;

    /// <summary>Responses per problem.</summary>
    [Option(Minimum = 1)]
    public int Samples { get; init; } = 4;

    /// <summary>Sampling temperature; 0 always takes the likeliest token.</summary>
    [Option(Minimum = 0, Maximum = 10)]
    public double Temperature { get; init; } = 0.6;

    /// <summary>Share of probability that sampling keeps, the likeliest tokens first; 1 keeps all.</summary>
    [Option(Minimum = 0, ExclusiveMinimum = true, Maximum = 1)]
    public double TopP { get; init; } = 1;

    /// <summary>Longest response, in tokens.</summary>
    [Option(Minimum = 1)]
    public int MaxNewTokens { get; init; } = 128;
}
