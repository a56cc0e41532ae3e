// The one error of a constraint that cannot be built or met.

namespace Fathom.Inference.Constraints;

/// <summary>
/// A JSON schema, regular expression or grammar is malformed, contradictory, not supported or too large, or the vocabulary cannot spell
/// what it asks for. The message names the place, what stands there and what is allowed.
/// </summary>
/// <param name="place">Where: <c>line 2, column 7</c> of a text, or a path such as <c>$.properties.age</c>.</param>
/// <param name="problem">What stands there and what is allowed.</param>
public sealed class ConstraintException(string place, string problem) : FormatException($"{place}: {problem}")
{
    /// <summary>Where: <c>line 2, column 7</c> of a text, or a path such as <c>$.properties.age</c>.</summary>
    public string Place { get; } = place;

    /// <summary>What stands there and what is allowed.</summary>
    public string Problem { get; } = problem;
}
