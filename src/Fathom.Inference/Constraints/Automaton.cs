// A constraint as tables: what the recogniser walks over.

namespace Fathom.Inference.Constraints;

/// <summary>What a node does besides taking bytes.</summary>
[Flags]
enum NodeKinds : byte
{
    /// <summary>A byte can be taken here.</summary>
    Takes = 1,

    /// <summary>The rule can end here.</summary>
    Ends = 2,

    /// <summary>Another rule can begin here.</summary>
    Calls = 4,
}

/// <summary>A place from which a rule is called: the rule goes on at <paramref name="Return"/> afterwards.</summary>
readonly record struct RuleUse(int Rule, int Return);

/// <summary>
/// The nodes of all rules. Every node can be completed to a whole text: nodes from which that is not so are gone, so a recogniser that
/// stands anywhere never runs into a dead end. A rule that can be empty is skipped by its callers and need not be entered for that.
/// </summary>
sealed class Automaton
{
    /// <summary>Number of byte classes: bytes of one class lead the same way everywhere.</summary>
    public required int ClassCount { get; init; }

    /// <summary>[256]: class of each byte.</summary>
    public required byte[] ClassOf { get; init; }

    /// <summary>[nodes, ClassCount]: the node behind a byte; <see cref="None"/>; or, where there are several, -2 - index into <see cref="Several"/>.</summary>
    public required int[] Next { get; init; }

    public required int[][] Several { get; init; }

    /// <summary>[nodes].</summary>
    public required NodeKinds[] Kinds { get; init; }

    /// <summary>[nodes]: the rules called at each node; empty arrays are shared.</summary>
    public required RuleUse[][] Calls { get; init; }

    /// <summary>[nodes]: the rule a node belongs to.</summary>
    public required int[] RuleOf { get; init; }

    /// <summary>[nodes]: a node with the same tokens before it, as far as its rule decides; often itself.</summary>
    public required int[] Representative { get; init; }

    /// <summary>[rules]: first node, or -1.</summary>
    public required int[] Starts { get; init; }

    /// <summary>[rules]: nodes at which callers of a rule go on, by their representatives.</summary>
    public required int[][] Follows { get; init; }

    public const int None = -1;

    public int NodeCount => Kinds.Length;

    /// <summary>Whether nothing is left to do in a node's rule but to return.</summary>
    public bool OnlyEnds(int node) => Kinds[node] == NodeKinds.Ends;
}
