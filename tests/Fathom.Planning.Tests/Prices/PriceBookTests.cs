// Finding prices in books of our own: windows, errors of look-up and of reading, balances.

using Fathom.Planning.Prices;

namespace Fathom.Planning.Tests.Prices;

public class PriceBookTests
{
    const string Plain = """{"model": "m", "version": "M-1", "currency": "USD", "from": "2025-01-01", "hit": 1, "miss": 2, "output": 3, "source": "hand"}""";

    static PriceBook Book(params string[] rows) => PriceBook.Parse($$"""{"rows": [{{string.Join(",", rows)}}]}""", "book.json");

    static string With(string key, string value) => Plain.Replace("\"source\"", $"\"{key}\": {value}, \"source\"", StringComparison.Ordinal);

    static string Instead(string old, string with) => Plain.Contains(old, StringComparison.Ordinal) ? Plain.Replace(old, with, StringComparison.Ordinal) : throw new ArgumentException(old);

    static DateTimeOffset At(string text) => PriceBook.MomentOf(text) ?? throw new ArgumentException(text);

    // Hours past midnight belong to the day on which they begin: Friday night ends on Saturday.
    [Theory]
    [InlineData("2025-03-07T22:00Z", true)] // Friday
    [InlineData("2025-03-08T01:59Z", true)] // Saturday, Friday's night
    [InlineData("2025-03-08T02:00Z", false)]
    [InlineData("2025-03-08T22:00Z", false)] // Saturday
    [InlineData("2025-03-09T01:00Z", false)] // Saturday's night
    [InlineData("2025-03-10T01:00Z", false)] // Monday, Sunday's night
    [InlineData("2025-03-14T23:00Z", false)] // a holiday
    [InlineData("2025-03-15T01:00Z", false)] // its night
    public void Window_PastMidnightOnFridays(string at, bool inside)
    {
        PriceBook book = Book(Plain, With("window", """{"times": ["22:00-02:00"], "zone": "UTC", "days": ["fri"], "holidays": ["2025-03-14"]}"""));
        Assert.Equal(inside, book.Find("m", At(at), "USD").Window is not null);
    }

    [Theory]
    [InlineData("UTC+08:00", "2025-03-01T16:00Z", true)]
    [InlineData("UTC+08:00", "2025-03-01T17:00Z", false)]
    [InlineData("UTC-05:00", "2025-03-01T05:00Z", true)]
    [InlineData("UTC", "2025-03-01T00:59Z", true)]
    public void Window_ByTheClockOfItsZone(string zone, string at, bool inside)
    {
        PriceBook book = Book(Plain, With("window", $$"""{"times": ["00:00-01:00"], "zone": "{{zone}}"}"""));
        Assert.Equal(inside, book.Find("m", At(at), "USD").Window is not null);
    }

    [Fact]
    public void Window_OfAllDay_HoldsAlways()
    {
        PriceBook book = Book(With("window", """{"times": ["09:00-09:00"], "zone": "UTC"}"""));
        for (int hour = 0; hour < 24; hour++)
            Assert.NotNull(book.Find("m", At("2025-06-01").AddHours(hour), "USD"));
    }

    [Fact]
    public void Find_TwoThatHold_TakesTheOneThatBeganLast() =>
        Assert.Equal("M-2", Book(Plain.Replace("M-1", "M-2", StringComparison.Ordinal).Replace("2025-01-01", "2025-02-01", StringComparison.Ordinal), Plain).Find("m", At("2025-03-01"), "USD").Version);

    [Theory]
    [InlineData("deepseek-reasonr", "USD", "2025-03-01", "'deepseek-reasonr'", "did you mean 'deepseek-reasoner'?")]
    [InlineData("deepseek-r1", "USD", "2025-03-01", "did you mean 'deepseek-reasoner', the name of DeepSeek-R1 from 2025-01-20?")]
    [InlineData("deepseek-reasoner", "EUR", "2025-03-01", "'EUR'", "only in CNY and USD")]
    [InlineData("deepseek-reasoner", "USD", "2024-03-01", "at 2024-03-01 00:00 UTC", "its first is of 2025-01-20 00:00 UTC")]
    [InlineData("deepseek-reasoner", "USD", "2026-08-01", "its last ended at 2026-07-24 00:00 UTC")]
    [InlineData("o1", "CNY", "2025-03-01", "only in USD")]
    public void Bill_WithoutAPrice_SaysWhatWouldWork(string model, string currency, string at, params string[] parts)
    {
        string message = Assert.Throws<PriceException>(() => PriceBook.Published.Bill(model, 1, 1, 1, At(at), currency)).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Bill_BetweenPrices_NamesBoth()
    {
        PriceBook book = Book(With("until", "\"2025-02-01\""), Instead("2025-01-01", "2025-03-01"));
        string message = Assert.Throws<PriceException>(() => book.Find("m", At("2025-02-10"), "USD")).Message;
        Assert.Contains("one ended at 2025-02-01 00:00 UTC, the next is of 2025-03-01 00:00 UTC", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bill_HitsBeforeTheCache_AreRefused()
    {
        string message = Assert.Throws<PriceException>(() => PriceBook.Published.Bill("deepseek-chat", 1, 1, 1, At("2024-06-01"), "USD")).Message;
        Assert.Contains("2024-08-02", message, StringComparison.Ordinal);
        Assert.Equal(0.42m, PriceBook.Published.Bill("deepseek-chat", 0, 1_000_000, 1_000_000, At("2024-06-01"), "USD").Total);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(PriceBook.MaxTokens + 1)]
    public void Bill_TokensOutOfRange_AreRefused(long tokens) =>
        Assert.Throws<PriceException>(() => PriceBook.Published.Bill("o1", 0, tokens, 0, At("2025-03-01"), "USD"));

    [Theory]
    [InlineData("1.50", "10", "3.5", "0", "8.00")] // granted first, then what was paid in
    [InlineData("5", "10", "3.5", "1.5", "10")]
    [InlineData("0", "3.5", "3.5", "0", "0")]
    public void Balance_PaysWithTheGrantedPartFirst(string granted, string toppedUp, string fee, string grantedLeft, string toppedUpLeft)
    {
        static decimal D(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(new Balance(D(grantedLeft), D(toppedUpLeft)), new Balance(D(granted), D(toppedUp)).After(D(fee)));
    }

    [Fact]
    public void Balance_TooSmall_SaysByHowMuch() =>
        Assert.Contains("0.5 more would do", Assert.Throws<PriceException>(() => new Balance(1, 2).After(3.5m)).Message, StringComparison.Ordinal);

    public static TheoryData<string, string[]> BadBooks { get; } = new()
    {
        { "[]", ["an object is allowed"] },
        { "{", ["line 1 is no JSON"] },
        { """{"rows": []}""", ["'rows' is []", "at least one price"] },
        { """{"prices": []}""", ["'prices'", "about, rows"] },
        { $$"""{"rows": [{{Plain}}, 3]}""", ["row 2", "found 3"] },
        { Row(Instead("\"miss\": 2", "\"miss\": -2")), ["row 1: 'miss' is -2"] },
        { Row(Instead("\"miss\": 2", "\"miss\": \"2\"")), ["'miss' is \"2\""] },
        { Row(Instead("\"miss\": 2", "\"miss\": 1e40")), ["'miss' is 1e40"] },
        { Row(Instead("\"miss\": 2", "\"miss\": 0.1234567891")), ["at most 8 decimals"] },
        { Row(Instead("\"miss\": 2, ", "")), ["'miss' is missing"] },
        { Row(Instead("2025-01-01", "1.1.2025")), ["'from' is \"1.1.2025\"", "2025-03-01T20:00Z"] },
        { Row(With("until", "\"2024-01-01\"")), ["'until' is \"2024-01-01\"", "after 'from'"] },
        { Row(Instead("USD", "dollar")), ["'currency' is \"dollar\"", "ISO 4217"] },
        { Row(With("colour", "1")), ["'colour'", "keys are model"] },
        { Row(With("window", """{"times": ["25:00-26:00"], "zone": "UTC"}""")), ["row 1, window: 'times'", "16:30-00:30"] },
        { Row(With("window", """{"times": [], "zone": "UTC"}""")), ["'times' is []"] },
        { Row(With("window", """{"times": ["00:00-01:00"], "zone": "Moon"}""")), ["'zone' is \"Moon\"", "UTC+08:00"] },
        { Row(With("window", """{"times": ["00:00-01:00"], "zone": "UTC", "days": ["Friday"]}""")), ["'days'", "fri"] },
        { $$"""{"rows": [{{Plain}}, {{Plain}}]}""", ["rows 1 and 2 both begin"] },
    };

    [Theory]
    [MemberData(nameof(BadBooks))]
    public void Parse_BadBook_NamesThePlaceAndWhatIsAllowed(string json, string[] parts)
    {
        string message = Assert.Throws<InvalidDataException>(() => PriceBook.Parse(json, "book.json")).Message;
        Assert.StartsWith("book.json", message, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    static string Row(string row) => $$"""{"rows": [{{row}}]}""";
}
