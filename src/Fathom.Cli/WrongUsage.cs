// What is said when a command line cannot be parsed: one line with the nearest right word, and where the help is.
using System.CommandLine;
using System.CommandLine.Parsing;
using Fathom.Models.Configs;

namespace Fathom.Cli;

/// <summary>Reports parse errors.</summary>
static class WrongUsage
{
    // What .NET calls the types of options, and what people do.
    static readonly (string Type, string Word)[] s_types =
    [
        ("System.Int32", "a whole number"), ("System.Int64", "a whole number"), ("System.UInt64", "a whole number of at least 0"),
        ("System.Single", "a number"), ("System.Double", "a number"), ("System.Decimal", "a number"),
        ("System.Nullable`1[System.Decimal]", "a number"), ("System.Nullable`1[System.Double]", "a number"),
        ("System.Nullable`1[System.Int32]", "a whole number"), ("System.Nullable`1[System.Int64]", "a whole number"),
    ];

    /// <summary>Writes the first error and returns the exit code.</summary>
    public static int Report(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string path = PathOf(parsed.CommandResult);
        Console.Error.WriteLine($"fathom: {Describe(parsed, command)} See '{path} --help'.");
        return Endings.WrongUsage;
    }

    /// <summary>An unknown option that was taken for an argument, or nothing: whoever means a text that begins with two dashes writes -- before it.</summary>
    public static string? UnknownOption(ParseResult parsed) => parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
        ? null
        : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).FirstOrDefault(value => value.StartsWith("--", StringComparison.Ordinal));

    static string Describe(ParseResult parsed, Command command)
    {
        if (UnknownOption(parsed) is { } option)
            return $"there is no option '{option}'; {Nearest(option, OptionsOf(parsed))}";
        if (parsed.UnmatchedTokens.Count > 0)
        {
            string given = parsed.UnmatchedTokens[0];
            return given.StartsWith('-')
                ? $"there is no option '{given}'; {Nearest(given, OptionsOf(parsed))}"
                : command.Subcommands.Count > 0
                    ? $"there is no command '{given}'; {Nearest(given, command.Subcommands.Select(c => c.Name))}"
                    : $"'{given}' is one argument too many.";
        }
        string message = parsed.Errors[0].Message.TrimEnd('.');
        foreach ((string type, string word) in s_types)
            message = message.Replace($"as expected type '{type}'", $"as {word}", StringComparison.Ordinal);
        // Choices come on a line each.
        string[] lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 1 ? message + "." : $"{lines[0]} {string.Join(", ", lines[1..])}.";
    }

    static string Nearest(string given, IEnumerable<string> known) => $"did you mean '{NearestName.Of(given, known)}'?";

    static IEnumerable<string> OptionsOf(ParseResult parsed)
    {
        List<string> names = [];
        for (SymbolResult? at = parsed.CommandResult; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command: var command })
                names.AddRange(command.Options.Where(o => at == parsed.CommandResult || o.Recursive).Select(o => o.Name));
        }
        return names;
    }

    static string PathOf(CommandResult result)
    {
        List<string> names = [];
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult { Command: var command })
                names.Add(command is RootCommand ? "fathom" : command.Name);
        }
        names.Reverse();
        return string.Join(' ', names);
    }
}
