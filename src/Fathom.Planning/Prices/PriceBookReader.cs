// Reading a price book; every failure is one InvalidDataException that names the file, the row, the key, the value and what is allowed.

using System.Globalization;
using System.Text.Json;

namespace Fathom.Planning.Prices;

/// <summary>Reads price books.</summary>
static class PriceBookReader
{
    const long MaxFileBytes = 16 << 20;
    const int MaxDecimals = 8;
    const decimal PriceBound = 100_000;

    static readonly string[] s_bookKeys = ["about", "rows"];
    static readonly string[] s_rowKeys = ["model", "version", "currency", "from", "until", "hit", "miss", "output", "window", "promotion", "source"];
    static readonly string[] s_windowKeys = ["times", "zone", "days", "holidays"];
    static readonly string[] s_days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    public static PriceBook ReadFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxFileBytes)
            throw new InvalidDataException($"{path}: found {stream.Length} bytes; at most {MaxFileBytes} are allowed");
        using StreamReader reader = new(stream);
        return Parse(reader.ReadToEnd(), path);
    }

    public static PriceBook Parse(string json, string origin)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            Node book = new(document.RootElement, origin);
            book.Only(s_bookKeys);
            JsonElement rows = document.RootElement.TryGetProperty("rows", out JsonElement value) ? value : default;
            if (rows.ValueKind != JsonValueKind.Array || rows.GetArrayLength() == 0)
                throw book.Error("rows", "a list of at least one price");
            TokenPrice[] prices = [.. rows.EnumerateArray().Select((row, index) => Row(new Node(row, $"{origin}: row {index + 1}")))];
            for (int i = 0; i < prices.Length; i++)
                if (Array.FindIndex(prices, 0, i, other => Clash(other, prices[i])) is var j and >= 0)
                    throw new InvalidDataException($"{origin}: rows {j + 1} and {i + 1} both begin at {prices[i].From:yyyy-MM-dd HH:mm zzz} for {prices[i].Model} in {prices[i].Currency}; one price at a time is allowed");
            return new PriceBook(prices);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{origin}: line {error.LineNumber + 1} is no JSON; a price book is {{\"rows\": [...]}}", error);
        }
    }

    // Two rows of a kind that begin together leave open which one holds. Rows with different hours may overlap only at the reader's risk.
    static bool Clash(TokenPrice a, TokenPrice b) => a.Model == b.Model && a.Currency == b.Currency && a.From == b.From && a.Window?.ToString() == b.Window?.ToString();

    static TokenPrice Row(Node row)
    {
        row.Only(s_rowKeys);
        string currency = row.Text("currency");
        if (currency.Length != 3 || currency.Any(letter => letter is < 'A' or > 'Z'))
            throw row.Error("currency", "three capitals of ISO 4217, as in USD");
        DateTimeOffset from = row.Moment("from") ?? throw row.Error("from", "a moment such as 2025-03-01T20:00Z");
        DateTimeOffset? until = row.Moment("until");
        if (until <= from)
            throw row.Error("until", "a moment after 'from'");
        return new TokenPrice(
            row.Text("model"), row.Text("version"), currency, from, until,
            row.Price("hit"), row.Price("miss") ?? throw row.Error("miss", "a number"), row.Price("output") ?? throw row.Error("output", "a number"),
            row.Find("window") is { } window ? Window(row.Inside("window", window)) : null, row.Find("promotion") is null ? null : row.Text("promotion"), row.Text("source"));
    }

    static PriceWindow Window(Node window)
    {
        window.Only(s_windowKeys);
        DayHours[] hours = window.List<DayHours>("times", text => text.Split('-') is [var start, var end] && Time(start) is { } from && Time(end) is { } to ? new DayHours(from, to) : null, "times such as 16:30-00:30");
        if (hours.Length == 0)
            throw window.Error("times", "at least one time such as 16:30-00:30");
        DayOfWeek[] days = window.List<DayOfWeek>("days", text => Array.IndexOf(s_days, text) is var day and >= 0 ? (DayOfWeek?)day : null, $"days of {string.Join(", ", s_days)}");
        DateOnly[] holidays = window.List<DateOnly>("holidays", text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day : (DateOnly?)null, "dates such as 2026-10-01");
        return new PriceWindow(hours, Zone(window.Text("zone")) ?? throw window.Error("zone", "UTC, an offset such as UTC+08:00, or a name of the time zone database such as Asia/Shanghai"), days, holidays);
    }

    static TimeOnly? Time(string text) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out TimeOnly time) ? time : null;

    // Offsets need no time zone database, which small systems lack.
    static TimeZoneInfo? Zone(string text)
    {
        if (text == "UTC")
            return TimeZoneInfo.Utc;
        if (text.Length == 9 && text.StartsWith("UTC", StringComparison.Ordinal) && text[3] is '+' or '-'
            && TimeSpan.TryParseExact(text[4..], "hh\\:mm", CultureInfo.InvariantCulture, out TimeSpan offset) && offset <= TimeSpan.FromHours(14))
            return TimeZoneInfo.CreateCustomTimeZone(text, text[3] == '-' ? -offset : offset, text, text);
        return !text.StartsWith("UTC", StringComparison.Ordinal) && TimeZoneInfo.TryFindSystemTimeZoneById(text, out TimeZoneInfo? zone) ? zone : null;
    }

    /// <summary>An object of the file with typed access to its keys.</summary>
    readonly struct Node
    {
        readonly JsonElement _element;
        readonly string _place;

        public Node(JsonElement element, string place)
        {
            if (element.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"{place}: found {Short(element)}; an object is allowed");
            (_element, _place) = (element, place);
        }

        public Node Inside(string key, JsonElement value) => new(value, $"{_place}, {key}");

        public JsonElement? Find(string key) => _element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

        public void Only(string[] keys)
        {
            foreach (JsonProperty property in _element.EnumerateObject())
                if (!keys.Contains(property.Name))
                    throw new InvalidDataException($"{_place}: there is no key '{property.Name}'; keys are {string.Join(", ", keys)}");
        }

        public string Text(string key) => Find(key) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text ? text : throw Error(key, "a text");

        public DateTimeOffset? Moment(string key) => Find(key) is null ? null : PriceBook.MomentOf(Text(key)) ?? throw Error(key, "a moment such as 2025-03-01T20:00Z");

        public decimal? Price(string key) => Find(key) switch
        {
            null => null,
            { ValueKind: JsonValueKind.Number } value when value.TryGetDecimal(out decimal price) && price is >= 0 and < PriceBound && decimal.Round(price, MaxDecimals) == price => price,
            _ => throw Error(key, $"a price per million tokens of 0 to below {PriceBound} with at most {MaxDecimals} decimals"),
        };

        public T[] List<T>(string key, Func<string, T?> read, string allowed) where T : struct
        {
            if (Find(key) is not { } list)
                return [];
            if (list.ValueKind != JsonValueKind.Array)
                throw Error(key, $"a list of {allowed}");
            List<T> values = [];
            foreach (JsonElement item in list.EnumerateArray())
                values.Add(item.ValueKind == JsonValueKind.String && read(item.GetString()!) is { } value ? value : throw Error(key, allowed));
            return [.. values];
        }

        public InvalidDataException Error(string key, string allowed) =>
            new($"{_place}: '{key}' is {(_element.TryGetProperty(key, out JsonElement value) ? Short(value) : "missing")}; {allowed} is allowed");

        static string Short(JsonElement value) => value.GetRawText() is { Length: > 60 } text ? text[..60] + "..." : value.GetRawText();
    }
}
