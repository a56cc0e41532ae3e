// Operations on strings, by Python's rules and keeping where characters are from. Places are counted in code points, as Python counts.

using System.Text;

namespace Fathom.Text.Templates.Jinja;

static class Strings
{
    /// <summary>Characters, counted as Python does.</summary>
    public static int Length(string text) => text.Length - Pairs(text);

    static int Pairs(string text)
    {
        int pairs = 0;
        for (int i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDBFF'); i >= 0 && i + 1 < text.Length; i++)
            if (char.IsSurrogatePair(text, i))
                pairs++;
        return pairs;
    }

    /// <summary>Where each character begins, and the end; null where every character is one unit.</summary>
    static List<int>? Places(string text)
    {
        if (Pairs(text) == 0)
            return null;
        List<int> places = [];
        for (int i = 0; i < text.Length; i += char.IsSurrogatePair(text, i) ? 2 : 1)
            places.Add(i);
        places.Add(text.Length);
        return places;
    }

    /// <summary>The character at a place, from the end where negative; null where there is none.</summary>
    public static Text? Character(Text text, long index)
    {
        List<int>? places = Places(text.Value);
        int count = places is null ? text.Value.Length : places.Count - 1;
        long i = index < 0 ? index + count : index;
        return i < 0 || i >= count ? null
            : places is null ? text.Slice((int)i, 1) : text.Slice(places[(int)i], places[(int)i + 1] - places[(int)i]);
    }

    public static Text Slice(Text text, long? start, long? stop, long step, Budget budget)
    {
        List<int>? places = Places(text.Value);
        int count = places is null ? text.Value.Length : places.Count - 1;
        if (step == 1)
        {
            long Bound(long? bound, int otherwise) => bound is not { } b ? otherwise : Math.Clamp(b < 0 ? b + count : b, 0, count);
            int from = (int)Bound(start, 0), to = Math.Max(from, (int)Bound(stop, count));
            budget.Make(to - from);
            return places is null ? text.Slice(from, to - from) : text.Slice(places[from], places[to] - places[from]);
        }
        TextBuilder builder = new();
        foreach (int i in Evaluator.Indices(count, start, stop, step, budget))
            builder.Append(Character(text, i, places));
        return builder.ToText();

        static Text Character(Text text, int i, List<int>? places) => places is null ? text.Slice(i, 1) : text.Slice(places[i], places[i + 1] - places[i]);
    }

    public static Text Strip(Text text, string? characters, bool left = true, bool right = true)
    {
        ReadOnlySpan<char> value = text.Value, set = characters ?? (ReadOnlySpan<char>)Python.Spaces;
        int start = left ? value.Length - value.TrimStart(set).Length : 0;
        int end = right ? Math.Max(start, value.TrimEnd(set).Length) : value.Length;
        // An empty set strips nothing, where .NET would strip white space.
        return characters is "" ? text : text.Slice(start, end - start);
    }

    public static Text Replace(Text text, Text old, Text by, long most, Budget budget)
    {
        if (old.Value.Length == 0)
            return ReplaceBetween(text, by, most, budget);
        TextBuilder builder = new();
        int at = 0;
        for (int found; most != 0 && (found = text.Value.IndexOf(old.Value, at, StringComparison.Ordinal)) >= 0; most--)
        {
            builder.Append(text.Slice(at, found - at));
            builder.Append(by);
            at = found + old.Value.Length;
            Check(builder, budget);
        }
        if (at == 0 && most != 0 && builder.Length == 0)
            return text;
        builder.Append(text.Slice(at, text.Value.Length - at));
        budget.Make(builder.Length);
        return builder.ToText();
    }

    // Nothing is found before, between and behind all characters.
    static Text ReplaceBetween(Text text, Text by, long most, Budget budget)
    {
        TextBuilder builder = new();
        int at = 0;
        for (; most != 0 && at <= text.Value.Length; most--)
        {
            builder.Append(by);
            if (at == text.Value.Length)
                break;
            int length = char.IsSurrogatePair(text.Value, at) ? 2 : 1;
            builder.Append(text.Slice(at, length));
            at += length;
            Check(builder, budget);
        }
        builder.Append(text.Slice(at, text.Value.Length - at));
        budget.Make(builder.Length);
        return builder.ToText();
    }

    static void Check(TextBuilder builder, Budget budget)
    {
        budget.Step();
        if (builder.Length > Budget.LongestText)
            budget.Make(builder.Length);
    }

    /// <summary><c>str.split</c>, or <c>rsplit</c> from the end; without a separator at runs of white space.</summary>
    public static Sequence Split(Text text, Text? separator, long most, bool fromEnd, Budget budget)
    {
        if (separator is { Value.Length: 0 })
            throw new TemplateError("the separator of split() is empty");
        List<(int Start, int Length)> parts = separator is null ? SplitAtSpaces(text.Value, most, fromEnd) : SplitAt(text.Value, separator.Value, most, fromEnd);
        budget.Step(parts.Count);
        budget.Make(text.Value.Length);
        return new Sequence([.. parts.Select(p => text.Slice(p.Start, p.Length))]);
    }

    static List<(int, int)> SplitAt(string text, string separator, long most, bool fromEnd)
    {
        List<(int, int)> parts = [];
        if (fromEnd)
        {
            int end = text.Length;
            for (int found; most != 0 && end >= separator.Length && (found = text.LastIndexOf(separator, end - 1, end, StringComparison.Ordinal)) >= 0; most--)
            {
                parts.Add((found + separator.Length, end - found - separator.Length));
                end = found;
            }
            parts.Add((0, end));
            parts.Reverse();
            return parts;
        }
        int at = 0;
        for (int found; most != 0 && (found = text.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; most--)
        {
            parts.Add((at, found - at));
            at = found + separator.Length;
        }
        parts.Add((at, text.Length - at));
        return parts;
    }

    static List<(int, int)> SplitAtSpaces(string text, long most, bool fromEnd)
    {
        List<(int, int)> parts = [];
        int start = 0, end = text.Length;
        while (start < end && Python.IsSpace(text[start]))
            start++;
        while (end > start && Python.IsSpace(text[end - 1]))
            end--;
        while (start < end)
        {
            int at = fromEnd ? end : start;
            // The part that is not split any more keeps the white space at its far end.
            if (most-- == 0)
                (at, start, end) = fromEnd ? (0, 0, end) : (text.Length, start, text.Length);
            else if (fromEnd)
                while (at > start && !Python.IsSpace(text[at - 1]))
                    at--;
            else
                while (at < end && !Python.IsSpace(text[at]))
                    at++;
            parts.Add(fromEnd ? (at, end - at) : (start, at - start));
            if (fromEnd)
                for (end = at; end > start && Python.IsSpace(text[end - 1]);)
                    end--;
            else
                for (start = at; start < end && Python.IsSpace(text[start]);)
                    start++;
        }
        if (fromEnd)
            parts.Reverse();
        return parts;
    }

    public static Sequence SplitLines(Text text, bool keepsEnds, Budget budget)
    {
        List<object?> lines = [];
        string value = text.Value;
        for (int start = 0; start < value.Length;)
        {
            int end = start;
            while (end < value.Length && value[end] is not ('\n' or '\r' or '\v' or '\f' or (>= '\x1C' and <= '\x1E') or '\x85' or '\u2028' or '\u2029'))
                end++;
            int next = end >= value.Length ? end : value[end] == '\r' && end + 1 < value.Length && value[end + 1] == '\n' ? end + 2 : end + 1;
            lines.Add(text.Slice(start, (keepsEnds ? next : end) - start));
            start = next;
        }
        budget.Step(lines.Count);
        return new Sequence(lines);
    }

    public static Text Join(Text separator, IReadOnlyList<Text> parts, Budget budget)
    {
        long length = parts.Sum(p => (long)p.Value.Length) + (long)separator.Value.Length * Math.Max(0, parts.Count - 1);
        budget.Make(length);
        TextBuilder builder = new();
        for (int i = 0; i < parts.Count; i++)
        {
            if (i > 0)
                builder.Append(separator);
            builder.Append(parts[i]);
        }
        return builder.ToText();
    }

    /// <summary>The text in a field of so many characters.</summary>
    public static Text Pad(Text text, long width, char fill, bool left, bool right, Budget budget)
    {
        long padding = width - Length(text.Value);
        if (padding <= 0)
            return text;
        budget.Make(Math.Max(width, text.Value.Length));
        // Python sets the odd one of a centred text to the left where the width is odd.
        int before = left && right ? (int)(padding / 2 + (padding & width & 1)) : left ? (int)padding : 0;
        TextBuilder builder = new();
        builder.Append(new string(fill, before), true);
        builder.Append(text);
        builder.Append(new string(fill, (int)padding - before), true);
        return builder.ToText();
    }

    public static Text Capitalize(Text text) => text.Value.Length == 0 ? text
        : text.With(text.Value[..1].ToUpperInvariant() + text.Value[1..].ToLowerInvariant());

    /// <summary><c>str.title</c>: the first letter of every run of letters large.</summary>
    public static Text Title(Text text)
    {
        StringBuilder result = new(text.Value.Length);
        bool inside = false;
        foreach (char c in text.Value)
        {
            result.Append(inside ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inside = char.IsLetter(c);
        }
        return text.With(result.ToString());
    }

    /// <summary>The filter <c>title</c>: the first character of every word large.</summary>
    public static Text TitleWords(Text text)
    {
        StringBuilder result = new(text.Value.Length);
        bool inside = false;
        foreach (char c in text.Value)
        {
            result.Append(inside ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c));
            inside = !(Python.IsSpace(c) || c is '-' or '(' or '{' or '[' or '<');
        }
        return text.With(result.ToString());
    }

    /// <summary>The filter <c>indent</c>.</summary>
    public static Text Indent(Text text, Text indention, bool first, bool blank, Budget budget)
    {
        Sequence lines = SplitLines(text, keepsEnds: false, budget);
        // A line end at the end is a line of its own here.
        if (text.Value.Length == 0 || text.Value[^1] is '\n' or '\r')
            lines.Items.Add(Text.Empty);
        TextBuilder builder = new();
        for (int i = 0; i < lines.Items.Count; i++)
        {
            Text line = (Text)lines.Items[i]!;
            if (i > 0)
                builder.Append("\n", true);
            if (i == 0 ? first : blank || line.Value.Length > 0)
                builder.Append(indention);
            builder.Append(line);
            Check(builder, budget);
        }
        budget.Make(builder.Length);
        return builder.ToText();
    }
}
