// Group-relative advantages: a response is judged against the other responses to the same prompt, so no value network is needed.
namespace Fathom.Training.Reinforcement;

/// <summary>Advantages of GRPO (DeepSeekMath, arXiv 2402.03300, section 4.1.2) and of Dr. GRPO (arXiv 2503.20783).</summary>
public static class Advantages
{
    /// <summary>For every group, (r - mean) / (std + <paramref name="epsilon"/>), std with n-1; or r - mean alone.</summary>
    /// <param name="rewards">[groups * groupSize], the responses of one group side by side. A reward that failed is NaN: it counts in no mean,
    /// and its advantage is zero.</param>
    /// <param name="groupSize">Responses per prompt; must divide the number of rewards.</param>
    /// <param name="advantages">[groups * groupSize], written. May be <paramref name="rewards"/> itself. Exactly zero in a group of
    /// equal rewards.</param>
    /// <param name="divideByStandardDeviation">False for Dr. GRPO.</param>
    /// <param name="epsilon">Added to the standard deviation.</param>
    /// <returns>Groups of equal rewards, which teach nothing.</returns>
    /// <exception cref="ArgumentException">Lengths that do not fit each other.</exception>
    public static int Compute(ReadOnlySpan<double> rewards, int groupSize, Span<double> advantages,
        bool divideByStandardDeviation = true, double epsilon = 1e-6)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        if (rewards.Length % groupSize != 0)
            throw new ArgumentException($"{rewards.Length} rewards do not make whole groups of {groupSize}.");
        if (advantages.Length != rewards.Length)
            throw new ArgumentException($"{rewards.Length} rewards but room for {advantages.Length} advantages.");

        int silent = 0;
        for (int start = 0; start < rewards.Length; start += groupSize)
        {
            ReadOnlySpan<double> group = rewards.Slice(start, groupSize);
            Span<double> output = advantages.Slice(start, groupSize);
            // Asked of the rewards and not of the rounded mean, so that "no spread" is exact.
            if (!HasSpread(group))
            {
                silent++;
                output.Clear();
                continue;
            }

            double mean = 0, squares = 0;
            int count = 0;
            foreach (double reward in group)
            {
                if (double.IsNaN(reward))
                    continue;
                mean += reward;
                count++;
            }
            mean /= count;
            foreach (double reward in group)
                squares += double.IsNaN(reward) ? 0 : (reward - mean) * (reward - mean);
            double scale = divideByStandardDeviation ? 1 / (Math.Sqrt(squares / (count - 1)) + epsilon) : 1;
            for (int i = 0; i < groupSize; i++)
                output[i] = double.IsNaN(group[i]) ? 0 : (group[i] - mean) * scale;
        }
        return silent;
    }

    /// <summary>Whether a group has two different rewards; those that failed, NaN, do not count.</summary>
    public static bool HasSpread(ReadOnlySpan<double> group)
    {
        int first = 0;
        while (first < group.Length && double.IsNaN(group[first]))
            first++;
        foreach (double reward in group[first..])
            if (!double.IsNaN(reward) && reward != group[first])
                return true;
        return false;
    }
}
