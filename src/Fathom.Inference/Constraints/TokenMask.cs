// Which tokens can come at a node of the automaton, as far as the node's own rule tells.

namespace Fathom.Inference.Constraints;

/// <summary>The tokens at one node.</summary>
/// <param name="Certain">[(vocabulary + 31) / 32]: tokens that are possible wherever the rule was called from.</param>
/// <param name="Uncertain">Nodes of the token tree, rising, whose tokens leave the rule, so that it depends on the callers whether they are possible.</param>
/// <param name="Shared">[Uncertain]: how many bytes each has in common with the one before it.</param>
sealed record TokenMask(uint[] Certain, int[] Uncertain, int[] Shared)
{
    /// <summary>Which of the uncertain ones are possible, by callers.</summary>
    public TokenContext Callers { get; } = new();

    /// <summary>Bytes of memory, nearly.</summary>
    public long Bytes => 4L * (Certain.Length + Uncertain.Length + Shared.Length) + 128;
}
