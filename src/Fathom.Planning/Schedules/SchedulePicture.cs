// Schedules as a picture: one self-contained SVG, ranks from top to bottom, time from left to right, all schedules on one scale.

using System.Globalization;
using System.Text;

namespace Fathom.Planning.Schedules;

/// <summary>Draws schedules.</summary>
public static class SchedulePicture
{
    // Pixels.
    const int Gutter = 76, Row = 22, Width = 1600, Margin = 12, TitleHeight = 26, LegendHeight = 40;

    // A label needs about this much per digit.
    const double Digit = 8;

    // More cells are neither seen nor shown by a browser.
    const int MostCells = 100_000;

    static readonly (Operation Operation, string Colour, string Dark, string Label)[] s_colours =
    [
        (Operation.Forward, "#ffc233", "#e08e0b", "Forward"),
        (Operation.Backward, "#8ed081", "#3f9b52", "Backward"),
        (Operation.InputBackward, "#7fd6d6", "#2b9c9c", "Backward for input"),
        (Operation.WeightGradient, "#7fa8e8", "#3f6fc4", "Backward for weights"),
    ];

    // Over the attributes: for the dark, and for pages whose style sheets would go before them.
    const string Css = """
        .schedule text { font: 13px Helvetica, Arial, sans-serif; fill: #1b2330; } .schedule .caption { font-size: 15px; font-weight: bold; } .schedule .far { fill: #fff; }
        @media (prefers-color-scheme: dark) { .schedule text { fill: #e4e9f1; } .schedule .ground { fill: #1a2029; } .schedule .idle { fill: #333d4c; stroke: #1a2029; } .schedule .near { fill: #10151c; } .schedule .far { fill: #fff; } .schedule .pair { stroke: #e4e9f1; } }
        """;

    /// <summary>An SVG document of some schedules.</summary>
    /// <param name="timelines">At least one; with at most 100,000 steps together.</param>
    /// <exception cref="ScheduleException">There are too many steps for a picture.</exception>
    public static string Svg(IReadOnlyList<ScheduleTimeline> timelines)
    {
        long steps = timelines.Sum(timeline => timeline.Ranks.Sum(rank => (long)rank.Steps.Count));
        if (steps > MostCells)
            throw new ScheduleException($"a picture of {steps} steps could not be seen; at most {MostCells} are drawn: take fewer ranks or micro-batches.");
        double scale = (Width - Gutter - 2 * Margin) / timelines.Max(timeline => timeline.Makespan);
        int height = 2 * Margin + LegendHeight + timelines.Sum(timeline => TitleHeight + Row * timeline.Ranks.Count + Margin);

        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" height=\"{height}\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" class=\"schedule\" role=\"img\" aria-label=\"pipeline schedules\">\n<style>\n{Css}\n</style>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"ground\" width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>\n");
        int y = Margin;
        foreach (ScheduleTimeline timeline in timelines)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text class=\"caption\" x=\"{Margin}\" y=\"{y + 16}\" font-size=\"15\" font-weight=\"bold\">{Caption(timeline)}</text>\n");
            y += TitleHeight;
            for (int rank = 0; rank < timeline.Ranks.Count; rank++)
            {
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Margin}\" y=\"{y + 15}\">Device {rank}</text>\n");
                DrawRank(svg, timeline, rank, y, scale);
                y += Row;
            }
            y += Margin;
        }
        DrawLegend(svg, y, timelines);
        return svg.Append("</svg>\n").ToString();
    }

    static string Caption(ScheduleTimeline timeline) => string.Create(
        CultureInfo.InvariantCulture,
        $"{timeline.Schedule.Kind.Title}: {timeline.Schedule.Ranks} ranks, {timeline.Schedule.MicroBatches} micro-batches; bubble {timeline.Bubble:0.###} of {timeline.Makespan:0.###}, utilisation {timeline.Utilisation:0.0%}, at most {timeline.PeakActivations} activations per rank, of 1/{timeline.Schedule.Stages} of the model each");

    static void DrawRank(StringBuilder svg, ScheduleTimeline timeline, int rank, int y, double scale)
    {
        // The idle ground first, then the cells, then the frames of overlapped pairs above them.
        double left = Gutter + Margin;
        svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"idle\" x=\"{left:0.##}\" y=\"{y}\" width=\"{timeline.Makespan * scale:0.##}\" height=\"{Row}\" fill=\"#eee\" stroke=\"#fff\"/>\n");
        StringBuilder frames = new();
        double pairStart = 0;
        foreach (ScheduleCell cell in ScheduleCell.Of(timeline, rank))
        {
            double x = left + cell.Start * scale, width = (cell.End - cell.Start) * scale;
            (_, string colour, string dark, string label) = s_colours.First(entry => entry.Operation == cell.Operation);
            bool far = cell.Work.Direction % 2 == 1;
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"{y}\" width=\"{width:0.##}\" height=\"{Row}\" fill=\"{(far ? dark : colour)}\" stroke=\"#fff\" stroke-width=\"0.7\">");
            svg.Append(CultureInfo.InvariantCulture, $"<title>rank {rank}: {label} of micro-batch {cell.Work.Chunk}, {Place(timeline, cell.Work.Direction)}, {cell.Start:0.###} to {cell.End:0.###}{(cell.IsOverlapped ? ", overlapped" : "")}</title></rect>\n");
            string number = cell.Work.Chunk.ToString(CultureInfo.InvariantCulture);
            if (number.Length * Digit <= width)
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + width / 2:0.##}\" y=\"{y + 15}\" text-anchor=\"middle\"{(far ? " class=\"far\" fill=\"#fff\"" : " class=\"near\"")} pointer-events=\"none\">{number}</text>\n");
            if (cell.IsOverlapped && cell.Operation == Operation.Forward)
                pairStart = x;
            else if (cell.IsOverlapped)
                frames.Append(CultureInfo.InvariantCulture, $"<rect x=\"{pairStart:0.##}\" y=\"{y + 0.75}\" width=\"{x + width - pairStart:0.##}\" height=\"{Row - 1.5}\" class=\"pair\" fill=\"none\" stroke=\"#000\" stroke-width=\"1.5\" pointer-events=\"none\"/>\n");
        }
        svg.Append(frames);
    }

    static void DrawLegend(StringBuilder svg, int y, IReadOnlyList<ScheduleTimeline> timelines)
    {
        int x = Gutter + Margin;
        void Entry(string fill, string? dark, string label, bool framed)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"{(dark is null ? 28 : 14)}\" height=\"16\" fill=\"{fill}\"/>");
            if (dark is not null)
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x + 14}\" y=\"{y}\" width=\"14\" height=\"16\" fill=\"{dark}\"/>");
            if (framed)
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x}\" y=\"{y}\" width=\"28\" height=\"16\" class=\"pair\" fill=\"none\" stroke=\"#000\" stroke-width=\"1.5\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 34}\" y=\"{y + 12}\">{label}</text>\n");
            x += 60 + (int)(label.Length * 7.2);
        }
        HashSet<Operation> used = [.. timelines.SelectMany(timeline => timeline.Schedule.Steps).SelectMany(steps => steps).Select(step => step.Operation)];
        foreach ((Operation operation, string colour, _, string label) in s_colours)
        {
            if (used.Contains(operation) || used.Contains(Operation.Overlapped) && operation is Operation.Forward or Operation.Backward)
                Entry(colour, null, label, false);
        }
        if (used.Contains(Operation.Overlapped))
            Entry(s_colours[0].Colour, s_colours[1].Colour, "Overlapped forward and backward", true);
        if (timelines.Any(timeline => timeline.Schedule.StagesPerRank > 1))
            Entry(s_colours[0].Dark, s_colours[1].Dark, timelines.All(timeline => timeline.Schedule.Routes.Count == 2) ? "Reverse direction" : "A rank's other stage, or the reverse direction", false);
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Width - Margin}\" y=\"{y + 12}\" text-anchor=\"end\">time &#8594;</text>\n");
    }

    static string Place(ScheduleTimeline timeline, int direction) =>
        timeline.Schedule.Routes.Count == 2 ? (direction == 0 ? "forward direction" : "reverse direction") : $"stage {direction} of the rank";
}
