// Chances of draws without replacement, by logarithms of factorials: nothing overflows whatever the numbers are.
namespace Fathom.Evaluation.Metrics;

/// <param name="max">The largest number of items.</param>
sealed class Hypergeometric(int max)
{
    readonly double[] _logFactorials = LogFactorials(max);

    /// <summary>The chance that <paramref name="draws"/> of <paramref name="items"/> hold exactly <paramref name="hits"/> of the
    /// <paramref name="marked"/> ones; 0 where that cannot be.</summary>
    public double Chance(int hits, int draws, int marked, int items)
    {
        if (hits < 0 || hits > marked || draws - hits < 0 || draws - hits > items - marked)
            return 0;
        return Math.Exp(LogChoices(marked, hits) + LogChoices(items - marked, draws - hits) - LogChoices(items, draws));
    }

    double LogChoices(int of, int choose) => _logFactorials[of] - _logFactorials[choose] - _logFactorials[of - choose];

    static double[] LogFactorials(int max)
    {
        double[] logs = new double[max + 1];
        for (int i = 2; i <= max; i++)
            logs[i] = logs[i - 1] + Math.Log(i);
        return logs;
    }
}
