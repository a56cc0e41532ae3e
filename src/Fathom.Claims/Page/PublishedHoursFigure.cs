// Planned against published hours: how far off the planner is for models it was not made for.

using Fathom.Planning.Training;

namespace Fathom.Claims.Page;

/// <summary>Draws planned over published hours.</summary>
static class PublishedHoursFigure
{
    const double Width = 1160, Row = 34, Top = 40, Left = 250, Right = 330, Reach = 0.4;

    // The deviation that issue and documentation promise; null where none is.
    static readonly (string Preset, string Title, double? Promised)[] s_rows =
    [
        ("deepseek-v3", "DeepSeek-V3, 14.8T tokens", 0.10),
        ("deepseek-v2", "DeepSeek-V2, 8.1T tokens", 0.20),
        ("deepseek-67b", "DeepSeek 67B, 2T tokens", 0.20),
        ("llama-3.1-405b", "Llama 3.1 405B, 15.6T tokens", null),
        ("r1-zero", "R1-Zero's RL, 10,400 steps", 0.25),
    ];

    /// <summary>The figure.</summary>
    public static Markup Draw()
    {
        (string Preset, string Title, double? Promised, StagePlan Stage)[] rows = [.. s_rows.Select(row => (row.Preset, row.Title, row.Promised, TrainingPresets.Plan(row.Preset).Stages[0]))];
        Scale scale = new(1 - Reach, 1 + Reach, Left, Width - Right);
        double bottom = Top + rows.Length * Row;
        Markup svg = Markup.Of($"<text class=\"strong\" x=\"0\" y=\"16\">training</text><text class=\"strong middle\" x=\"{scale.At(1):0.#}\" y=\"16\">planned / published hours</text><text class=\"strong end\" x=\"{Width - 200}\" y=\"16\">planned</text><text class=\"strong end\" x=\"{Width - 90}\" y=\"16\">published</text><text class=\"strong end\" x=\"{Width}\" y=\"16\">off by</text>");
        foreach (double tick in new[] { 0.6, 0.8, 1, 1.2, 1.4 })
            svg.Add($"<line class=\"{(tick == 1 ? "axis" : "grid")}\" x1=\"{scale.At(tick):0.#}\" x2=\"{scale.At(tick):0.#}\" y1=\"{Top - 8}\" y2=\"{bottom}\"/><text class=\"tick x\" x=\"{scale.At(tick):0.#}\" y=\"{bottom + 16}\">{tick:0.0}</text>");
        foreach ((int i, var row) in rows.Index())
        {
            double y = Top + i * Row + 12, ratio = row.Stage.Hours / row.Stage.Published!.Value;
            if (row.Promised is { } promised)
                svg.Add($"<rect class=\"band\" x=\"{scale.At(1 - promised):0.#}\" width=\"{scale.At(1 + promised) - scale.At(1 - promised):0.#}\" y=\"{y - 10}\" height=\"20\" stroke=\"var(--dim)\" stroke-dasharray=\"2 3\"><title>promised: within {promised * 100:0}%</title></rect>");
            svg.Add($"<line x1=\"{scale.At(1):0.#}\" x2=\"{scale.At(ratio):0.#}\" y1=\"{y}\" y2=\"{y}\" stroke=\"var(--c1)\" stroke-width=\"3\"/><circle cx=\"{scale.At(ratio):0.#}\" cy=\"{y}\" r=\"6\" fill=\"var(--c1)\" data-planned=\"{row.Stage.Hours:R}\"><title>{row.Title}: planned {Quantity.Hours(row.Stage.Hours)}, published {Quantity.Hours(row.Stage.Published.Value)}</title></circle>");
            svg.Add($"<text class=\"ink\" x=\"0\" y=\"{y + 4}\">{row.Title}</text><text class=\"ink end\" x=\"{Width - 200}\" y=\"{y + 4}\">{Quantity.Hours(row.Stage.Hours)}</text><text class=\"ink end\" x=\"{Width - 90}\" y=\"{y + 4}\">{Quantity.Hours(row.Stage.Published.Value)}</text><text class=\"strong end\" x=\"{Width}\" y=\"{y + 4}\">{Quantity.Change(ratio - 1)}</text>");
        }
        return Plate.Of(
            "Planned and published hours",
            "The same constants plan all of them; one, the share of a step that kernels run, was set on Llama 3.1 405B's rate and on no DeepSeek model. Dashed boxes: how near the plan has to come. Right of 1: planned too long.",
            Plate.Picture(Width, bottom + 24, "planned over published device hours of five trainings", svg),
            Plate.Table("Command: fathom plan train --preset NAME --explain", ["preset", ">planned h", ">published h", ">off by", "published in"], rows.Select(row => (object[])[
                row.Preset, Quantity.Number(row.Stage.Hours), Quantity.Number(row.Stage.Published!.Value), Quantity.Change(row.Stage.Deviation!.Value), row.Stage.Published.Source,
            ])));
    }
}
