// What a loss over next tokens is to the language model head.
namespace Fathom.Numerics.Kernels;

/// <summary>A loss that is a sum over tokens of a function of the token's log-probability. Implement as a struct.</summary>
public interface ITokenObjective
{
    /// <summary>The loss of one token. Called once per token that has a target, in token order, on the calling thread.</summary>
    /// <param name="token">0 to T, exclusive.</param>
    /// <param name="logp">Log-probability of the token's target, at the head's temperature.</param>
    /// <param name="entropy">Entropy of the token's distribution in nats; its gradient is not taken.</param>
    /// <param name="gradient">d loss / d logp.</param>
    double Evaluate(int token, float logp, float entropy, out float gradient);
}

/// <summary>Cross entropy: the sum over tokens of -weight * logp.</summary>
/// <param name="weights">[T]; null for <paramref name="weight"/> at every token.</param>
/// <param name="weight">Weight of every token, multiplied with its own where there is one; 1 / tokens gives the mean.</param>
public readonly unsafe struct CrossEntropyObjective(float* weights, float weight) : ITokenObjective
{
    readonly float* _weights = weights;
    readonly float _weight = weight;

    /// <inheritdoc/>
    public double Evaluate(int token, float logp, float entropy, out float gradient)
    {
        gradient = _weights == null ? -_weight : -_weight * _weights[token];
        return (double)gradient * logp;
    }
}
