// A claim of the source documents, and what came of it.

using Fathom.Planning;

namespace Fathom.Claims;

/// <summary>How a claim is put to the test; one claim can need several ways.</summary>
[Flags]
public enum ClaimKind
{
    /// <summary>Arithmetic or simulation from stated inputs.</summary>
    Computed = 1,
    /// <summary>An experiment on a small machine, recorded with its command, seeds and spread.</summary>
    Measured = 2,
    /// <summary>The document is wrong; both values are shown with the source of the right one.</summary>
    Corrected = 4,
}

/// <summary>What came of a claim.</summary>
public enum Verdict
{
    /// <summary>The numbers follow from their inputs.</summary>
    Holds,
    /// <summary>The numbers do not follow, or another source says otherwise.</summary>
    Corrected,
    /// <summary>Somebody else's figure that nothing here can check.</summary>
    Quoted,
    /// <summary>The experiment showed it.</summary>
    Reproduced,
    /// <summary>The experiment did not show it.</summary>
    NotReproduced,
    /// <summary>There is no experiment yet; the value says what it waits for.</summary>
    NotMeasured,
}

/// <summary>A claim.</summary>
/// <param name="Id">Its row, a letter and a number: C cost of training, A architecture, D scheduling, R reinforcement learning, K distillation, P prices, E evaluation.</param>
/// <param name="Statement">What is claimed, in short.</param>
/// <param name="Source">Where: S0 to S3 are the documents of <see cref="ClaimCatalog.Documents"/>.</param>
/// <param name="Kind">How it is tested.</param>
/// <param name="Verdict">What came of it.</param>
/// <param name="Value">The numbers, in a sentence.</param>
/// <param name="Command">The command line that makes the numbers again.</param>
/// <param name="Figures">The numbers with their sources.</param>
public sealed record Claim(string Id, string Statement, string Source, ClaimKind Kind, Verdict Verdict, string Value, string Command, IReadOnlyList<Figure> Figures)
{
    /// <summary>What was measured; null where nothing was.</summary>
    public Measurement? Measurement { get; init; }

    /// <summary>The kind in words, as in "computed, measured".</summary>
    public string KindText => Kind.ToString().ToLowerInvariant();

    /// <summary>The verdict in words, as in "not measured yet".</summary>
    public string VerdictText => Verdict switch
    {
        Verdict.NotReproduced => "not reproduced",
        Verdict.NotMeasured => "not measured yet",
        var other => other.ToString().ToLowerInvariant(),
    };
}
