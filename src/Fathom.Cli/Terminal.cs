// The two output streams: whether a person watches, and Spectre's view of them.
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Fathom.Cli;

/// <summary>Output for people and for programs.</summary>
static class Terminal
{
    // Wide enough that no table breaks a line when it goes to a file.
    const int RedirectedWidth = 200;

    /// <summary>How JSON is printed.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>The standard output, for tables.</summary>
    public static IAnsiConsole Out { get; } = Create(Console.Out, Console.IsOutputRedirected);

    /// <summary>The error stream, for progress that must not mix with JSON.</summary>
    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Whether text on the standard output may be dimmed.</summary>
    public static bool HasStyles { get; } = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>Prints an object as JSON with keys in camel case.</summary>
    public static void PrintJson(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Json));

    /// <summary>An empty table in the house's look. Where it is wider than the terminal, texts go on in a next line and numbers stay whole.</summary>
    /// <param name="columns">Headers; those that begin with '>' are of numbers, which are aligned to the right.</param>
    public static Table Table(params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string column in columns)
        {
            bool right = column.StartsWith('>');
            TableColumn made = new(new Spectre.Console.Text(right ? column[1..] : column));
            table.AddColumn(right ? made.NoWrap().RightAligned() : made.LeftAligned());
        }
        return table;
    }

    /// <summary>Adds a row of plain texts.</summary>
    public static void Add(this Table table, params string[] cells) => table.AddRow([.. cells.Select(cell => new Spectre.Console.Text(cell))]);

    /// <summary>Writes a table, fitted to the terminal (<see cref="TableFit"/>).</summary>
    public static void Write(Table table)
    {
        int width = Out.Profile.Width;
        Out.Profile.Width = TableFit.Fit(table, Out);
        Out.Write(table);
        Out.Profile.Width = width;
    }

    /// <summary>Text by the invariant culture.</summary>
    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A count with the prefix of its unit, as in 1.25 G.</summary>
    public static string Scaled(double value) => Math.Abs(value) switch
    {
        >= 1e15 => Invariant($"{value / 1e15:0.##} P"),
        >= 1e12 => Invariant($"{value / 1e12:0.##} T"),
        >= 1e9 => Invariant($"{value / 1e9:0.##} G"),
        >= 1e6 => Invariant($"{value / 1e6:0.##} M"),
        >= 1e3 => Invariant($"{value / 1e3:0.##} k"),
        _ => Invariant($"{value:0.##}"),
    };

    static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = redirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (redirected)
            console.Profile.Width = RedirectedWidth;
        return console;
    }
}
