// The reasoning of an answer: where it ends, and how long it may or must be.
namespace Fathom.Inference;

/// <summary>Watches and bounds the reasoning of a completion.</summary>
public sealed record ReasoningOptions
{
    /// <summary>The token that begins the reasoning (<c>&lt;think&gt;</c>). A completion begins inside it when this is the later one of the two in the prompt.</summary>
    public required int StartId { get; init; }

    /// <summary>The token that ends it (<c>&lt;/think&gt;</c>).</summary>
    public required int EndId { get; init; }

    /// <summary>Tokens after which <see cref="EndId"/> comes whatever the model draws; null: no limit. 0 or more.</summary>
    public int? Budget { get; init; }

    /// <summary>
    /// How often the end of the reasoning is refused and <see cref="ProlongingIds"/> come instead (s1, arXiv 2501.19393, section 3.1). The budget goes
    /// before it. 0 or more.
    /// </summary>
    public int Prolongations { get; init; }

    /// <summary>The tokens that come instead, such as those of "Wait"; at least one where there are prolongations.</summary>
    public IReadOnlyList<int> ProlongingIds { get; init; } = [];

    internal void Validate()
    {
        if (StartId < 0 || EndId < 0 || StartId == EndId)
            throw new ArgumentOutOfRangeException(nameof(EndId), EndId, $"the reasoning needs two different tokens of 0 or more to begin and end; they are {StartId} and {EndId}.");
        if (Budget < 0)
            throw new ArgumentOutOfRangeException(nameof(Budget), Budget, "the reasoning budget must be 0 tokens or more.");
        if (Prolongations < 0)
            throw new ArgumentOutOfRangeException(nameof(Prolongations), Prolongations, "prolongations must be 0 or more.");
        if (Prolongations > 0 && (ProlongingIds.Count == 0 || ProlongingIds.Any(id => id < 0 || id == EndId)))
            throw new ArgumentOutOfRangeException(nameof(ProlongingIds), string.Join(", ", ProlongingIds), "prolongations need tokens of 0 or more that come instead of the end.");
    }
}
