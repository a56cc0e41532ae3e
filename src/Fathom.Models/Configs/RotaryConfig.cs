// Rotary position embedding and the ways its frequencies are scaled for longer contexts. The numbers themselves: RotaryFrequencies.cs.
namespace Fathom.Models.Configs;

/// <summary>Rotary position embedding.</summary>
/// <param name="Theta">Base of the geometric series of wavelengths (<c>rope_theta</c>).</param>
/// <param name="Interleaved">Pairs are neighbours (2i, 2i+1), as in DeepSeek V2 and V3; otherwise (i, i + dim/2).</param>
/// <param name="Scaling">Scaling of the frequencies (<c>rope_scaling</c>), or null.</param>
public sealed record RotaryConfig(double Theta, bool Interleaved, RotaryScaling? Scaling = null);

/// <summary>A way to stretch the rotary frequencies by a factor.</summary>
/// <param name="Factor">How many times the context is stretched (<c>factor</c>, at least 1).</param>
public abstract record RotaryScaling(double Factor);

/// <summary>All frequencies divided by the factor (position interpolation).</summary>
/// <param name="Factor">How many times the context is stretched.</param>
public sealed record LinearScaling(double Factor) : RotaryScaling(Factor);

/// <summary>
/// YaRN (arXiv 2309.00071): slow dimensions are divided by the factor, fast ones kept, a ramp between; and a temperature of the attention.
/// With m(x) = 0.1 x ln(factor) + 1, cosine and sine are multiplied by m(MScale) / m(MScaleAllDim); latent attention also multiplies its
/// scores by m(MScaleAllDim)^2 when MScaleAllDim is not 0.
/// </summary>
/// <param name="Factor">How many times the context is stretched.</param>
/// <param name="OriginalMaxPositions">Context before stretching (<c>original_max_position_embeddings</c>).</param>
/// <param name="BetaFast">Dimensions that turn more often than this over the original context are kept (<c>beta_fast</c>).</param>
/// <param name="BetaSlow">Dimensions that turn less often than this are divided (<c>beta_slow</c>).</param>
/// <param name="MScale"><c>mscale</c>.</param>
/// <param name="MScaleAllDim"><c>mscale_all_dim</c>.</param>
public sealed record YarnScaling(double Factor, int OriginalMaxPositions, double BetaFast = 32, double BetaSlow = 1, double MScale = 1, double MScaleAllDim = 0)
    : RotaryScaling(Factor);

/// <summary>Llama 3.1: wavelengths over original / low are divided by the factor, those under original / high kept, a smooth step between.</summary>
/// <param name="Factor">How many times the context is stretched.</param>
/// <param name="LowFrequencyFactor"><c>low_freq_factor</c>.</param>
/// <param name="HighFrequencyFactor"><c>high_freq_factor</c>, larger than the low one.</param>
/// <param name="OriginalMaxPositions">Context before stretching (<c>original_max_position_embeddings</c>).</param>
public sealed record Llama3Scaling(double Factor, double LowFrequencyFactor, double HighFrequencyFactor, int OriginalMaxPositions) : RotaryScaling(Factor);
