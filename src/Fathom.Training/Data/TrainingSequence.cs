// A sequence to learn from.
namespace Fathom.Training.Data;

/// <summary>Token ids of which those from <paramref name="FirstTarget"/> on are to be predicted.</summary>
/// <param name="Tokens">The whole sequence.</param>
/// <param name="FirstTarget">Index of the first token that carries loss, 1 to the length.</param>
public readonly record struct TrainingSequence(int[] Tokens, int FirstTarget)
{
    /// <summary>Tokens that carry loss.</summary>
    public int TargetCount => Tokens.Length - FirstTarget;
}
