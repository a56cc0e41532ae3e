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
}
