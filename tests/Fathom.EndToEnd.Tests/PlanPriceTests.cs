// Prices by the executable.
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public sealed class PlanPriceTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Price_OfThePublishedDay_IsItsRevenue()
    {
        JsonElement bill = Executable.Run("plan", "price", "--model", "deepseek-reasoner", "--input", "608B", "--hit", "342e9", "--output", "168000000000", "--at", "2025-02-27T12:00Z", "--explain", "--json").Ends(0).Json();
        Assert.Equal(562_100m, bill.GetProperty("total").GetDecimal());
        Assert.Equal(0.55m, bill.GetProperty("price").GetProperty("miss").GetDecimal());
        Assert.All(bill.GetProperty("explain").EnumerateArray(), figure => Assert.NotEmpty(figure.GetProperty("source").GetString()!));
    }

    [Fact]
    public void Price_WithoutTokens_IsTheTableOverTime()
    {
        JsonElement rows = Executable.Run("plan", "price", "--model", "deepseek-chat", "--currency", "cny", "--json").Ends(0).Json();
        Assert.Equal(["1", "1", "1", "2", "1", "4", "2"], rows.EnumerateArray().Select(row => row.GetProperty("miss").GetRawText()));
        Assert.Contains("night discount", Executable.Run("plan", "price", "--at", "2025-03-01T20:00Z").Ends(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Price_OfAnOwnBook()
    {
        string file = _folder.Write("prices.json", """{"rows": [{"model": "mine", "version": "1", "currency": "EUR", "from": "2025-01-01", "hit": 0, "miss": 1.5, "output": 2, "source": "me"}]}""");
        JsonElement bill = Executable.Run("plan", "price", "--prices", file, "--model", "mine", "--currency", "EUR", "--input", "1M", "--output", "1M", "--granted", "2", "--topped-up", "5", "--json").Ends(0).Json();
        Assert.Equal(3.5m, bill.GetProperty("total").GetDecimal());
        Assert.Equal((0m, 3.5m), (bill.GetProperty("balance").GetProperty("granted").GetDecimal(), bill.GetProperty("balance").GetProperty("toppedUp").GetDecimal()));
        Executable.Run("plan", "price", "--prices", _folder.Write("bad.json", "{"), "--model", "mine").Says(1, "bad.json", "no JSON");
        Executable.Run("plan", "price", "--prices", "nowhere.json").Says(2, "nowhere.json");
    }

    [Theory]
    [InlineData("'deepseek-r1'", "--model", "deepseek-r1", "--input", "1")]
    [InlineData("the first is of 2024-05-01", "--at", "2020-01-01")]
    [InlineData("608e9", "--model", "o1", "--input", "-1")]
    [InlineData("part of the input", "--model", "o1", "--input", "1", "--hit", "2")]
    [InlineData("--model", "--input", "1")]
    public void Price_WronglyAsked_SaysWhatWouldWork(string part, params string[] arguments) =>
        Executable.Run(["plan", "price", .. arguments]).Says(2, part);
}
