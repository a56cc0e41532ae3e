// A pipeline schedule in the terminal: a line per rank, time from left to right; coloured where a person watches, letters everywhere.
using System.Globalization;
using System.Text;
using Fathom.Planning.Schedules;
using Spectre.Console;

namespace Fathom.Cli;

/// <summary>Draws schedules with characters.</summary>
static class ScheduleDisplay
{
    // Beyond this a picture fills more than a screen.
    const int MostRanks = 64;

    /// <summary>Prints the picture, as wide as the terminal, and its legend.</summary>
    public static void Show(ScheduleTimeline timeline)
    {
        if (timeline.Ranks.Count > MostRanks)
        {
            Console.Out.WriteLine($"(No picture here: {timeline.Ranks.Count} ranks are more than {MostRanks} lines; --svg draws them.)");
            return;
        }
        int gutter = $"{timeline.Ranks.Count - 1}".Length + 2, columns = Math.Max(20, Terminal.Out.Profile.Width - gutter - 1);
        // Whole columns for the shortest step, where they fit: equal steps then look equal.
        double shortest = timeline.Times.Shortest(), scale = columns / timeline.Makespan;
        if (scale * shortest >= 1)
            scale = Math.Min(6, Math.Floor(scale * shortest)) / shortest;
        for (int rank = 0; rank < timeline.Ranks.Count; rank++)
        {
            Paragraph line = new();
            line.Append($"{rank}".PadLeft(gutter - 1) + " ");
            int column = 0;
            foreach (ScheduleCell cell in ScheduleCell.Of(timeline, rank))
            {
                int start = Math.Max(column, Column(cell.Start)), end = Column(cell.End);
                line.Append(new string('.', start - column), new Style(Color.Grey));
                line.Append(Text(cell, end - start), StyleOf(cell));
                column = Math.Max(start, end);
            }
            line.Append(new string('.', Math.Max(0, Column(timeline.Makespan) - column)), new Style(Color.Grey));
            Terminal.Out.Write(line);
            Terminal.Out.WriteLine();
        }
        bool both = timeline.Schedule.StagesPerRank > 1;
        Console.Out.WriteLine($"F forward, B backward, I backward for inputs, W for weights{(timeline.Schedule.Steps[0].Any(step => step.Operation == Operation.Overlapped) ? ", F+B overlapped" : "")}, . idle; numbers are micro-batches{(both ? timeline.Schedule.Routes.Count == 2 ? "; small letters: the reverse direction" : "; small letters: a rank's second stage" : "")}.");

        // Sums of times carry rounding; a column's edge is not to jump for it.
        int Column(double time) => (int)Math.Floor(time * scale + 1e-6);
    }

    // The letter, the number where it fits, and dashes: the border of a cell is the next one's letter. An overlapped pair is joined by a plus.
    static string Text(ScheduleCell cell, int width)
    {
        if (width <= 0)
            return "";
        char letter = cell.Operation switch { Operation.Forward => 'F', Operation.Backward => 'B', Operation.InputBackward => 'I', _ => 'W' };
        StringBuilder text = new();
        text.Append(cell.Work.Direction % 2 == 0 ? letter : char.ToLowerInvariant(letter));
        string number = cell.Work.Chunk.ToString(CultureInfo.InvariantCulture);
        if (number.Length < width)
            text.Append(number);
        text.Append('-', width - text.Length);
        if (cell.IsOverlapped && cell.Operation == Operation.Forward && width > number.Length + 1)
            text[width - 1] = '+';
        return text.ToString();
    }

    static Style StyleOf(ScheduleCell cell)
    {
        bool far = cell.Work.Direction % 2 == 1;
        Color ground = cell.Operation switch
        {
            Operation.Forward => far ? Color.DarkOrange3 : Color.Gold1,
            Operation.Backward => far ? Color.Green4 : Color.LightGreen,
            Operation.InputBackward => far ? Color.DarkCyan : Color.PaleTurquoise1,
            _ => far ? Color.RoyalBlue1 : Color.SkyBlue1,
        };
        return new Style(far ? Color.White : Color.Black, ground, cell.IsOverlapped ? Decoration.Underline : Decoration.None);
    }
}
