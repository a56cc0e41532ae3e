// The price book: what a token of a model cost, by class, moment and currency. Reading its file: PriceBookReader.cs; the published prices: prices.json.

using System.Globalization;
using Fathom.Models.Configs;

namespace Fathom.Planning.Prices;

/// <summary>
/// Prices over time. At a moment a row with hours that contain it goes before one without (a discount, a peak), then the one that began last.
/// </summary>
public sealed class PriceBook
{
    /// <summary>Most tokens of a class on one bill; up to it every sum is exact.</summary>
    public const long MaxTokens = 1_000_000_000_000_000;

    static readonly string[] s_moments = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd"];

    static readonly Lazy<PriceBook> s_published = new(() =>
    {
        using Stream stream = typeof(PriceBook).Assembly.GetManifestResourceStream("Fathom.Planning.Prices.prices.json")!;
        using StreamReader reader = new(stream);
        return Parse(reader.ReadToEnd(), "prices.json");
    });

    /// <summary>A book of these rows.</summary>
    public PriceBook(IReadOnlyList<TokenPrice> rows) => Rows = rows;

    /// <summary>The published prices that come with the program.</summary>
    public static PriceBook Published => s_published.Value;

    /// <summary>All rows, in the order of the file.</summary>
    public IReadOnlyList<TokenPrice> Rows { get; }

    /// <summary>Names of the models, in order of appearance.</summary>
    public IReadOnlyList<string> Models => [.. Rows.Select(row => row.Model).Distinct()];

    /// <summary>Reads a book from a file with the schema of the published one.</summary>
    /// <exception cref="InvalidDataException">The file is no price book; the message names the row, the key, the value and what is allowed.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PriceBook Read(string path) => PriceBookReader.ReadFile(path);

    /// <summary>Reads the text of a book; <paramref name="origin"/> names it in errors.</summary>
    /// <exception cref="InvalidDataException">As in <see cref="Read"/>.</exception>
    public static PriceBook Parse(string json, string origin) => PriceBookReader.Parse(json, origin);

    /// <summary>A moment as in 2025-03-01T20:00Z or 2025-03-01T20:00+08:00; a date alone is its midnight in UTC. Null for another text.</summary>
    public static DateTimeOffset? MomentOf(string text) =>
        DateTimeOffset.TryParseExact(text, s_moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset at) ? at : null;

    /// <summary>Rows of a model in the order in which they began, of all currencies or one.</summary>
    /// <exception cref="PriceException">There is no such model, or no price in that currency.</exception>
    public IReadOnlyList<TokenPrice> Of(string model, string? currency = null)
    {
        TokenPrice[] rows = [.. Rows.Where(row => row.Model == model).OrderBy(row => row.From).ThenBy(row => row.Window is null ? 0 : 1)];
        if (rows.Length == 0)
            throw new PriceException($"there are no prices of a model '{model}'; did you mean {Nearest(model)}? Models: {string.Join(", ", Models)}");
        if (currency is null)
            return rows;
        TokenPrice[] paid = [.. rows.Where(row => row.Currency.Equals(currency, StringComparison.OrdinalIgnoreCase))];
        return paid.Length > 0 ? paid : throw new PriceException($"there are no prices of {model} in '{currency}', only in {string.Join(" and ", rows.Select(row => row.Currency).Distinct())}");
    }

    /// <summary>The row that holds at a moment.</summary>
    /// <exception cref="PriceException">There is none: no such model, no such currency, or a moment before, between or after its prices.</exception>
    public TokenPrice Find(string model, DateTimeOffset at, string currency)
    {
        IReadOnlyList<TokenPrice> rows = Of(model, currency);
        return rows.Where(row => row.Holds(at)).OrderBy(row => row.Window is null ? 0 : 1).ThenBy(row => row.From).LastOrDefault()
            ?? throw NoPrice(model, at, rows);
    }

    /// <summary>The last moment, not after <paramref name="now"/>, at which a model had a price: now, or just before its last price ended.</summary>
    /// <exception cref="PriceException">As in <see cref="Find"/>, where its prices begin after now.</exception>
    public DateTimeOffset LatestMoment(string model, DateTimeOffset now, string currency)
    {
        IReadOnlyList<TokenPrice> rows = Of(model, currency);
        if (rows.Any(row => row.Holds(now)))
            return now;
        DateTimeOffset? end = rows.Where(row => row.Window is null && row.Until <= now).Max(row => row.Until);
        return end?.AddMinutes(-1) ?? throw NoPrice(model, now, rows);
    }

    /// <summary>What tokens cost at a moment, exactly.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="hitTokens">Input tokens found in the cache, 0 to <see cref="MaxTokens"/>.</param>
    /// <param name="missTokens">Other input tokens, in the same range.</param>
    /// <param name="outputTokens">Output tokens, in the same range.</param>
    /// <param name="at">The moment that counts.</param>
    /// <param name="currency">ISO 4217 code, as in USD.</param>
    /// <exception cref="PriceException">There is no such price, a number is out of range, or there are hits where nothing was cached.</exception>
    public TokenBill Bill(string model, long hitTokens, long missTokens, long outputTokens, DateTimeOffset at, string currency)
    {
        foreach (long tokens in (long[])[hitTokens, missTokens, outputTokens])
            if (tokens is < 0 or > MaxTokens)
                throw new PriceException($"{tokens} tokens cannot be billed; 0 to {MaxTokens} is allowed");
        TokenPrice price = Find(model, at, currency);
        if (price.Hit is null && hitTokens > 0)
        {
            string begins = Of(model, currency).FirstOrDefault(row => row.From > at && row.Hit is not null) is { } later ? $"; hits have a price from {Moment(later.From)}" : "";
            throw new PriceException($"{model} had no cache at {Moment(at)}, so {hitTokens} tokens cannot have hit it{begins}");
        }
        return new TokenBill(price, at, hitTokens, missTokens, outputTokens);
    }

    // Versions are names too: who asks for deepseek-r1 means deepseek-reasoner.
    string Nearest(string model)
    {
        string nearest = NearestName.Of(model, [.. Models, .. Rows.Select(row => row.Version).Distinct()]);
        return Rows.FirstOrDefault(row => row.Model == nearest) is null && Rows.First(row => row.Version == nearest) is { } row
            ? $"'{row.Model}', the name of {row.Version} from {row.From.UtcDateTime:yyyy-MM-dd}"
            : $"'{nearest}'";
    }

    static PriceException NoPrice(string model, DateTimeOffset at, IReadOnlyList<TokenPrice> rows)
    {
        TokenPrice? before = rows.Where(row => row.Window is null && row.Until <= at).MaxBy(row => row.Until), after = rows.Where(row => row.From > at).MinBy(row => row.From);
        string known = (before, after) switch
        {
            (null, { } first) => $"its first is of {Moment(first.From)}",
            ({ } last, null) => $"its last ended at {Moment(last.Until!.Value)}",
            ({ } last, { } next) => $"one ended at {Moment(last.Until!.Value)}, the next is of {Moment(next.From)}",
            _ => "its prices hold at other hours",
        };
        return new PriceException($"{model} has no price in {rows[0].Currency} at {Moment(at)}: {known}");
    }

    static string Moment(DateTimeOffset at) => FormattableString.Invariant($"{at.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
}
