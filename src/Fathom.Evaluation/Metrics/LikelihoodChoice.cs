// Multiple choice without generating: the choice that the model finds likeliest as a continuation of the question.
using System.Text;

namespace Fathom.Evaluation.Metrics;

/// <summary>Picks choices by their log-likelihood. Ties go to the first.</summary>
public static class LikelihoodChoice
{
    /// <summary>The likeliest choice (<c>acc</c> of lm-evaluation-harness). Longer choices are less likely for their length alone.</summary>
    /// <param name="logLikelihoods">One per choice, at least one; sums over the choice's tokens, in any base.</param>
    /// <exception cref="ArgumentException">No choice, or a likelihood that is not a number.</exception>
    public static int Likeliest(ReadOnlySpan<double> logLikelihoods)
    {
        if (logLikelihoods.Length == 0)
            throw new ArgumentException("There is no choice.", nameof(logLikelihoods));
        int best = 0;
        for (int i = 0; i < logLikelihoods.Length; i++)
        {
            if (double.IsNaN(logLikelihoods[i]))
                throw new ArgumentException($"The log-likelihood of choice {i} is not a number.", nameof(logLikelihoods));
            best = logLikelihoods[i] > logLikelihoods[best] ? i : best;
        }
        return best;
    }

    /// <summary>The likeliest choice per UTF-8 byte of its text (<c>acc_norm</c>), which takes the choices' lengths out.</summary>
    /// <param name="logLikelihoods">One per choice.</param>
    /// <param name="choices">The texts that were scored; none is empty.</param>
    /// <exception cref="ArgumentException">No choice, an empty one, unequal counts, or a likelihood that is not a number.</exception>
    public static int LikeliestPerByte(ReadOnlySpan<double> logLikelihoods, IReadOnlyList<string> choices)
    {
        if (logLikelihoods.Length != choices.Count)
            throw new ArgumentException($"There are {logLikelihoods.Length} log-likelihoods and {choices.Count} choices.", nameof(choices));
        double[] perByte = new double[choices.Count];
        for (int i = 0; i < perByte.Length; i++)
            perByte[i] = choices[i].Length > 0 ? logLikelihoods[i] / Encoding.UTF8.GetByteCount(choices[i]) : throw new ArgumentException($"Choice {i} is empty.", nameof(choices));
        return Likeliest(perByte);
    }
}
