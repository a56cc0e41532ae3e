// The published price book, row by row, against the tables of DeepSeek's prices over time.

using Fathom.Planning.Prices;

namespace Fathom.Planning.Tests.Prices;

public class PublishedPricesTests
{
    static DateTimeOffset At(string text) => PriceBook.MomentOf(text) ?? throw new ArgumentException(text);

    // Model, moment, currency, hit, miss, output. Decimals as texts: an attribute cannot hold them.
    [Theory]
    [InlineData("deepseek-chat", "2024-05-15", "CNY", "", "1", "2")]
    [InlineData("deepseek-chat", "2024-05-15", "USD", "", "0.14", "0.28")]
    [InlineData("deepseek-chat", "2024-08-02", "CNY", "0.1", "1", "2")]
    [InlineData("deepseek-chat", "2024-08-02", "USD", "0.014", "0.14", "0.28")]
    [InlineData("deepseek-chat", "2024-12-26", "CNY", "0.1", "1", "2")]
    [InlineData("deepseek-chat", "2025-02-08T15:59Z", "USD", "0.014", "0.14", "0.28")]
    [InlineData("deepseek-reasoner", "2025-01-20", "CNY", "1", "4", "16")]
    [InlineData("deepseek-reasoner", "2025-01-20", "USD", "0.14", "0.55", "2.19")]
    [InlineData("deepseek-chat", "2025-02-08T16:00Z", "CNY", "0.5", "2", "8")]
    [InlineData("deepseek-chat", "2025-02-08T16:00Z", "USD", "0.07", "0.27", "1.10")]
    [InlineData("deepseek-chat", "2025-03-01T20:00Z", "CNY", "0.25", "1", "4")]
    [InlineData("deepseek-chat", "2025-03-01T20:00Z", "USD", "0.035", "0.135", "0.55")]
    [InlineData("deepseek-reasoner", "2025-03-01T20:00Z", "CNY", "0.25", "1", "4")]
    [InlineData("deepseek-reasoner", "2025-03-01T20:00Z", "USD", "0.035", "0.135", "0.55")]
    [InlineData("deepseek-chat", "2025-09-05T16:00Z", "CNY", "0.5", "4", "12")]
    [InlineData("deepseek-chat", "2025-09-05T16:00Z", "USD", "0.07", "0.56", "1.68")]
    [InlineData("deepseek-reasoner", "2025-09-05T16:00Z", "CNY", "0.5", "4", "12")]
    [InlineData("deepseek-reasoner", "2025-09-05T20:00Z", "USD", "0.07", "0.56", "1.68")]
    [InlineData("deepseek-chat", "2025-09-29", "CNY", "0.2", "2", "3")]
    [InlineData("deepseek-reasoner", "2025-12-01", "USD", "0.028", "0.28", "0.42")]
    [InlineData("deepseek-v4-flash", "2026-04-24", "USD", "0.028", "0.14", "0.28")]
    [InlineData("deepseek-v4-flash", "2026-05-01", "USD", "0.0028", "0.14", "0.28")]
    [InlineData("deepseek-v4-pro", "2026-05-22", "USD", "0.003625", "0.435", "0.87")]
    [InlineData("deepseek-flash", "2026-11-14T02:00Z", "USD", "0.003", "0.15", "0.60")] // a Saturday
    [InlineData("deepseek-v4-pro", "2026-11-14T02:00Z", "USD", "0.022", "0.66", "1.98")]
    [InlineData("deepseek-flash", "2026-11-13T02:00Z", "USD", "0.006", "0.30", "1.20")] // a Friday
    [InlineData("deepseek-v4-pro", "2026-11-13T02:00Z", "USD", "0.044", "1.32", "3.96")]
    [InlineData("deepseek-v4-pro", "2026-11-13T02:00Z", "CNY", "0.30", "9", "27")]
    [InlineData("o1", "2025-02-01", "USD", "7.5", "15", "60")]
    [InlineData("o3-mini", "2025-02-01", "USD", "0.55", "1.10", "4.40")]
    [InlineData("gpt-4o", "2025-02-01", "USD", "1.25", "2.50", "10")]
    public void Find_PublishedRow_HasItsThreePrices(string model, string at, string currency, string hit, string miss, string output)
    {
        TokenPrice price = PriceBook.Published.Find(model, At(at), currency);
        Assert.Equal(hit.Length == 0 ? null : decimal.Parse(hit, System.Globalization.CultureInfo.InvariantCulture), price.Hit);
        Assert.Equal(decimal.Parse(miss, System.Globalization.CultureInfo.InvariantCulture), price.Miss);
        Assert.Equal(decimal.Parse(output, System.Globalization.CultureInfo.InvariantCulture), price.Output);
        Assert.NotEmpty(price.Source);
    }

    // The night is 16:30 to 00:30 UTC, first on 26 February 2025, last before 5 September 16:00.
    [Theory]
    [InlineData("2025-02-26T00:10Z", false)]
    [InlineData("2025-02-26T16:29Z", false)]
    [InlineData("2025-02-26T16:30Z", true)]
    [InlineData("2025-02-26T23:59Z", true)]
    [InlineData("2025-02-27T00:00Z", true)]
    [InlineData("2025-02-27T00:29Z", true)]
    [InlineData("2025-02-27T00:30Z", false)]
    [InlineData("2025-03-02T04:00+08:00", true)]
    [InlineData("2025-09-05T00:10Z", true)]
    [InlineData("2025-09-05T17:00Z", false)]
    public void Find_AroundTheNight_DiscountsWithinItOnly(string at, bool night)
    {
        foreach (string model in new[] { "deepseek-chat", "deepseek-reasoner" })
            Assert.Equal(night, PriceBook.Published.Find(model, At(at), "USD").Promotion is not null);
    }

    // Peak: 01-04 and 06-10 UTC (09-12 and 14-18 in Beijing), Monday to Friday, not on Chinese holidays.
    [Theory]
    [InlineData("2026-11-13T00:59Z", false)]
    [InlineData("2026-11-13T01:00Z", true)]
    [InlineData("2026-11-13T03:59Z", true)]
    [InlineData("2026-11-13T04:00Z", false)]
    [InlineData("2026-11-13T06:00Z", true)]
    [InlineData("2026-11-13T09:59Z", true)]
    [InlineData("2026-11-13T10:00Z", false)]
    [InlineData("2026-11-15T02:00Z", false)] // Sunday
    [InlineData("2026-11-16T02:00Z", true)]
    [InlineData("2026-10-01T02:00Z", false)] // National Day, a Thursday
    public void Find_AroundThePeak_DoublesWithinItOnly(string at, bool peak)
    {
        TokenPrice price = PriceBook.Published.Find("deepseek-flash", At(at), "USD");
        Assert.Equal(peak ? 0.30m : 0.15m, price.Miss);
        Assert.Equal(peak ? 1.20m : 0.60m, price.Output);
    }

    // No model may have two rows without hours, or two with the same hours, at once: every moment has at most one answer.
    [Fact]
    public void Rows_OfOneModelAndCurrency_DoNotOverlap()
    {
        foreach (var rows in PriceBook.Published.Rows.GroupBy(row => (row.Model, row.Currency, row.Window is null)))
        {
            TokenPrice[] ordered = [.. rows.OrderBy(row => row.From)];
            for (int i = 1; i < ordered.Length; i++)
                Assert.True(ordered[i - 1].Until <= ordered[i].From, $"{rows.Key} {ordered[i].From}");
        }
    }

    [Fact]
    public void Bill_PublishedDay_IsExact()
    {
        // 342B x 0.14 + 266B x 0.55 + 168B x 2.19 per million.
        TokenBill bill = PriceBook.Published.Bill("deepseek-reasoner", 342_000_000_000, 266_000_000_000, 168_000_000_000, At("2025-02-27T12:00Z"), "USD");
        Assert.Equal((47_880m, 146_300m, 367_920m, 562_100m), (bill.Hit, bill.Miss, bill.Output, bill.Total));
    }

    [Fact]
    public void Bill_SmallAndGreatNumbers_AreExact()
    {
        DateTimeOffset at = At("2026-06-01");
        TokenBill one = PriceBook.Published.Bill("deepseek-v4-pro", 1, 1, 1, at, "USD");
        Assert.Equal(0.000001308625m, one.Total); // (0.003625 + 0.435 + 0.87) / 1e6
        long most = PriceBook.MaxTokens;
        Assert.Equal(1_308_625_000m, PriceBook.Published.Bill("deepseek-v4-pro", most, most, most, at, "USD").Total);
        Assert.Equal(1_308_625_000m - 0.000001308625m, PriceBook.Published.Bill("deepseek-v4-pro", most - 1, most - 1, most - 1, at, "USD").Total);
    }

    [Fact]
    public void LatestMoment_OfARetiredName_IsItsLastMinute()
    {
        Assert.Equal(At("2026-07-23T23:59Z"), PriceBook.Published.LatestMoment("deepseek-reasoner", At("2026-11-22"), "USD"));
        Assert.Equal(At("2025-05-01"), PriceBook.Published.LatestMoment("deepseek-reasoner", At("2025-05-01"), "USD"));
        Assert.Throws<PriceException>(() => PriceBook.Published.LatestMoment("deepseek-reasoner", At("2024-05-01"), "USD"));
    }

    [Fact]
    public void Figures_NameTheSourceOfEveryNumber()
    {
        TokenBill bill = PriceBook.Published.Bill("deepseek-chat", 1_000_000, 1_000_000, 1_000_000, At("2025-03-01T20:00Z"), "USD");
        Assert.All(bill.Figures, figure => Assert.NotEmpty(figure.Source));
        Assert.Equal(0.72m, bill.Figures.Single(figure => figure.Name == "total").Amount);
        Assert.Contains("night discount", bill.Figures[0].Source, StringComparison.Ordinal);
    }
}
