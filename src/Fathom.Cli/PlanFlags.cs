// Options that several verbs of `plan` share: numbers of tokens with a unit, moments, the price book, explanations.
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Fathom.Planning;
using Fathom.Planning.Prices;
using Spectre.Console;

namespace Fathom.Cli;

/// <summary>Shared options of the planning verbs.</summary>
static class PlanFlags
{
    static readonly (char Unit, decimal Factor)[] s_units = [('k', 1e3m), ('M', 1e6m), ('B', 1e9m), ('T', 1e12m)];

    /// <summary>Shows where every number comes from.</summary>
    public static Option<bool> Explain { get; } = new("--explain") { Description = "Print every number with its source." };

    /// <summary>A price book of the user's.</summary>
    public static Option<string?> Prices { get; } = new("--prices") { Description = "A price book of your own, JSON as docs/prices.md describes it. Default: the published prices.", HelpName = "FILE" };

    /// <summary>A currency.</summary>
    public static Option<string> Currency { get; } = new("--currency") { Description = "Currency of the prices: USD or CNY.", HelpName = "CODE", DefaultValueFactory = _ => "USD" };

    /// <summary>The moment that chooses the prices.</summary>
    public static Option<DateTimeOffset?> At { get; } = new("--at")
    {
        Description = "The moment that chooses the prices, as in 2025-03-01T20:00Z; a date alone is its midnight in UTC. Default: now, or the last moment with a price.",
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (PriceBook.MomentOf(text) is { } at)
                return at;
            result.AddError($"--at is {text}; a moment such as 2025-03-01T20:00Z or 2025-03-01 is allowed");
            return null;
        },
    };

    /// <summary>The price book from the command line.</summary>
    public static PriceBook Book(ParseResult parsed) => parsed.GetValue(Prices) is not { } path ? PriceBook.Published
        : File.Exists(path) ? PriceBook.Read(path) : throw CommandException.Usage($"--prices is '{path}'; there is no such file.");

    /// <summary>A number of tokens: whole, with a power of ten, or with a unit, as in 608B.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="description">What the tokens are, a sentence.</param>
    public static Option<long?> Tokens(string name, string description) => new(name)
    {
        Description = $"{description} As in 1500, 1.5k, 20M, 608B or 608e9.",
        HelpName = "N",
        CustomParser = result => Parse(result, name),
    };

    /// <summary>The unit for a table of memory, in which a small model's parts are still to be seen, and its bytes.</summary>
    /// <param name="most">The largest amount in the table, bytes.</param>
    public static (string Unit, double Bytes) MemoryUnit(double most) => most < 10e9 ? ("MB", 1e6) : ("GB", 1e9);

    /// <summary>A choice among the values of an enumeration, in lower case.</summary>
    /// <param name="name">Name of the option.</param>
    /// <param name="description">What is chosen, a sentence without its full stop.</param>
    /// <param name="otherwise">The choice where nothing is given.</param>
    public static Option<T> OneOf<T>(string name, string description, T otherwise) where T : struct, Enum
    {
        string words = string.Join(", ", Enum.GetNames<T>().Select(value => value.ToLowerInvariant()));
        return new(name)
        {
            Description = $"{description}: {words}. Default: {otherwise.ToString().ToLowerInvariant()}.",
            HelpName = "NAME",
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                // Numbers parse too, and are no names.
                if (Enum.TryParse(text, ignoreCase: true, out T value) && Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase))
                    return value;
                result.AddError($"{name} is '{text}'; {words} are allowed");
                return otherwise;
            },
        };
    }

    /// <summary>A sum of money, up to a quadrillion.</summary>
    public static Option<decimal?> Money(string name, string description) => new Option<decimal?>(name) { Description = description, HelpName = "MONEY" }.Within(0, 1e15);

    /// <summary>Prints figures with their sources.</summary>
    public static void Print(IEnumerable<Figure> figures)
    {
        foreach (Figure figure in figures)
            Console.Out.WriteLine(figure);
    }

    static long? Parse(ArgumentResult result, string name)
    {
        string text = result.Tokens[0].Value;
        (char unit, decimal factor) = s_units.FirstOrDefault(pair => text.EndsWith(pair.Unit));
        if (decimal.TryParse(unit == 0 ? text : text[..^1], NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal number)
            && number <= PriceBook.MaxTokens && number * (unit == 0 ? 1 : factor) is var tokens && tokens <= PriceBook.MaxTokens && decimal.Truncate(tokens) == tokens)
            return (long)tokens;
        result.AddError($"{name} is {text}; whole tokens from 0 to 1000T are allowed, as in 1500, 20M or 608e9");
        return null;
    }
}
