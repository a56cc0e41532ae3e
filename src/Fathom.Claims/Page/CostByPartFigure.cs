// Where the device hours of V3's pre-training go, as the planner divides them: one bar, its parts numbered.

using Fathom.Planning;
using Fathom.Planning.Training;

namespace Fathom.Claims.Page;

/// <summary>Draws the cost by part.</summary>
static class CostByPartFigure
{
    const double Width = 1160, Bar = 46, Top = 8, Line = 22, LabelSpace = 24;

    /// <summary>The figure.</summary>
    public static Markup Draw()
    {
        TrainingPlan plan = TrainingPresets.Plan("deepseek-v3");
        StagePlan stage = plan.Stages[0];
        IReadOnlyList<Figure> parts = stage.Parts;
        Markup svg = new();
        double[] labels = Labels(parts, stage.Hours);
        double x = 0;
        foreach ((int i, Figure part) in parts.Index())
        {
            double width = part.Value / stage.Hours * Width, middle = x + width / 2;
            svg.Add($"<rect x=\"{x:0.##}\" y=\"{Top}\" width=\"{width:0.##}\" height=\"{Bar}\" fill=\"var(--c{i % 12 + 1})\" stroke=\"var(--card)\" data-hours=\"{part.Value:R}\"><title>{i + 1}. {part.Name}: {Quantity.Hours(part.Value)}, {Quantity.Percent(part.Value / stage.Hours)}</title></rect>");
            // The number hangs under its piece, on a bent line where its place is taken.
            svg.Add($"<polyline class=\"axis\" fill=\"none\" points=\"{middle:0.#},{Top + Bar} {middle:0.#},{Top + Bar + 5} {labels[i]:0.#},{Top + Bar + 13} {labels[i]:0.#},{Top + Bar + 17}\"/><text class=\"strong middle\" x=\"{labels[i]:0.#}\" y=\"{Top + Bar + 29}\">{i + 1}</text>");
            x += width;
        }
        const int columns = 3;
        double legend = Top + Bar + 56;
        foreach ((int i, Figure part) in parts.Index())
        {
            double left = i % columns * (Width / columns), y = legend + i / columns * Line;
            svg.Add($"<rect x=\"{left:0.#}\" y=\"{y - 10}\" width=\"12\" height=\"12\" rx=\"2\" fill=\"var(--c{i % 12 + 1})\"/><text class=\"strong\" x=\"{left + 18:0.#}\" y=\"{y}\">{i + 1}</text><text class=\"ink\" x=\"{left + 38:0.#}\" y=\"{y}\">{part.Name}</text><text class=\"end\" x=\"{left + Width / columns - 40:0.#}\" y=\"{y}\">{Quantity.Hours(part.Value)} · {Quantity.Percent(part.Value / stage.Hours)}</text>");
        }
        double height = legend + (parts.Count - 1) / columns * Line + 12;
        string published = stage.Published is { } figure ? $"; published {Quantity.Hours(figure.Value)}, so the plan is {Quantity.Change(stage.Deviation!.Value)} off" : "";
        string exchange = parts.Any(part => part.Name.Contains("all-to-all", StringComparison.Ordinal)) ? "" : " No all-to-all is exposed: it is hidden behind computation, for the multiprocessors lent to it.";
        return Plate.Of(
            "What V3's pre-training spends its hours on",
            $"Planned from first principles: {Quantity.Hours(stage.Hours)} of {stage.Devices:#,0} {stage.Device.Title}{published}. The parts add up to the whole; at {plan.Rent.Amount} {plan.Rent.Currency} per hour it is {Quantity.Dollars(plan.CostOf(stage.Hours))}.{exchange}",
            Plate.Picture(Width, height, "stacked bar of device hours by part", svg),
            Plate.Table(
                $"{stage.Layout}. Command: fathom plan train --preset deepseek-v3 --explain", ["", "part", ">device hours", ">share", $">{plan.Rent.Currency}", "computed as"],
                [
                    .. parts.Select((part, i) => (object[])[i + 1, part.Name, Quantity.Number(part.Value), Quantity.Percent(part.Value / stage.Hours), Quantity.Number((double)plan.CostOf(part.Value)), part.Source]),
                    ["", "all", Quantity.Number(stage.Hours), "100.0%", Quantity.Number((double)plan.CostOf(stage.Hours)), "the sum"],
                ]));
    }

    // Places of the numbers: under the middles, pushed right where too close and then left from the end.
    static double[] Labels(IReadOnlyList<Figure> parts, double all)
    {
        double[] places = new double[parts.Count];
        double x = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            double width = parts[i].Value / all * Width;
            places[i] = Math.Max(x + width / 2, i == 0 ? 6 : places[i - 1] + LabelSpace);
            x += width;
        }
        for (int i = parts.Count - 1; i >= 0; i--)
            places[i] = Math.Min(places[i], i == parts.Count - 1 ? Width - 8 : places[i + 1] - LabelSpace);
        return places;
    }
}
