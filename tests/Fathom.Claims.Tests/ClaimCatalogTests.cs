// Every row stands there, with the numbers to the digit, and measured results change verdicts.

namespace Fathom.Claims.Tests;

public class ClaimCatalogTests
{
    static readonly Claim[] s_unmeasured = [.. ClaimCatalog.Topics(new Dictionary<string, Measurement>()).SelectMany(topic => topic.Claims)];

    static Claim Row(string id) => s_unmeasured.Single(claim => claim.Id == id);

    [Fact]
    public void Topics_HaveEveryRowOnceAndInOrder()
    {
        string[] expected = [.. Ids('C', 12), .. Ids('A', 10), .. Ids('D', 2), .. Ids('R', 8), .. Ids('K', 5), .. Ids('P', 6), .. Ids('E', 2)];
        Assert.Equal(expected, s_unmeasured.Select(claim => claim.Id));

        static IEnumerable<string> Ids(char letter, int count) => Enumerable.Range(1, count).Select(number => $"{letter}{number}");
    }

    [Theory]
    [InlineData("C1", Verdict.Holds, "2,788K hours", "$5.328M + $0.238M + $0.010M = $5.576M")]
    [InlineData("C2", Verdict.Holds, "56.7 days whole", "54.2 pre-training")]
    [InlineData("C3", Verdict.Holds, "180K hours per trillion", "343 TFLOP/s")]
    [InlineData("C4", Verdict.Corrected, "$5.576M", "17.9 times")]
    [InlineData("C5", Verdict.Corrected, "11.1 times")]
    [InlineData("C6", Verdict.Holds, "$12.29", "6.1 times", "$32.7M")]
    [InlineData("C7", Verdict.Corrected, "53% dearer")]
    [InlineData("C8", Verdict.Quoted, "$1.629B", "$0.944B", "$2.573B")]
    [InlineData("C10", Verdict.Holds, "failed runs", "ablations", "people", "data")]
    [InlineData("C11", Verdict.Holds, "147K hours", "$294K", "101,376", "40,960", "512")]
    [InlineData("C12", Verdict.Quoted, "3.1 years at 90%", "3.7 at 85%")]
    [InlineData("A1", Verdict.Corrected, "25,920 B", "389,120 B", "93.3%", "82.2%", "98.2%", "35,136", "1,998,848")]
    [InlineData("A2", Verdict.Corrected, "36.6B without")]
    [InlineData("A3", Verdict.Corrected, "671B")]
    [InlineData("A4", Verdict.Holds, "39.6%", "74.4T", "187.9T")]
    [InlineData("A9", Verdict.Holds, "M = 4 of 8")]
    [InlineData("D1", Verdict.Holds, "1F1B 21", "ZB1P (ZB-H1) 7", "DualPipe 6", "DualPipeV 7")]
    [InlineData("D2", Verdict.Holds, "from 21 to 7")]
    [InlineData("P1", Verdict.Holds, "2 yuan (V3", "4 yuan (R1)", "$1.10 (o3-mini)")]
    [InlineData("P2", Verdict.Corrected, "$0.07 (10 times", "$1.10 (10 times", "$0.14 (100 times", "$2.19 (10 times")]
    [InlineData("P3", Verdict.Corrected, "75% on hits", "50% on output")]
    [InlineData("P5", Verdict.Holds, "$87,072", "$562,100", "$562,027", "545%", "84.5%")]
    [InlineData("E2", Verdict.Holds, "English 6 of 10", "code 3 of 5 (OpenAI-o1-1217)", "mathematics 3 of 3", "Chinese 2 of 3")]
    public void Row_HasItsNumbers(string id, Verdict verdict, params string[] parts)
    {
        Claim claim = Row(id);
        Assert.Equal(verdict, claim.Verdict);
        Assert.All(parts, part => Assert.Contains(part, claim.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Corrections_ShowBothValues() => Assert.All(
        s_unmeasured.Where(claim => claim.Kind.HasFlag(ClaimKind.Corrected)),
        claim => Assert.True(claim.Value.StartsWith("said", StringComparison.Ordinal) && (claim.Value.Contains("right", StringComparison.Ordinal) || claim.Value.Contains("published", StringComparison.Ordinal)), claim.Value));

    [Fact]
    public void EveryNumber_HasASource() => Assert.All(s_unmeasured.SelectMany(claim => claim.Figures), figure => Assert.False(string.IsNullOrWhiteSpace(figure.Source), figure.Name));

    [Theory]
    [InlineData("R1")]
    [InlineData("R6")]
    [InlineData("K1")]
    [InlineData("P6")]
    [InlineData("A10")]
    public void WithoutAnExperiment_TheRowSaysSo(string id)
    {
        Assert.Equal(Verdict.NotMeasured, Row(id).Verdict);
        Assert.Contains("not measured yet: waits for", Row(id).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void MeasuredResult_BecomesValueCommandAndFigures()
    {
        Measurement result = Result("A6", Verdict.Reproduced);
        Claim claim = With(result).Single(claim => claim.Id == "A6");
        Assert.Equal((Verdict.Reproduced, "seen", "fathom claims --measure A6"), (claim.Verdict, claim.Value, claim.Command));
        Assert.Contains("standard deviation", claim.Figures.Single(figure => figure.Name == "loss").Source, StringComparison.Ordinal);
        Assert.Same(result, claim.Measurement);
    }

    [Fact]
    public void ComputedRow_ThatTheExperimentDoesNotShow_IsNotReproduced()
    {
        Claim claim = With(Result("A4", Verdict.NotReproduced)).Single(claim => claim.Id == "A4");
        Assert.Equal(Verdict.NotReproduced, claim.Verdict);
        Assert.Contains("39.6%", claim.Value, StringComparison.Ordinal);
        Assert.Contains("measured: seen", claim.Value, StringComparison.Ordinal);
        Assert.Equal("computed, measured", claim.KindText);
    }

    [Fact]
    public void Correction_StaysOne() => Assert.Equal(Verdict.Corrected, With(Result("A1", Verdict.Reproduced)).Single(claim => claim.Id == "A1").Verdict);

    static Claim[] With(Measurement result) => [.. ClaimCatalog.Topics(new Dictionary<string, Measurement> { [result.Id] = result }).SelectMany(topic => topic.Claims)];

    static Measurement Result(string id, Verdict verdict) => new()
    {
        Id = id,
        Date = "2026-11-22",
        Machine = "two cores",
        Command = $"fathom claims --measure {id}",
        Seeds = [1, 2],
        Method = "a model",
        Verdict = verdict,
        Summary = "seen",
        Values = [MeasuredValue.Of("loss", [1, 3], "nats")],
    };
}
