// Ratings from standings: results and ranks by hand, ratings against trying every whole number, broken files.
using Fathom.Evaluation.Metrics;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tests.Metrics;

public sealed class ContestRatingTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-contest").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Points_FallByFiftyPerWrongSubmission_AndTriesAreLimited()
    {
        var contest = new ContestStandings("1", [new("A", 500), new("B", 1000), new("C", 1500), new("D", 100)],
            [new(2000, 2400), new(1500, 1400), new(1200, 1300, 0), new(1000, 0)]);
        var submissions = Submissions("1", ("A", [true]), ("B", [false, false, true, true]), ("C", [false, false, false]), ("D", [false, false, false, true]));
        ContestResult result = ContestRating.Of([contest], submissions).Contests[0];
        // 500 + (1000 - 100) + 0 + max(0, 100 - 150).
        Assert.Equal(1400, result.Points);
        Assert.Equal(0, result.Penalty);
        // Two did at least as well: one better, one equal.
        Assert.Equal((2, 4), (result.Rank, result.Participants));
        // With two tries, B counts no more.
        Assert.Equal(500, ContestRating.Of([contest], submissions, tries: 2).Contests[0].Points);
    }

    [Fact]
    public void Solved_WithPenalty_RanksBehindFewerMinutes()
    {
        var contest = new ContestStandings("1", [new("A"), new("B")], [new(2000, 2, 5), new(1500, 2, 10), new(1400, 2, 11), new(1000, 1, 0)]);
        ContestResult result = ContestRating.Of([contest], Submissions("1", ("A", [false, true]), ("B", [true]))).Contests[0];
        Assert.Equal((2.0, 10.0, 2), (result.Points, result.Penalty, result.Rank));
    }

    [Fact]
    public void Rating_EqualsTryingEveryWholeNumber()
    {
        RandomStream random = new(3, 3);
        for (int trial = 0; trial < 40; trial++)
        {
            int humans = random.NextInt(1, 60);
            ContestParticipant[] participants = [.. Enumerable.Range(0, humans).Select(_ => Human(ref random))];
            var contest = new ContestStandings("c", [new("A", 3000)], participants);
            int wrong = random.NextInt(60);
            ContestResult result = ContestRating.Of([contest], Submissions("c", ("A", [.. Enumerable.Repeat(false, wrong), true])), tries: 100).Contests[0];

            double points = Math.Max(0, 3000 - 50 * wrong);
            int rank = 0;
            foreach (ContestParticipant human in participants)
                rank += human.Points >= points ? 1 : 0;
            Assert.Equal(rank, result.Rank);
            // The greatest rating below the limit whose expected rank is not below the rank; 0 where even 0 is expected to do better.
            int expected = 0;
            for (int rating = 1; rating < (int)participants.Max(human => human.Rating) + 100; rating++)
                if (1 + participants.Sum(human => 1 / (1 + Math.Pow(10, (rating - human.Rating) / 400))) >= rank)
                    expected = rating;
            Assert.Equal(expected, result.Rating);
        }

        static ContestParticipant Human(ref RandomStream random) => new(random.NextInt(400, 3000), 50 * random.NextInt(60));
    }

    [Fact]
    public void Rating_OfAnAverageResultAmongEquals_IsTheirs()
    {
        // 1001 humans of 1500, 501 of them at least as good: the expected rank 1 + 1001 p is 501 at p = 500/1001, just below one half.
        ContestParticipant[] humans = [.. Enumerable.Range(0, 1001).Select(i => new ContestParticipant(1500, i < 501 ? 2 : 0))];
        ContestResult result = ContestRating.Of([new("c", [new("A"), new("B")], humans)], Submissions("c", ("A", [true]))).Contests[0];
        Assert.Equal(501, result.Rank);
        Assert.Equal(1500, result.Rating);
    }

    [Fact]
    public void Mean_OverContests_WithRecipe()
    {
        ContestStandings[] contests = [Contest("one", 1200), Contest("two", 1800)];
        ContestRating rating = ContestRating.Of(contests, Submissions("one", ("A", [true])));
        Assert.Equal(rating.Contests.Average(contest => contest.Rating), rating.Mean.Mean, 1e-9);
        Assert.Equal(2, rating.Mean.Problems);
        Assert.NotNull(rating.Mean.Interval);
        foreach (string part in new[] { "2 contests (one, two)", "8 submissions", "first accepted", "50 points", "10 minutes", "at least as well", "400", "equal weight" })
            Assert.Contains(part, rating.Recipe, StringComparison.Ordinal);

        static ContestStandings Contest(string name, double around) =>
            new(name, [new("A", 500)], [.. Enumerable.Range(0, 300).Select(i => new ContestParticipant(around + i - 150, i))]);
    }

    [Fact]
    public void Percentile_IsTheShareBelow()
    {
        Assert.Equal(50, ContestRating.Percentile(1500, [1600, 1400, 1500, 1499]));
        Assert.Equal(0, ContestRating.Percentile(1000, [1000]));
        Assert.Throws<ArgumentOutOfRangeException>(() => ContestRating.Percentile(1000, []));
    }

    [Fact]
    public void Read_TakesFilesWithMoreFields()
    {
        string standings = Write("""[{"name": "c", "phase": "FINISHED", "problems": [{"name": "A", "points": 500, "tags": []}], "participants": [{"rating": 1500, "points": 500.0, "handle": "x"}]}]""");
        string submissions = Write("""{"c": {"A": [false, true]}}""");
        ContestRating rating = ContestRating.Of(ContestStandings.Read(standings), ContestStandings.ReadSubmissions(submissions));
        Assert.Equal((450.0, 1), (rating.Contests[0].Points, rating.Contests[0].Rank));
    }

    [Theory]
    [InlineData("[]", "no contest")]
    [InlineData("{}", "a list of contests")]
    [InlineData("[", "a list of contests")]
    [InlineData("null", "found null")]
    [InlineData("[null]", "null")]
    [InlineData("""[{"name": "c", "problems": []}]""", "participants")]
    [InlineData("""[{"name": "c", "problems": [], "participants": [{"rating": 1, "points": 1}]}]""", "0 problems")]
    [InlineData("""[{"name": "c", "problems": [{"name": "A"}, {"name": "A"}], "participants": [{"rating": 1, "points": 1}]}]""", "problem 'A' 2 times")]
    [InlineData("""[{"name": "c", "problems": [{"name": "A", "points": -5}], "participants": [{"rating": 1, "points": 1}]}]""", "points are -5")]
    [InlineData("""[{"name": "c", "problems": [{"name": "A", "points": 5}, {"name": "B"}], "participants": [{"rating": 1, "points": 1}]}]""", "some problems only")]
    [InlineData("""[{"name": "c", "problems": [{"name": "A"}], "participants": [{"rating": 1e9, "points": 1}]}]""", "participant 1")]
    [InlineData("""[{"name": "c", "problems": [{"name": "A"}], "participants": [{"rating": "x", "points": 1}]}]""", "rating")]
    public void Read_BadFile_IsOneClearError(string json, string part)
    {
        string path = Write(json);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => ContestStandings.Read(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"c": null}""", "contest 'c'")]
    [InlineData("""{"c": {"A": null}}""", "contest 'c'")]
    [InlineData("""{"c": {"A": [1]}}""", "an object of contests")]
    public void ReadSubmissions_BadFile_IsOneClearError(string json, string part) =>
        Assert.Contains(part, Assert.Throws<InvalidDataException>(() => ContestStandings.ReadSubmissions(Write(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void UnknownContestOrProblem_IsNamed()
    {
        ContestStandings[] contests = [new("c", [new("A")], [new(1500, 1)])];
        Assert.Contains("'d'", Assert.Throws<ArgumentException>(() => ContestRating.Of(contests, Submissions("d", ("A", [true])))).Message, StringComparison.Ordinal);
        Assert.Contains("'B'", Assert.Throws<ArgumentException>(() => ContestRating.Of(contests, Submissions("c", ("B", [true])))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ContestRating.Of([], Submissions("c")));
    }

    static Dictionary<string, Dictionary<string, bool[]>> Submissions(string contest, params (string Problem, bool[] Tries)[] problems) =>
        new() { [contest] = problems.ToDictionary(p => p.Problem, p => p.Tries) };

    string Write(string json)
    {
        string path = Path.Combine(_folder, $"{Guid.NewGuid():N}.json");
        File.WriteAllText(path, json);
        return path;
    }
}
