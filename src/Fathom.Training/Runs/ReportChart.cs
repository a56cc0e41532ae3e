// One chart of the report as SVG: lines coloured by the kind of stage, bands and names for stages, values under the pointer by CSS alone.

using System.Globalization;
using System.Net;
using System.Text;
using static System.FormattableString;

namespace Fathom.Training.Runs;

/// <summary>What a chart shows.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Note">What the number is and which way is good.</param>
/// <param name="Metric">One of <see cref="MetricNames"/>.</param>
/// <param name="Kinds">The kinds of stages whose points it shows.</param>
/// <param name="IsShare">Whether values are shares of 1, shown as percent from 0 to 100.</param>
/// <param name="IsLogarithmic">Whether the vertical axis is logarithmic.</param>
/// <param name="Bound">A line that the values should stay below, or null.</param>
/// <param name="IsWide">Whether it takes the room of two.</param>
sealed record ReportChart(
    string Title, string Note, string Metric, string[] Kinds, bool IsShare = false, bool IsLogarithmic = false, double? Bound = null, bool IsWide = false)
{
    // Units of the picture, about a pixel each where three charts stand in a row.
    const double Height = 208, Left = 46, Right = 12, Top = 26, Bottom = 24;
    const double PlotHeight = Height - Top - Bottom;

    double Width => IsWide ? 850 : 400;

    double PlotWidth => Width - Left - Right;

    /// <summary>Most points drawn per line, and most columns that answer to the pointer.</summary>
    const int MostPoints = 400, MostColumns = 120;

    /// <summary>The chart with its heading, or an empty text where there is nothing to show.</summary>
    internal string Render(ReportData data)
    {
        List<ReportPoint> points = [.. data.Series.GetValueOrDefault(Metric, []).Where(point => Kinds.Contains(point.Kind) && IsDrawable(point.Value))];
        if (points.Count == 0)
            return "";
        Dictionary<(string, long), double> errors = [];
        if (Metric == MetricNames.PassAt1)
        {
            foreach (ReportPoint error in data.Series.GetValueOrDefault(MetricNames.StandardError, []))
                errors[(error.Stage, error.Step)] = error.Value;
        }

        long firstStep = points.Min(point => point.Step), lastStep = points.Max(point => point.Step);
        (double low, double high, List<double> ticks) = VerticalAxis(points);
        double X(double step) => Left + (lastStep == firstStep ? 0.5 : (step - firstStep) / (lastStep - firstStep)) * PlotWidth;
        double Y(double value)
        {
            double share = IsLogarithmic ? (Math.Log10(value) - Math.Log10(low)) / (Math.Log10(high) - Math.Log10(low)) : (value - low) / (high - low);
            return Top + (1 - Math.Clamp(share, 0, 1)) * PlotHeight;
        }

        StringBuilder svg = new();
        string last = Show(points[^1].Value);
        svg.Append(Invariant($"<figure{(IsWide ? " class=\"wide\"" : "")}><figcaption><h3>{Html(Title)} <b>{last}</b></h3><p>{Html(Note)}</p></figcaption>"));
        svg.Append(Invariant($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html(Title)}, at the end {last}\">"));

        // Stages: a band each, every second one shaded.
        List<IGrouping<string, ReportPoint>> stages = [.. points.GroupBy(point => point.Stage)];
        double labelEnd = double.NegativeInfinity;
        for (int i = 0; i < stages.Count; i++)
        {
            double from = X(stages[i].First().Step), to = X(stages[i].Last().Step);
            if (i % 2 == 1 && to > from)
                svg.Append(Invariant($"<rect class=\"band\" x=\"{from:0.#}\" y=\"{Top}\" width=\"{to - from:0.#}\" height=\"{PlotHeight}\"/>"));
            // About 6 units a letter; a name that would run into the one before is left to the pointer.
            string name = stages[i].Key;
            double length = name.Length * 6.2, start = Math.Clamp((from + to) / 2 - length / 2, Left, Width - Right - length);
            if (start <= labelEnd + 8)
                continue;
            labelEnd = start + length;
            svg.Append(Invariant($"<text class=\"stage {Html(stages[i].First().Kind)}\" x=\"{start + length / 2:0.#}\" y=\"{Top - 9}\">{Html(name)}</text>"));
        }
        foreach (double tick in ticks)
        {
            svg.Append(Invariant($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(tick):0.#}\" y2=\"{Y(tick):0.#}\"/>"));
            svg.Append(Invariant($"<text class=\"tick y\" x=\"{Left - 7}\" y=\"{Y(tick) + 3.5:0.#}\">{Show(tick)}</text>"));
        }
        foreach (double tick in NiceTicks(firstStep, lastStep, 6).Where(tick => tick >= firstStep && tick <= lastStep && tick % 1 == 0))
            svg.Append(Invariant($"<text class=\"tick x\" x=\"{X(tick):0.#}\" y=\"{Height - 8}\">{tick:#,0}</text>"));
        if (Bound is { } bound && bound <= high && bound >= low)
        {
            svg.Append(Invariant($"<line class=\"bound\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(bound):0.#}\" y2=\"{Y(bound):0.#}\"/>"));
            svg.Append(Invariant($"<text class=\"tick bounded\" x=\"{Width - Right - 4}\" y=\"{Y(bound) - 5:0.#}\">allowed {Show(bound)}</text>"));
        }
        foreach (IGrouping<string, ReportPoint> stage in stages)
            DrawStage(svg, [.. stage], errors, X, Y);
        DrawPointerColumns(svg, points, errors, X, Y);
        return svg.Append("</svg></figure>").ToString();
    }

    void DrawStage(StringBuilder svg, List<ReportPoint> points, Dictionary<(string, long), double> errors, Func<double, double> x, Func<double, double> y)
    {
        string kind = Html(points[0].Kind);
        if (points.Count < 4)
        {
            foreach (ReportPoint point in points)
            {
                if (errors.TryGetValue((point.Stage, point.Step), out double error))
                    svg.Append(Invariant($"<line class=\"error {kind}\" x1=\"{x(point.Step):0.#}\" x2=\"{x(point.Step):0.#}\" y1=\"{y(point.Value - error):0.#}\" y2=\"{y(point.Value + error):0.#}\"/>"));
                svg.Append(Invariant($"<circle class=\"dot {kind}\" cx=\"{x(point.Step):0.#}\" cy=\"{y(point.Value):0.#}\" r=\"4\"/>"));
                if (IsWide)
                {
                    // Beside the dot, on the side where there is room.
                    (double shift, string anchor) = x(point.Step) > Width - 90 ? (-9, "end") : (9, "start");
                    svg.Append(Invariant($"<text class=\"value {kind}\" x=\"{x(point.Step) + shift:0.#}\" y=\"{y(point.Value) + 15:0.#}\" text-anchor=\"{anchor}\">{Show(point.Value)}</text>"));
                }
            }
            return;
        }
        List<ReportPoint> thinned = Thin(points, MostPoints);
        bool noisy = points.Count > 30;
        svg.Append(Invariant($"<polyline class=\"line {kind}{(noisy ? " raw" : "")}\" points=\"{Path(thinned, x, y)}\"/>"));
        if (noisy)
            svg.Append(Invariant($"<polyline class=\"line {kind}\" points=\"{Path(Smooth(thinned), x, y)}\"/>"));
    }

    /// <summary>Invisible columns; the one under the pointer shows its value.</summary>
    void DrawPointerColumns(StringBuilder svg, List<ReportPoint> points, Dictionary<(string, long), double> errors, Func<double, double> x, Func<double, double> y)
    {
        List<ReportPoint> columns = [.. points.GroupBy(point => (int)(x(point.Step) / PlotWidth * MostColumns)).Select(column => column.Last())];
        for (int i = 0; i < columns.Count; i++)
        {
            ReportPoint point = columns[i];
            double at = x(point.Step);
            double from = i == 0 ? Left : (x(columns[i - 1].Step) + at) / 2;
            double to = i == columns.Count - 1 ? Width - Right : (at + x(columns[i + 1].Step)) / 2;
            string error = errors.TryGetValue((point.Stage, point.Step), out double standardError) ? $" ± {Show(standardError)}" : "";
            string anchor = at > Width / 2 ? "end" : "start";
            double textAt = at > Width / 2 ? at - 8 : at + 8;
            svg.Append(Invariant($"<g class=\"hover\"><rect x=\"{from:0.#}\" y=\"{Top}\" width=\"{Math.Max(0.1, to - from):0.#}\" height=\"{PlotHeight}\"/>"));
            svg.Append(Invariant($"<g><line x1=\"{at:0.#}\" x2=\"{at:0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/><circle cx=\"{at:0.#}\" cy=\"{y(point.Value):0.#}\" r=\"3.5\"/>"));
            svg.Append(Invariant($"<text x=\"{textAt:0.#}\" y=\"{Top + 12}\" text-anchor=\"{anchor}\">{Show(point.Value)}{error} · {Html(point.Stage)}, step {point.Step:#,0}</text></g></g>"));
        }
    }

    bool IsDrawable(double value) => double.IsFinite(value) && (!IsLogarithmic || value > 0);

    (double Low, double High, List<double> Ticks) VerticalAxis(List<ReportPoint> points)
    {
        double least = points.Min(point => point.Value), most = points.Max(point => point.Value);
        if (Bound is { } bound)
            most = Math.Max(most, bound);
        if (IsShare && least >= 0 && most > 0.25 && most <= 1)
            return (0, 1, [0, 0.25, 0.5, 0.75, 1]);
        if (IsLogarithmic)
        {
            double low = Math.Pow(10, Math.Floor(Math.Log10(least))), high = Math.Pow(10, Math.Ceiling(Math.Log10(most) + 1e-9));
            int decades = (int)Math.Round(Math.Log10(high / low)), stride = (decades + 4) / 5;
            return (low, high, [.. Enumerable.Range(0, decades / stride + 1).Select(i => low * Math.Pow(10, i * stride))]);
        }
        if (least >= 0 && least < most / 2)
            least = 0; // A scale that starts near 0 starts at 0.
        if (most == least)
            most = least == 0 ? 1 : least + Math.Abs(least) / 2;
        List<double> ticks = NiceTicks(least, most, 5);
        return (Math.Min(least, ticks[0]), Math.Max(most, ticks[^1]), ticks);
    }

    /// <summary>Multiples of 1, 2 or 5 times a power of ten that cover the range.</summary>
    static List<double> NiceTicks(double low, double high, int count)
    {
        double raw = Math.Max(high - low, 1e-12) / count, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * (raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        List<double> ticks = [];
        for (double tick = Math.Floor(low / step); tick <= Math.Ceiling(high / step); tick++)
            ticks.Add(tick * step);
        return ticks;
    }

    /// <summary>Means over equal runs of points.</summary>
    static List<ReportPoint> Thin(List<ReportPoint> points, int most)
    {
        int run = (points.Count + most - 1) / most;
        return run == 1 ? points : [.. points.Chunk(run).Select(chunk => chunk[^1] with { Value = chunk.Average(point => point.Value) })];
    }

    /// <summary>Centred moving mean over about a twentieth of the points.</summary>
    static List<ReportPoint> Smooth(List<ReportPoint> points)
    {
        int reach = Math.Max(1, points.Count / 40);
        return [.. points.Select((point, i) =>
        {
            // The same reach on both sides, so that the ends are not dragged inwards.
            int r = Math.Min(reach, Math.Min(i, points.Count - 1 - i));
            return point with { Value = points.Skip(i - r).Take(2 * r + 1).Average(near => near.Value) };
        })];
    }

    static string Path(List<ReportPoint> points, Func<double, double> x, Func<double, double> y) =>
        string.Join(' ', points.Select(point => Invariant($"{x(point.Step):0.#},{y(point.Value):0.#}")));

    string Show(double value) => IsShare ? Invariant($"{value * 100:0.#}%") : Number(value);

    /// <summary>A number with about three significant digits.</summary>
    internal static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e6 => Invariant($"{value / 1e6:0.##}M"),
        >= 1000 => Invariant($"{value:#,0}"),
        >= 100 => Invariant($"{value:0.#}"),
        >= 10 => Invariant($"{value:0.##}"),
        >= 0.01 => Invariant($"{value:0.###}"),
        _ => value.ToString("0.##e-0", CultureInfo.InvariantCulture),
    };

    static string Html(string text) => WebUtility.HtmlEncode(text);
}
