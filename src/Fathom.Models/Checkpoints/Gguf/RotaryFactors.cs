// Llama 3's scaling of rotary frequencies in GGUF files: not the rule but its outcome, one divisor per pair (rope_freqs.weight).
using Fathom.Models.Configs;

namespace Fathom.Models.Checkpoints.Gguf;

static class RotaryFactors
{
    const int SmallestContext = 1 << 6, LargestContext = 1 << 20;

    // Files hold the divisors in binary32, computed in another order than here.
    const double Tolerance = 1e-4;

    /// <summary>The divisors [dim / 2]: unscaled by scaled frequency.</summary>
    public static float[] Of(RotaryConfig rotary, int dim)
    {
        ReadOnlySpan<float> plain = RotaryFrequencies.Of(rotary with { Scaling = null }, dim).Inverse, scaled = RotaryFrequencies.Of(rotary, dim).Inverse;
        var factors = new float[plain.Length];
        for (int i = 0; i < factors.Length; i++)
            factors[i] = plain[i] / scaled[i];
        return factors;
    }

    /// <summary>The rule that gives these divisors, or null where none does: <paramref name="known"/>, or else the published bounds 1 and 4 over some power of two.</summary>
    public static Llama3Scaling? Find(double theta, float[] factors, Llama3Scaling? known)
    {
        if (known is not null && Gives(known, theta, factors))
            return known;
        double factor = factors.Max();
        for (int context = LargestContext; context >= SmallestContext; context /= 2)
        {
            var scaling = new Llama3Scaling(factor, 1, 4, context);
            if (Gives(scaling, theta, factors))
                return scaling;
        }
        return null;
    }

    static bool Gives(Llama3Scaling scaling, double theta, float[] factors) =>
        Of(new RotaryConfig(theta, Interleaved: false, scaling), 2 * factors.Length).Zip(factors).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * pair.Second);
}
