// `fathom plan price`: what tokens cost at a moment, or a model's prices over time.
using System.CommandLine;
using System.Globalization;
using Fathom.Planning.Prices;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>plan price</c>.</summary>
static class PlanPriceVerb
{
    static readonly Option<string?> s_model = new("--model") { Description = $"Name in the API: {string.Join(", ", PriceBook.Published.Models)}. Default, where nothing is billed: all.", HelpName = "NAME" };

    static readonly Option<long?> s_input = PlanFlags.Tokens("--input", "Input tokens, hits included.");

    static readonly Option<long?> s_hit = PlanFlags.Tokens("--hit", "Those of them that the cache has.");

    static readonly Option<long?> s_output = PlanFlags.Tokens("--output", "Output tokens, reasoning included.");

    static readonly Option<decimal?> s_granted = new("--granted") { Description = "Granted balance, which pays first.", HelpName = "MONEY" };

    static readonly Option<decimal?> s_toppedUp = new("--topped-up") { Description = "Balance that was paid in.", HelpName = "MONEY" };

    public static Verb Create() => new Verb(
        "price", "What tokens cost by model, class, moment and currency, exactly; without tokens the prices over time.",
        "plan price --model deepseek-reasoner --input 608B --hit 342B --output 168B --at 2025-02-27T12:00Z",
        "plan price --model deepseek-chat --input 20k --output 2k --at 2025-03-01T20:00Z --currency CNY --explain",
        "plan price --model deepseek-reasoner")
    {
        s_model, s_input, s_hit, s_output, PlanFlags.At, PlanFlags.Currency, s_granted, s_toppedUp, PlanFlags.Prices, PlanFlags.Explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        PriceBook book = PlanFlags.Book(parsed);
        string? model = parsed.GetValue(s_model);
        if (parsed.GetValue(s_input) is null && parsed.GetValue(s_output) is null && parsed.GetValue(s_hit) is null)
            return PrintTable(parsed, book, model);
        if (model is null)
            throw CommandException.Usage($"--model is missing; one of {string.Join(", ", book.Models)} is allowed.");
        long input = parsed.GetValue(s_input) ?? parsed.GetValue(s_hit) ?? 0, hit = parsed.GetValue(s_hit) ?? 0;
        if (hit > input)
            throw CommandException.Usage($"--hit is {hit} and --input {input}; hits are part of the input, so 0 to {input} are allowed.");
        string currency = parsed.GetValue(PlanFlags.Currency)!;
        DateTimeOffset now = DateTimeOffset.UtcNow, at = parsed.GetValue(PlanFlags.At) ?? book.LatestMoment(model, now, currency);
        TokenBill bill = book.Bill(model, hit, input - hit, parsed.GetValue(s_output) ?? 0, at, currency);
        Balance? before = parsed.GetValue(s_granted) is not null || parsed.GetValue(s_toppedUp) is not null ? new(Money(parsed, s_granted), Money(parsed, s_toppedUp)) : null;
        Balance? after = before?.After(bill.Total);
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new
            {
                bill.Price.Model,
                bill.Price.Version,
                At = Moment(at),
                bill.Price.Currency,
                Tokens = new { bill.HitTokens, bill.MissTokens, bill.OutputTokens },
                Amounts = new { bill.Hit, bill.Miss, bill.Output },
                bill.Total,
                Price = Row(bill.Price),
                Balance = after,
                Explain = parsed.GetValue(PlanFlags.Explain) ? bill.Figures : null,
            });
            return Endings.Fine;
        }
        Table table = Terminal.Table("class", ">tokens", $">{bill.Price.Currency} per million", $">{bill.Price.Currency}");
        table.Add("hit", Count(bill.HitTokens), Text(bill.Price.Hit), Text(bill.Hit));
        table.Add("miss", Count(bill.MissTokens), Text(bill.Price.Miss), Text(bill.Miss));
        table.Add("output", Count(bill.OutputTokens), Text(bill.Price.Output), Text(bill.Output));
        table.Add("total", Count(checked(bill.HitTokens + bill.MissTokens + bill.OutputTokens)), "", Text(bill.Total));
        Terminal.Write(table);
        string late = parsed.GetValue(PlanFlags.At) is null && at < now.AddMinutes(-1) ? ", the last moment with a price" : "";
        Console.Out.WriteLine($"{bill.Price.Model} ({bill.Price.Version}) at {Moment(at)}{late}{(bill.Price.Promotion is { } promotion ? ", " + promotion : "")}.");
        if (after is { } left)
            Console.Out.WriteLine($"Left: {Text(left.Granted)} granted, {Text(left.ToppedUp)} topped up.");
        if (parsed.GetValue(PlanFlags.Explain))
            PlanFlags.Print(bill.Figures);
        return Endings.Fine;
    }

    static int PrintTable(ParseResult parsed, PriceBook book, string? model)
    {
        string? currency = parsed.GetResult(PlanFlags.Currency) is { Implicit: false } ? parsed.GetValue(PlanFlags.Currency) : null;
        // One model is asked for by name, so what it lacks is an error; of all models those with such a price are shown.
        TokenPrice[] rows = model is not null ? [.. book.Of(model, currency)]
            : [.. book.Models.SelectMany(name => book.Of(name)).Where(row => currency is null || row.Currency.Equals(currency, StringComparison.OrdinalIgnoreCase))];
        if (rows.Length == 0)
            throw new PriceException($"there are no prices in '{currency}', only in {string.Join(" and ", book.Rows.Select(row => row.Currency).Distinct())}");
        if (parsed.GetValue(PlanFlags.At) is { } at)
        {
            DateTimeOffset first = rows.Min(row => row.From);
            rows = [.. rows.Where(row => row.Holds(at)).GroupBy(row => (row.Model, row.Currency)).Select(group => book.Find(group.Key.Model, at, group.Key.Currency))];
            if (rows.Length == 0)
                throw new PriceException($"there are no prices{(model is null ? "" : $" of {model}")} at {Moment(at)}; the first is of {Moment(first)}");
        }
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(rows.Select(Row));
            return Endings.Fine;
        }
        Table table = Terminal.Table("model", "version", "from (UTC)", "until", "hours", "currency", ">hit", ">miss", ">output", "promotion");
        foreach (TokenPrice row in rows)
        {
            table.Add(
                row.Model, row.Version, Moment(row.From), row.Until is { } until ? Moment(until) : "", row.Window?.ToString() ?? "", row.Currency,
                Text(row.Hit), Text(row.Miss), Text(row.Output), row.Promotion ?? "");
        }
        Terminal.Write(table);
        Console.Out.WriteLine("Per million tokens.");
        if (parsed.GetValue(PlanFlags.Explain))
        {
            foreach (TokenPrice row in rows)
                Console.Out.WriteLine($"{row.Model} {row.Currency} from {Moment(row.From)}: {row.Source}");
        }
        return Endings.Fine;
    }

    static object Row(TokenPrice row) => new
    {
        row.Model,
        row.Version,
        row.Currency,
        From = Moment(row.From),
        Until = row.Until is { } until ? Moment(until) : null,
        row.Hit,
        row.Miss,
        row.Output,
        Window = row.Window?.ToString(),
        row.Promotion,
        row.Source,
    };

    static decimal Money(ParseResult parsed, Option<decimal?> option) => parsed.GetValue(option) is not { } money ? 0
        : money >= 0 ? money : throw CommandException.Usage($"{option.Name} is {Text(money)}; 0 or more is allowed.");

    static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    public static string Text(decimal? money) => money?.ToString("#,0.00##########", CultureInfo.InvariantCulture) ?? "-";

    static string Count(long tokens) => tokens.ToString("N0", CultureInfo.InvariantCulture);
}
