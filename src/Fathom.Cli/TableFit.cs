// Tables on terminals that are narrower than they are.
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fathom.Cli;

/// <summary>
/// Gives the columns of a table widths in which no number and no word is broken. Left alone, Spectre shares a lack of room among all columns until
/// some are one letter wide, or gone.
/// </summary>
static class TableFit
{
    /// <summary>Fits a table to a console: texts go on in a next line, and where that is not enough, the gaps between columns shrink.</summary>
    /// <returns>The width to write it with: the console's, or where even that is too narrow, what the table needs. The terminal then breaks
    /// its lines.</returns>
    public static int Fit(Table table, IAnsiConsole console)
    {
        RenderOptions options = RenderOptions.Create(console, console.Profile.Capabilities);
        Measurement[] cells = [.. table.Columns.Select((column, index) => Measure(column, table.Rows.Select(row => row.ElementAt(index)), options))];
        int Gaps() => ((IRenderable)table).Measure(options, int.MaxValue).Max - cells.Sum(cell => cell.Max);
        int width = console.Profile.Width, gaps = Gaps();
        if (gaps + cells.Sum(cell => cell.Max) <= width)
            return width;
        int least = cells.Sum(cell => cell.Min);
        if (gaps + least > width)
        {
            foreach (TableColumn column in table.Columns)
                column.Padding = new Padding(0, 0, 1, 0);
            gaps = Gaps();
        }
        // Each column gets its least, and of what is left as much as it lacks beside the others.
        int left = Math.Max(0, width - gaps - least), lacking = Math.Max(1, cells.Sum(cell => cell.Max - cell.Min));
        for (int i = 0; i < cells.Length; i++)
        {
            table.Columns[i].NoWrap = false;
            table.Columns[i].Width = cells[i].Min + (int)((long)left * (cells[i].Max - cells[i].Min) / lacking);
        }
        return Math.Max(width, gaps + least);
    }

    // What a column needs at least and at most: of numbers only the header may go on in a next line.
    static Measurement Measure(TableColumn column, IEnumerable<IRenderable> cells, RenderOptions options)
    {
        Measurement header = column.Header.Measure(options, int.MaxValue);
        Measurement[] all = [.. cells.Select(cell => cell.Measure(options, int.MaxValue)), header];
        int least = column.NoWrap ? all[..^1].Select(cell => cell.Max).Append(header.Min).Max() : all.Max(cell => cell.Min);
        return new Measurement(least, all.Max(cell => cell.Max));
    }
}
