// The frame of a figure: heading, what it shows, the picture, and its numbers as a table for those who cannot or do not want to see it.

namespace Fathom.Claims.Page;

/// <summary>Frames pictures and tables.</summary>
static class Plate
{
    /// <summary>A figure.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="note">What it shows, in a sentence or two.</param>
    /// <param name="picture">The picture, an SVG or a table.</param>
    /// <param name="numbers">The numbers behind it, folded under the picture; empty for none.</param>
    /// <param name="wide">Whether the picture needs room: in a narrow window it scrolls sideways instead of shrinking.</param>
    public static Markup Of(string title, string note, Markup picture, Markup numbers, bool wide = true)
    {
        Markup held = wide ? Scrolling(title, picture) : picture;
        Markup below = numbers.IsEmpty ? Markup.Empty : Markup.Of($"<details><summary>The numbers, and where they are from</summary>{Scrolling($"{title}: numbers", numbers)}</details>");
        return Markup.Of($"<figure class=\"plate{(wide ? " roomy" : "")}\"><figcaption><h3>{title}</h3><p>{note}</p></figcaption>{held}{below}</figure>\n");
    }

    /// <summary>An SVG of that size, with room for the strokes at its edges, named for those who cannot see it.</summary>
    public static Markup Picture(double width, double height, string name, Markup content) =>
        Markup.Of($"<svg viewBox=\"-2 -2 {width + 4} {height + 4}\" role=\"img\" aria-label=\"{name}\">{content}</svg>");

    /// <summary>A table.</summary>
    /// <param name="caption">What it holds.</param>
    /// <param name="heads">The columns' headings; one that begins with &gt; is of numbers, set to the right.</param>
    /// <param name="rows">Rows of cells: text, numbers or markup.</param>
    public static Markup Table(string caption, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<object>> rows)
    {
        Markup Cell(string tag, int column, object content) => IsNumber(column)
            ? Markup.Of($"<{Tag(tag)} class=\"n\">{content}</{Tag(tag)}>")
            : Markup.Of($"<{Tag(tag)}>{content}</{Tag(tag)}>");
        bool IsNumber(int column) => heads[column].StartsWith('>');
        static Markup Tag(string name) => Markup.Made(name);

        Markup head = Markup.Each(Enumerable.Range(0, heads.Count), i => Markup.Of($"<th scope=\"col\"{(IsNumber(i) ? Markup.Made(" class=\"n\"") : Markup.Empty)}>{heads[i].TrimStart('>')}</th>"));
        Markup body = Markup.Each(rows, row => Markup.Of($"<tr>{Markup.Each(Enumerable.Range(0, row.Count), i => Cell("td", i, row[i]))}</tr>\n"));
        return Markup.Of($"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>");
    }

    /// <summary>Something wide in a box that scrolls sideways, by keys too.</summary>
    public static Markup Scrolling(string name, Markup content) => Markup.Of($"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{name}\">{content}</div>");
}
