// Draws by definition: everything in double, everything sorted, nothing shared with the product.
namespace Fathom.Inference.Tests;

/// <summary>The distribution that options leave, by the documented order of their effects.</summary>
static class NaiveSampler
{
    /// <summary>Logits after penalties and biases.</summary>
    public static double[] Changed(float[] logits, SamplingOptions options, int[] prompt, int[] generated)
    {
        double[] changed = [.. logits.Select(logit => (double)logit)];
        foreach (int token in prompt.Concat(generated).Distinct())
            changed[token] = changed[token] > 0 ? changed[token] / options.RepetitionPenalty : changed[token] * options.RepetitionPenalty;
        foreach (IGrouping<int, int> token in generated.GroupBy(id => id))
            changed[token.Key] -= options.PresencePenalty + (double)options.FrequencyPenalty * token.Count();
        foreach ((int token, float bias) in options.LogitBias)
            changed[token] += bias;
        return changed;
    }

    /// <summary>Softmax.</summary>
    public static double[] Probabilities(double[] logits, double temperature)
    {
        double most = logits.Max();
        double[] weights = [.. logits.Select(logit => Math.Exp((logit - most) / temperature))];
        double total = weights.Sum();
        return [.. weights.Select(weight => weight / total)];
    }

    /// <summary>Which tokens remain: min-p, then top-k, then the fewest whose share of the whole reaches top-p; ties by rising id.</summary>
    public static int[] Kept(double[] p, SamplingOptions options)
    {
        double most = p.Max();
        int[] order = [.. Enumerable.Range(0, p.Length).Where(i => p[i] > 0 && p[i] >= options.MinP * most).OrderByDescending(i => p[i]).ThenBy(i => i)];
        if (options.TopK > 0)
            order = [.. order.Take(options.TopK)];
        if (options.TopP == 1)
            return order;
        int count = 0;
        for (double sum = 0; count < order.Length && sum < options.TopP; count++)
            sum += p[order[count]];
        return order[..count];
    }

    /// <summary>The token under a uniform number, what remains standing in the order of ids; null when it is too near a border to tell.</summary>
    public static int? Draw(double[] p, int[] kept, double uniform, double border = 1e-5)
    {
        double mass = kept.Sum(i => p[i]), sum = 0;
        foreach (int i in kept.Order())
        {
            double next = sum + p[i] / mass;
            if (Math.Abs(next - uniform) < border)
                return null;
            if (next > uniform)
                return i;
            sum = next;
        }
        return kept.Max();
    }
}
