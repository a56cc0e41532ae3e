// The numbers of rotary position embedding: inverse frequencies with their scaling, cosine and sine tables, and the attention's scale.
// All in float32 step by step, as the published code computes them: at position 100,000 the last bit of a frequency moves the angle visibly.
namespace Fathom.Models.Configs;

/// <summary>Inverse frequencies and the factor on cosine and sine of one rotary embedding.</summary>
public sealed class RotaryFrequencies
{
    readonly float[] inverse;

    RotaryFrequencies(float[] inverse, float cosSinScale) => (this.inverse, CosSinScale) = (inverse, cosSinScale);

    /// <summary>Angle per position of each pair, [rotary dim / 2].</summary>
    public ReadOnlySpan<float> Inverse => inverse;

    /// <summary>Factor on cosine and sine (YaRN's attention temperature; otherwise 1).</summary>
    public float CosSinScale { get; }

    /// <summary>The frequencies for heads of which <paramref name="dim"/> dimensions (even) are rotated.</summary>
    public static RotaryFrequencies Of(RotaryConfig rotary, int dim)
    {
        var inverse = new float[dim / 2];
        for (int i = 0; i < inverse.Length; i++)
        {
            inverse[i] = 1f / MathF.Pow((float)rotary.Theta, (float)(2 * i) / dim);
        }

        switch (rotary.Scaling)
        {
            case LinearScaling linear:
                for (int i = 0; i < inverse.Length; i++)
                {
                    inverse[i] /= (float)linear.Factor;
                }

                break;
            case YarnScaling yarn:
                ScaleYarn(inverse, rotary.Theta, dim, yarn);
                return new RotaryFrequencies(inverse, (float)(MScale(yarn.Factor, yarn.MScale) / MScale(yarn.Factor, yarn.MScaleAllDim)));
            case Llama3Scaling llama:
                ScaleLlama3(inverse, llama);
                break;
        }

        return new RotaryFrequencies(inverse, 1);
    }

    /// <summary>
    /// The factor on attention scores before the softmax: head size^-0.5, and for latent attention with YaRN the squared temperature
    /// m(mscale_all_dim)^2 on top (<c>modeling_deepseek.py</c> of the V2 and V3 releases).
    /// </summary>
    public static float SoftmaxScale(ModelConfig config)
    {
        double scale = 1 / Math.Sqrt(config.Attention.QkHeadDim);
        if (config is { Attention: LatentAttentionConfig, Rotary.Scaling: YarnScaling { MScaleAllDim: not 0 } yarn })
        {
            double m = MScale(yarn.Factor, yarn.MScaleAllDim);
            scale *= m * m;
        }

        return (float)scale;
    }

    /// <summary>Scaled cosine and sine of the positions from <paramref name="firstPosition"/> on; both are [positions, rotary dim / 2].</summary>
    /// <exception cref="ArgumentException">The tables differ in length or are not whole rows.</exception>
    public void FillTable(int firstPosition, Span<float> cos, Span<float> sin)
    {
        if (cos.Length != sin.Length || cos.Length % inverse.Length != 0)
        {
            throw new ArgumentException($"cosine has {cos.Length} elements and sine {sin.Length}; expected the same multiple of {inverse.Length}");
        }

        for (int i = 0; i < cos.Length; i++)
        {
            float angle = (firstPosition + i / inverse.Length) * inverse[i % inverse.Length];
            var (s, c) = Math.SinCos(angle);
            cos[i] = (float)c * CosSinScale;
            sin[i] = (float)s * CosSinScale;
        }
    }

    static double MScale(double factor, double mscale) => factor <= 1 ? 1 : 0.1 * mscale * Math.Log(factor) + 1;

    static void ScaleYarn(float[] inverse, double theta, int dim, YarnScaling yarn)
    {
        // The dimension whose pair turns that often over the original context.
        double DimensionOf(double rotations) => dim * Math.Log(yarn.OriginalMaxPositions / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));

        float low = (float)Math.Max(Math.Floor(DimensionOf(yarn.BetaFast)), 0), high = (float)Math.Min(Math.Ceiling(DimensionOf(yarn.BetaSlow)), dim - 1);
        float width = high == low ? 0.001f : high - low;
        for (int i = 0; i < inverse.Length; i++)
        {
            float power = MathF.Pow((float)theta, (float)(2 * i) / dim);
            float keep = 1f - Math.Clamp((i - low) / width, 0f, 1f);
            inverse[i] = 1f / ((float)yarn.Factor * power) * (1f - keep) + inverse[i] * keep;
        }
    }

    static void ScaleLlama3(float[] inverse, Llama3Scaling llama)
    {
        float original = llama.OriginalMaxPositions, factor = (float)llama.Factor, low = (float)llama.LowFrequencyFactor, high = (float)llama.HighFrequencyFactor;
        for (int i = 0; i < inverse.Length; i++)
        {
            float wavelength = 2 * MathF.PI / inverse[i];
            float smooth = Math.Clamp((original / wavelength - low) / (high - low), 0f, 1f);
            inverse[i] = wavelength > original / low ? inverse[i] / factor
                : wavelength < original / high ? inverse[i]
                : (1f - smooth) * inverse[i] / factor + smooth * inverse[i];
        }
    }
}
