// The price ladder: what a million tokens cost over time, class by class, on one logarithmic scale.

using Fathom.Planning.Prices;

namespace Fathom.Claims.Page;

/// <summary>Draws the price ladder.</summary>
static class PriceLadderFigure
{
    const string Currency = "USD";

    const double Width = 400, Height = 300, Left = 44, Right = 8, Top = 46, Bottom = 30;

    static readonly (string Model, string Colour, string Dash)[] s_models = [("deepseek-chat", "var(--c1)", "none"), ("deepseek-reasoner", "var(--c2)", "7 4"), ("o3-mini", "var(--c4)", "2 3")];

    static readonly (string Name, Func<TokenPrice, decimal?> Price)[] s_classes =
    [
        ("Input found in the cache", price => price.Hit), ("Other input", price => price.Miss), ("Output, reasoning included", price => price.Output),
    ];

    /// <summary>The figure.</summary>
    public static Markup Draw()
    {
        // Prices at certain hours stand in the table only.
        TokenPrice[] rows = [.. s_models.SelectMany(model => PriceBook.Published.Of(model.Model, Currency))];
        DateTimeOffset first = rows.Min(row => row.From), last = rows.Max(row => row.Until) ?? rows.Max(row => row.From).AddYears(1);
        Markup charts = Markup.Each(s_classes, kind => Chart(kind.Name, kind.Price, [.. rows.Where(row => row.Window is null)], first, last));
        Markup numbers = Plate.Table(
            $"{Currency} per million tokens. Command: fathom plan price", ["model", "answered by", ">from", ">until", ">hit", ">miss", ">output", "hours", "source"],
            rows.Select(row => (object[])[row.Model, row.Version, Day(row.From), row.Until is { } until ? Day(until) : "", Price(row.Hit), Price(row.Miss), Price(row.Output), row.Window?.ToString() ?? "all", row.Source]));
        return Plate.Of(
            "The price ladder",
            $"{Currency} per million tokens over time, on one logarithmic scale. The documents quote the price of cache hits; misses cost two to ten times as much. Night discounts of 2025 stand in the table. Where lines meet, the prices are the same.",
            Markup.Of($"<div class=\"charts\">{charts}</div>"), numbers, wide: false);
    }

    static Markup Chart(string name, Func<TokenPrice, decimal?> of, TokenPrice[] rows, DateTimeOffset first, DateTimeOffset last)
    {
        Scale time = new(0, (last - first).TotalDays, Left, Width - Right), price = new(0.01, 10, Height - Bottom, Top, true);
        double X(DateTimeOffset at) => time.At((at - first).TotalDays);
        Markup svg = Markup.Of($"<text class=\"name\" x=\"0\" y=\"12\">{name}</text>");
        foreach (double tick in price.Ticks(4))
            svg.Add($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{price.At(tick):0.#}\" y2=\"{price.At(tick):0.#}\"/><text class=\"tick y\" x=\"{Left - 6}\" y=\"{price.At(tick) + 3.5:0.#}\">${tick:0.##}</text>");
        for (DateTimeOffset month = new(first.Year, 1, 1, 0, 0, 0, TimeSpan.Zero); month < last; month = month.AddMonths(6))
        {
            if (month >= first)
                svg.Add($"<line class=\"grid\" x1=\"{X(month):0.#}\" x2=\"{X(month):0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom + 4}\"/><text class=\"tick x\" x=\"{X(month):0.#}\" y=\"{Height - 10}\">{month:yyyy-MM}</text>");
        }
        HashSet<string> written = [];
        foreach ((int i, (string model, string colour, string dash)) in s_models.Index())
        {
            double key = i switch { 0 => 0, 1 => 124, _ => 270 };
            svg.Add($"<line x1=\"{key}\" x2=\"{key + 26}\" y1=\"28\" y2=\"28\" stroke=\"{colour}\" stroke-width=\"2.2\" stroke-dasharray=\"{dash}\"/><text x=\"{key + 32}\" y=\"32\">{model}</text>");
            (double X, double Y, decimal Paid)? end = null;
            foreach (TokenPrice row in rows.Where(row => row.Model == model && of(row) is not null))
            {
                decimal paid = of(row)!.Value;
                double from = X(row.From), to = X(row.Until ?? last), y = price.At((double)paid);
                string start = end is { } before && Math.Abs(before.X - from) < 0.5 ? FormattableString.Invariant($"M{before.X:0.#},{before.Y:0.#}V{y:0.#}") : FormattableString.Invariant($"M{from:0.#},{y:0.#}");
                svg.Add($"<path d=\"{start}H{to:0.#}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.2\" stroke-dasharray=\"{dash}\" data-price=\"{paid}\"><title>{model} ({row.Version}), {Day(row.From)} to {(row.Until is { } until ? Day(until) : "today")}: {Price(paid)} {Currency}</title></path>");
                // Once per price and place: a price that goes on, or that two models share, has one label.
                if (to - from >= 26 && end?.Paid != paid && written.Add(FormattableString.Invariant($"{paid} {(int)(from + to) / 60}")))
                    svg.Add($"<text class=\"value ink middle\" x=\"{(from + to) / 2:0.#}\" y=\"{y - 5:0.#}\">{paid:0.00#}</text>");
                end = (to, y, paid);
            }
        }
        return Plate.Picture(Width, Height, $"{name}: prices over time", svg);
    }

    static string Price(decimal? price) => price is { } paid ? FormattableString.Invariant($"{paid:0.00##}") : "none";

    static string Day(DateTimeOffset at) => FormattableString.Invariant($"{at.UtcDateTime:yyyy-MM-dd}");
}
