// A Codeforces-style rating as CodeElo computes it (Quan et al. 2025, arXiv 2501.01257): per contest the rank that the model's results would
// have among the humans, the rating at which that rank is expected, and the mean over contests. Such numbers move by hundreds of points with
// the order of submissions and the choice of contests (arXiv 2602.05891), so the recipe is part of the result.
using System.Globalization;

namespace Fathom.Evaluation.Metrics;

/// <summary>A model's result in one contest.</summary>
/// <param name="Contest">The contest's name.</param>
/// <param name="Points">Points, or problems solved.</param>
/// <param name="Penalty">Penalty; 0 in contests with points.</param>
/// <param name="Rank">Participants who did at least as well.</param>
/// <param name="Participants">Participants in all.</param>
/// <param name="Rating">The rating at which that rank is expected.</param>
public sealed record ContestResult(string Contest, double Points, double Penalty, int Rank, int Participants, int Rating);

/// <summary>A model's rating over contests.</summary>
/// <param name="Mean">The mean of the contests' ratings, with its error and interval over contests.</param>
/// <param name="Contests">The results one by one.</param>
/// <param name="Tries">Submissions that counted per problem, at most.</param>
public sealed record ContestRating(Estimate Mean, IReadOnlyList<ContestResult> Contests, int Tries)
{
    /// <summary>CodeElo's number of submissions per problem.</summary>
    public const int DefaultTries = 8;

    const double PointsPerWrongTry = 50;
    const double PenaltyPerWrongTry = 10;
    const int AboveTheBest = 100;

    /// <summary>The rules that the number rests on, to be printed beside it.</summary>
    public string Recipe =>
        $"CodeElo's rating (arXiv 2501.01257) over {Contests.Count} contest{(Contests.Count == 1 ? "" : "s")} ({string.Join(", ", Contests.Select(contest => contest.Contest))}), "
        + $"at most {Tries} submissions per problem in the order given, the first accepted one counts. Contests with points: "
        + $"{PointsPerWrongTry.ToString(CultureInfo.InvariantCulture)} points less for each submission before it, never below 0, nothing for time; others: problems solved, "
        + $"{PenaltyPerWrongTry.ToString(CultureInfo.InvariantCulture)} minutes of penalty for each submission before it, nothing for time. Rank: participants who did at least as well. "
        + "Rating: the greatest whole number from 0 to 99 above the best participant's at which 1 + the sum of 1/(1+10^((rating-r)/400)) over the participants' ratings r is not below the rank. "
        + "Mean over contests, each with equal weight.";

    /// <summary>Rates a model.</summary>
    /// <param name="contests">At least one.</param>
    /// <param name="submissions">Per contest and problem whether each submission was accepted, in order; problems that are not there were not tried.</param>
    /// <param name="tries">Submissions that count per problem, at least 1.</param>
    /// <exception cref="ArgumentException">No contest, one that cannot be rated, or submissions for a contest or problem that is not there.</exception>
    public static ContestRating Of(
        IReadOnlyList<ContestStandings> contests, IReadOnlyDictionary<string, Dictionary<string, bool[]>> submissions, int tries = DefaultTries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tries, 1);
        if (contests.Count == 0)
            throw new ArgumentException("There is no contest.", nameof(contests));
        foreach (ContestStandings contest in contests)
            if (contest.Problem() is { } problem)
                throw new ArgumentException(problem, nameof(contests));
        foreach ((string name, Dictionary<string, bool[]> problems) in submissions)
        {
            if (contests.FirstOrDefault(contest => contest.Name == name) is not { } contest)
                throw new ArgumentException($"There are submissions for contest '{name}', which is not among the standings.", nameof(submissions));
            if (problems.Keys.Except(contest.Problems.Select(p => p.Name)).FirstOrDefault() is { } unknown)
                throw new ArgumentException($"There are submissions for problem '{unknown}' of contest '{name}', which has {string.Join(", ", contest.Problems.Select(p => p.Name))}.", nameof(submissions));
        }
        ContestResult[] results = [.. contests.Select(contest => Rate(contest, submissions.TryGetValue(contest.Name, out Dictionary<string, bool[]>? tried) ? tried : [], tries))];
        return new ContestRating(Estimate.OfAmounts([.. results.Select(result => (double)result.Rating)]), results, tries);
    }

    /// <summary>Share of humans below a rating, in percent.</summary>
    /// <param name="rating">The rating.</param>
    /// <param name="humans">The humans' ratings in any order, at least one.</param>
    public static double Percentile(double rating, IReadOnlyCollection<double> humans)
    {
        ArgumentOutOfRangeException.ThrowIfZero(humans.Count, nameof(humans));
        return 100.0 * humans.Count(human => human < rating) / humans.Count;
    }

    static ContestResult Rate(ContestStandings contest, Dictionary<string, bool[]> submissions, int tries)
    {
        double points = 0, penalty = 0;
        foreach (ContestProblem problem in contest.Problems)
        {
            int accepted = submissions.TryGetValue(problem.Name, out bool[]? tried) ? Array.IndexOf(tried, true, 0, Math.Min(tried.Length, tries)) : -1;
            if (accepted < 0)
                continue;
            points += problem.Points is { } worth ? Math.Max(0, worth - PointsPerWrongTry * accepted) : 1;
            penalty += problem.Points is null ? PenaltyPerWrongTry * accepted : 0;
        }
        int rank = contest.Participants.Count(human => human.Points > points || human.Points == points && human.Penalty <= penalty);
        return new ContestResult(contest.Name, points, penalty, rank, contest.Participants.Count, RatingOf(rank, contest.Participants));
    }

    // The expected rank falls as the rating grows, so bisection finds where it passes the rank.
    static int RatingOf(int rank, IReadOnlyList<ContestParticipant> humans)
    {
        int low = 0, high = (int)Math.Max(0, humans.Max(human => human.Rating)) + AboveTheBest;
        while (high - low > 1)
        {
            int middle = (low + high) / 2;
            double expected = 1;
            foreach (ContestParticipant human in humans)
                expected += 1 / (1 + Math.Pow(10, (middle - human.Rating) / 400));
            if (expected < rank)
                high = middle;
            else
                low = middle;
        }
        return low;
    }
}
