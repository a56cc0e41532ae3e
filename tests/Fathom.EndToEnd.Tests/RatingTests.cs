// A rating from standings and submissions, by the executable.
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public sealed class RatingTests : IDisposable
{
    const string Standings = """
        [{"name": "1", "problems": [{"name": "A", "points": 500}, {"name": "B", "points": 1000}],
          "participants": [{"rating": 1500, "points": 1500}, {"rating": 1400, "points": 500}, {"rating": 1000, "points": 400}]}]
        """;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rating_OfSubmissions_PrintsTheRecipe()
    {
        string standings = _folder.Write("contests.json", Standings), submissions = _folder.Write("mine.json", """{"1": {"A": [false, true]}}""");
        JsonElement rating = Executable.Run("rating", submissions, "--standings", standings, "--json").Ends(0).Json();
        JsonElement contest = rating.GetProperty("contests")[0];
        // 500 points less 50 for the wrong submission: two of three did at least as well.
        Assert.Equal((450.0, 2), (contest.GetProperty("points").GetDouble(), contest.GetProperty("rank").GetInt32()));
        double value = rating.GetProperty("rating").GetDouble();
        double Expected(double mine) => 1 + new double[] { 1500, 1400, 1000 }.Sum(human => 1 / (1 + Math.Pow(10, (mine - human) / 400)));
        // The greatest whole number at which the expected rank is not better than the reached one.
        Assert.True(Expected(value) >= 2 && Expected(value + 1) < 2, $"{value}");
        Assert.Equal(100.0 * new double[] { 1500, 1400, 1000 }.Count(human => human < value) / 3, rating.GetProperty("percentile").GetDouble(), 12);
        string output = Executable.Run("rating", submissions, "--standings", standings).Ends(0).Output;
        Assert.Contains("CodeElo", output, StringComparison.Ordinal);
        Assert.Contains("at most 8 submissions", output, StringComparison.Ordinal);
        Executable.Run("rating", _folder.Write("other.json", """{"1": {"Z": [true]}}"""), "--standings", standings).Says(2, "'Z'", "A, B");
        Executable.Run("rating", submissions, "--standings", _folder.In("none.json")).Says(2, "none.json");
        Executable.Run("rating", submissions, "--standings", _folder.Write("empty.json", "[]")).Says(1, "no contest");
    }
}
