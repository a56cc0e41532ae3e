// Estimators of KL(policy || reference) from one sampled token (J. Schulman, "Approximating KL divergence", 2020), in terms of the two
// log-probabilities of that token.
namespace Fathom.Training.Reinforcement;

/// <summary>Per-token estimates of the divergence of the policy from the reference.</summary>
public static class KlEstimators
{
    // Bounds of verl's kl_penalty: a token that the policy has all but given up must not blow up the loss.
    const double MaxLogRatio = 20, MaxK3 = 10;

    /// <summary>k1 = log(pi / ref): unbiased, of both signs.</summary>
    public static double K1(double logp, double refLogp) => logp - refLogp;

    /// <summary>k2 = k1 squared / 2: never negative, biased.</summary>
    public static double K2(double logp, double refLogp) => 0.5 * (logp - refLogp) * (logp - refLogp);

    /// <summary>k3 = ref/pi - log(ref/pi) - 1: unbiased and never negative; the one in GRPO's loss (DeepSeekMath eq. 4).
    /// log(ref/pi) is clamped to ±20 and the result to 10, beyond which the gradient is zero.</summary>
    /// <returns>The value and its derivative with respect to <paramref name="logp"/>.</returns>
    public static (double Value, double Gradient) K3(double logp, double refLogp)
    {
        double logRatio = Math.Clamp(refLogp - logp, -MaxLogRatio, MaxLogRatio), ratio = Math.Exp(logRatio);
        double value = ratio - logRatio - 1;
        bool clamped = value > MaxK3 || Math.Abs(refLogp - logp) > MaxLogRatio;
        return (Math.Min(value, MaxK3), clamped ? 0 : 1 - ratio);
    }
}
