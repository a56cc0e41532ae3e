// `fathom claims` as it is called.

using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public class ClaimsTests
{
    [Fact]
    public void Json_IsAListOfAllClaims_AndEveryCommandRuns()
    {
        JsonElement claims = Executable.Run("claims", "--json").Ends(0).Json();
        Assert.Equal(45, claims.GetArrayLength());
        HashSet<string> commands = [];
        foreach (JsonElement claim in claims.EnumerateArray())
        {
            foreach (string key in new[] { "id", "claim", "source", "verdict", "value", "kind", "command" })
                Assert.False(string.IsNullOrWhiteSpace(claim.GetProperty(key).GetString()), $"{claim} has no {key}");
            string command = claim.GetProperty("command").GetString()!;
            Assert.StartsWith("fathom ", command, StringComparison.Ordinal);
            // Rows that explain themselves are the next test's; experiments take minutes.
            if (!command.StartsWith("fathom claims ", StringComparison.Ordinal))
                commands.Add(command);
        }
        Assert.All(commands, command => Assert.NotEmpty(Executable.Run(command["fathom ".Length..].Split(' ')).Ends(0).Output));
    }

    [Fact]
    public void Chosen_WithExplain_PrintsNumbersWithTheirSources()
    {
        string output = Executable.Run("claims", "p5", "A1", "--explain").Ends(0).Output;
        Assert.Contains("87072", output, StringComparison.Ordinal);
        Assert.Contains("open-infra-index", output, StringComparison.Ordinal);
        Assert.Contains("60 layers x (512 + 64) elements x 6 bits", output, StringComparison.Ordinal);
        Assert.DoesNotContain("C1 ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownClaim_NamesTheNearest() => Executable.Run("claims", "C99").Says(2, "'C99'", "'C9'", "E2");

    [Fact]
    public void Measure_WritesAResult_ThatStandsInPlaceOfTheRecordedOne()
    {
        using TemporaryFolder folder = new();
        JsonElement measured = Executable.Run("claims", "--measure", "a1", "--results", folder.Path, "--seeds", "7", "--json").Ends(0).Json()[0];
        Assert.Equal("A1", measured.GetProperty("id").GetString());
        string file = Path.Combine(folder.Path, "A1.json");
        Assert.Contains("fathom claims --measure A1", File.ReadAllText(file), StringComparison.Ordinal);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"summary\": \"", "\"summary\": \"of my own: ", StringComparison.Ordinal));
        JsonElement shown = Executable.Run("claims", "A1", "--results", folder.Path, "--json").Ends(0).Json()[0];
        Assert.Contains("measured: of my own: ", shown.GetProperty("value").GetString(), StringComparison.Ordinal);

        File.WriteAllText(file, "{}");
        Executable.Run("claims", "--results", folder.Path).Says(1, "A1.json", "is no recorded result");
    }

    [Fact]
    public void Html_WritesAPage()
    {
        using TemporaryFolder folder = new();
        Executable.Run("claims", "--html", folder.In("claims.html")).Ends(0);
        Assert.Contains("id=\"C1\"", File.ReadAllText(folder.In("claims.html")), StringComparison.Ordinal);
        Executable.Run("claims", "--html", folder.In("nowhere", "claims.html")).Says(1, $"no folder '{folder.In("nowhere")}'");
    }

    [Fact]
    public void Measure_OfAClaimWithoutExperiment_SaysWhichHaveOne() => Executable.Run("claims", "--measure", "C1").Says(2, "'C1'", "A1");

    [Theory]
    [InlineData("1,1")]
    [InlineData("-1")]
    [InlineData("")]
    public void Seeds_ThatAreNone_AreRefused(string seeds) => Executable.Run("claims", "--measure", "A1", "--seeds", seeds).Says(2, "--seeds");
}
