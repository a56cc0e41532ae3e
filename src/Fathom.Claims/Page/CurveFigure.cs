// Curves of what was measured: one chart for each pair of axes, lines told apart by dashes and marks as well as by colour.

using System.Globalization;

namespace Fathom.Claims.Page;

/// <summary>Draws measured curves.</summary>
static class CurveFigure
{
    const double Width = 420, Left = 54, Right = 12, Top = 24, PlotHeight = 190, LegendLine = 17;

    // Marks on a line; more would run together.
    const int MostMarks = 9;

    // An axis whose values span more than this ratio is logarithmic.
    const double WideRange = 50;

    static readonly string[] s_dashes = ["none", "8 4", "2 3", "9 3 2 3", "14 4", "4 2 1 2"];

    /// <summary>The charts of a measurement, or nothing where it has no curves.</summary>
    public static Markup Draw(Measurement measurement)
    {
        var groups = measurement.Series.Where(series => series.Points.Count > 0).GroupBy(series => (series.X, series.Y)).ToArray();
        string seeds = measurement.Seeds.Count > 1 ? $", mean of {measurement.Seeds.Count} seeds" : "";
        return groups.Length == 0 ? Markup.Empty : Markup.Of($"<div class=\"charts curves\">{Markup.Each(groups, group => Chart(group.Key.X, group.Key.Y, seeds, [.. group]))}</div>");
    }

    static Markup Chart(string across, string up, string seeds, MeasuredSeries[] lines)
    {
        double[] xs = [.. lines.SelectMany(line => line.Points).Select(point => point[0])], ys = [.. lines.SelectMany(line => line.Points).Select(point => point[1])];
        double bottom = Top + PlotHeight, legend = bottom + 50, height = legend + LegendLine * (lines.Length - 1) + 8;
        Scale x = Scale.Over(xs, Left, Width - Right, xs.Min() > 0 && xs.Max() / xs.Min() > WideRange), y = Scale.Over(ys, bottom, Top, false);
        // Steps fill the width: an axis across ends where the values do.
        x = x with { Low = xs.Min(), High = xs.Max() > xs.Min() ? xs.Max() : x.High };
        Markup svg = Markup.Of($"<text class=\"strong\" x=\"0\" y=\"11\">{up}{seeds}</text>");
        foreach (double tick in y.Ticks(5))
            svg.Add($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y.At(tick):0.#}\" y2=\"{y.At(tick):0.#}\"/><text class=\"tick y\" x=\"{Left - 7}\" y=\"{y.At(tick) + 3.5:0.#}\">{Tick(tick)}</text>");
        foreach (double tick in x.Ticks(5))
            svg.Add($"<line class=\"axis\" x1=\"{x.At(tick):0.#}\" x2=\"{x.At(tick):0.#}\" y1=\"{bottom}\" y2=\"{bottom + 4}\"/><text class=\"tick x\" x=\"{x.At(tick):0.#}\" y=\"{bottom + 17}\">{(x is { IsLogarithmic: true, High: >= 1e6 } ? Power(tick) : Tick(tick))}</text>");
        svg.Add($"<line class=\"axis\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{bottom}\" y2=\"{bottom}\"/><text class=\"middle\" x=\"{(Left + Width - Right) / 2}\" y=\"{bottom + 32}\">{across}{(x.IsLogarithmic ? " (logarithmic)" : "")}</text>");
        foreach ((int i, MeasuredSeries line) in lines.Index())
        {
            string colour = $"var(--c{i % 12 + 1})", dash = s_dashes[i % s_dashes.Length];
            string points = string.Join(' ', line.Points.Select(point => FormattableString.Invariant($"{x.At(point[0]):0.#},{y.At(point[1]):0.#}")));
            svg.Add($"<polyline class=\"line\" stroke=\"{colour}\" stroke-dasharray=\"{dash}\" points=\"{points}\"><title>{line.Name}</title></polyline>");
            int stride = (line.Points.Count + MostMarks - 1) / MostMarks;
            for (int p = (line.Points.Count - 1) % stride; p < line.Points.Count; p += stride)
                svg.Add($"{Mark(i, x.At(line.Points[p][0]), y.At(line.Points[p][1]), colour, $"{line.Name}, {across} {Quantity.Number(line.Points[p][0])}: {Quantity.Number(line.Points[p][1])}")}");
            double at = legend + i * LegendLine;
            svg.Add($"<line class=\"line\" x1=\"{Left}\" x2=\"{Left + 34}\" y1=\"{at}\" y2=\"{at}\" stroke=\"{colour}\" stroke-dasharray=\"{dash}\"/>{Mark(i, Left + 17, at, colour, line.Name)}<text class=\"ink\" x=\"{Left + 42}\" y=\"{at + 4}\">{line.Name}: {Quantity.Number(line.Points[^1][1])} at the end</text>");
        }
        return Plate.Picture(Width, height, $"{up} over {across}", svg);
    }

    // Round, square, upright, upside down, on its edge.
    static Markup Mark(int line, double x, double y, string colour, string title)
    {
        Markup shape = (line % 5) switch
        {
            0 => Markup.Of($"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"3\" fill=\"{colour}\">"),
            1 => Path($"M{x - 3:0.#},{y - 3:0.#}h6v6h-6Z"),
            2 => Path($"M{x:0.#},{y - 4:0.#}l4,7h-8Z"),
            3 => Path($"M{x:0.#},{y + 4:0.#}l4,-7h-8Z"),
            _ => Path($"M{x:0.#},{y - 4:0.#}l4,4l-4,4l-4,-4Z"),
        };
        return shape.Add($"<title>{title}</title></{(line % 5 == 0 ? Markup.Made("circle") : Markup.Made("path"))}>");

        Markup Path(FormattableString d) => Markup.Of($"<path d=\"{FormattableString.Invariant(d)}\" fill=\"{colour}\">");
    }

    static string Power(double value) => value.ToString("0.##e0", CultureInfo.InvariantCulture);

    static string Tick(double value) => Math.Abs(value) >= 1e4 ? Quantity.Multiple(value) : Quantity.Number(value);
}
