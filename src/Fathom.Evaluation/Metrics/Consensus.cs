// cons@k: k answers vote, and the answer with the most votes counts (Wang et al. 2022, arXiv 2203.11171; DeepSeek-R1 section 3, cons@64).
namespace Fathom.Evaluation.Metrics;

/// <summary>cons@k of one problem with n samples.</summary>
public static class Consensus
{
    /// <summary>
    /// How often the vote of k of the n answers is right. Answers that say the same are one candidate; a candidate's worth is the share of
    /// right ones among its answers (1 or 0 where votes and verdicts agree on what is the same); candidates with equally many votes share
    /// the result, as a draw by lot would on average; a missing answer votes for nothing, and k of them are wrong. For k = n it is the
    /// vote itself, otherwise its exact mean over all choices of k answers.
    /// </summary>
    /// <param name="k">1 to n.</param>
    /// <param name="right">For each of the n answers whether it is right; null for one that is missing.</param>
    /// <param name="same">Whether two answers, given by their places, say the same. Never asked for a missing one. An answer joins the first
    /// candidate whose first answer it equals, so an equivalence that is not transitive has a defined result too.</param>
    /// <returns>0 to 1.</returns>
    public static double At(int k, IReadOnlyList<bool?> right, Func<int, int, bool> same)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, right.Count);
        List<Candidate> candidates = Candidates(right, same);
        return k == right.Count ? Vote(candidates) : MeanVote(k, right.Count, candidates);
    }

    static List<Candidate> Candidates(IReadOnlyList<bool?> right, Func<int, int, bool> same)
    {
        List<Candidate> candidates = [];
        for (int i = 0; i < right.Count; i++)
        {
            if (right[i] is not { } isRight)
                continue;
            int at = i;
            Candidate? found = candidates.Find(candidate => same(candidate.First, at));
            if (found is null)
                candidates.Add(found = new Candidate(i));
            found.Votes++;
            found.Right += isRight ? 1 : 0;
        }
        return candidates;
    }

    static double Vote(List<Candidate> candidates)
    {
        int most = candidates.Max(candidate => (int?)candidate.Votes) ?? 0;
        return candidates.Where(candidate => candidate.Votes == most).Select(candidate => candidate.Worth).DefaultIfEmpty(0).Average();
    }

    // For every number of votes that can win: the answers are drawn candidate by candidate, none with more votes than that, and the chances
    // are kept by how many draws are left and how many candidates have reached the number. Exact up to rounding, in about n k log k steps
    // for one number, where going through all choices would take C(n, k).
    static double MeanVote(int k, int n, List<Candidate> candidates)
    {
        var draws = new Hypergeometric(n);
        double mean = 0;
        for (int winning = 1; winning <= Math.Min(k, candidates.Max(candidate => (int?)candidate.Votes) ?? 0); winning++)
        {
            int ties = Math.Min(k / winning, candidates.Count), items = n;
            // chance[left, tied], and the chance times the summed worth of those tied.
            double[,] chance = new double[k + 1, ties + 1], worth = new double[k + 1, ties + 1];
            chance[k, 0] = 1;
            foreach (Candidate candidate in candidates)
            {
                var (nextChance, nextWorth) = (new double[k + 1, ties + 1], new double[k + 1, ties + 1]);
                for (int left = 0; left <= k; left++)
                    for (int votes = 0; votes <= Math.Min(Math.Min(candidate.Votes, winning), left); votes++)
                    {
                        double share = draws.Chance(votes, left, candidate.Votes, items);
                        int reached = votes == winning ? 1 : 0;
                        for (int tied = 0; share > 0 && tied + reached <= ties; tied++)
                        {
                            nextChance[left - votes, tied + reached] += share * chance[left, tied];
                            nextWorth[left - votes, tied + reached] += share * (worth[left, tied] + reached * candidate.Worth * chance[left, tied]);
                        }
                    }
                (chance, worth) = (nextChance, nextWorth);
                items -= candidate.Votes;
            }
            // What is left to draw are missing answers.
            for (int left = 0; left <= Math.Min(k, items); left++)
                for (int tied = 1; tied <= ties; tied++)
                    mean += worth[left, tied] / tied;
        }
        return Math.Min(1, mean);
    }

    sealed class Candidate(int first)
    {
        public int First { get; } = first;

        public int Votes { get; set; }

        public int Right { get; set; }

        public double Worth => (double)Right / Votes;
    }
}
