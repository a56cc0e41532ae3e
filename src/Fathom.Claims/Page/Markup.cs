// HTML as it grows. What is put into a hole is encoded, numbers are written by the invariant culture, and only markup goes in as it is: so no
// text from data can become part of the page's structure.

using System.Globalization;
using System.Net;
using System.Text;

namespace Fathom.Claims.Page;

/// <summary>A piece of a page.</summary>
sealed class Markup
{
    static readonly HoleFormat s_holes = new();

    readonly StringBuilder text = new();

    /// <summary>Nothing.</summary>
    public static Markup Empty { get; } = new();

    /// <summary>A piece made of literal markup with holes.</summary>
    public static Markup Of(FormattableString html) => new Markup().Add(html);

    /// <summary>Markup made elsewhere, such as a style sheet or a picture; never text from data.</summary>
    public static Markup Made(string html)
    {
        Markup made = new();
        made.text.Append(html);
        return made;
    }

    /// <summary>A piece for each item, one after the other.</summary>
    public static Markup Each<T>(IEnumerable<T> items, Func<T, Markup> piece)
    {
        Markup all = new();
        foreach (T item in items)
            all.text.Append(piece(item).text);
        return all;
    }

    /// <summary>Adds literal markup with holes.</summary>
    public Markup Add(FormattableString html)
    {
        text.Append(html.ToString(s_holes));
        return this;
    }

    /// <summary>Whether there is nothing.</summary>
    public bool IsEmpty => text.Length == 0;

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    sealed class HoleFormat : IFormatProvider, ICustomFormatter
    {
        public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

        public string Format(string? format, object? arg, IFormatProvider? formatProvider) => arg switch
        {
            Markup markup => markup.ToString(),
            IFormattable value => WebUtility.HtmlEncode(value.ToString(format, CultureInfo.InvariantCulture)),
            _ => WebUtility.HtmlEncode(arg?.ToString() ?? ""),
        };
    }
}
