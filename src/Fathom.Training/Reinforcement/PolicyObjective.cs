// The clipped policy objective with a KL term, one token at a time, so that a fused output head can ask for loss and gradient where it
// has the token's log-probability and keeps nothing else. How tokens are averaged is TokenWeights' business.
namespace Fathom.Training.Reinforcement;

/// <summary>Loss of one token and what is worth logging about it.</summary>
/// <param name="Loss">To be minimised; not yet weighted.</param>
/// <param name="Gradient">d Loss / d logp.</param>
/// <param name="Kl">k3 estimate of the divergence from the reference; zero where the KL weight is zero.</param>
/// <param name="Clipped">Whether clipping took the policy gradient away.</param>
public readonly record struct TokenLoss(double Loss, double Gradient, double Kl, bool Clipped);

/// <summary>-min(w A, clip(w, 1 - ClipLow, 1 + ClipHigh) A) + KlWeight * k3 with the token ratio w = exp(logp - oldLogp): PPO's clip
/// (arXiv 1707.06347 eq. 7) in GRPO's form (DeepSeekMath eq. 3). A larger upper bound is DAPO's clip-higher (arXiv 2503.14476 eq. 10).</summary>
public sealed record PolicyObjective
{
    // As in verl: exp(20) is far beyond any clip range and far below the largest double.
    const double MaxLogRatio = 20;

    /// <summary>How far below 1 the ratio still counts, 0 to 1.</summary>
    public double ClipLow { get; }

    /// <summary>How far above 1 the ratio still counts, at least 0.</summary>
    public double ClipHigh { get; }

    /// <summary>Weight of the KL term (beta), at least 0; with 0 the reference is not looked at.</summary>
    public double KlWeight { get; }

    /// <summary>Dual clip (arXiv 1912.09729 eq. 5): for a negative advantage the loss is at most this constant times |A|; above 1,
    /// or infinite (the default) for none.</summary>
    public double DualClip { get; }

    /// <summary>An objective with one clip range for both sides unless <paramref name="clipHigh"/> is given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value outside its range.</exception>
    public PolicyObjective(double clipLow = 0.2, double? clipHigh = null, double klWeight = 0, double dualClip = double.PositiveInfinity)
    {
        (ClipLow, ClipHigh, KlWeight, DualClip) = (clipLow, clipHigh ?? clipLow, klWeight, dualClip);
        if (!(ClipLow >= 0))
            throw new ArgumentOutOfRangeException(nameof(clipLow), clipLow, "The lower clip range must be at least 0.");
        if (!(ClipHigh >= 0))
            throw new ArgumentOutOfRangeException(nameof(clipHigh), clipHigh, "The upper clip range must be at least 0.");
        if (!(KlWeight >= 0))
            throw new ArgumentOutOfRangeException(nameof(klWeight), klWeight, "The KL weight must be at least 0.");
        if (!(DualClip > 1))
            throw new ArgumentOutOfRangeException(nameof(dualClip), dualClip, "The dual clip constant must be above 1.");
    }

    /// <summary>Loss and gradient of one token. Neither allocates nor throws; NaN in gives NaN out.</summary>
    /// <param name="logp">Log-probability under the policy that is trained.</param>
    /// <param name="oldLogp">Log-probability under the policy that sampled it.</param>
    /// <param name="refLogp">Log-probability under the reference; any value where <see cref="KlWeight"/> is zero.</param>
    /// <param name="advantage">The token's advantage.</param>
    public TokenLoss Evaluate(double logp, double oldLogp, double refLogp, double advantage)
    {
        double logRatio = logp - oldLogp, ratio = Math.Exp(Math.Clamp(logRatio, -MaxLogRatio, MaxLogRatio));
        double plain = -advantage * ratio;
        double clipped = -advantage * Math.Clamp(ratio, 1 - ClipLow, 1 + ClipHigh);
        // d plain / d logp = plain; the clipped branch is constant where it is the larger one.
        bool flat = clipped > plain;
        double loss = flat ? clipped : plain;
        if (advantage < 0 && -advantage * DualClip < loss)
            (loss, flat) = (-advantage * DualClip, true);
        double gradient = flat || Math.Abs(logRatio) > MaxLogRatio ? 0 : plain;

        if (KlWeight == 0)
            return new TokenLoss(loss, gradient, 0, flat);
        (double kl, double slope) = KlEstimators.K3(logp, refLogp);
        return new TokenLoss(loss + KlWeight * kl, gradient + KlWeight * slope, kl, flat);
    }
}
