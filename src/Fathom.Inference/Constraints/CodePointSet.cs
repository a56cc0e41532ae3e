// Sets of Unicode characters and how they are spelled in UTF-8.

using System.Globalization;
using System.Text;

namespace Fathom.Inference.Constraints;

/// <summary>A set of Unicode scalar values: rising ranges that do not touch. Surrogates are never in it.</summary>
sealed class CodePointSet
{
    const int Last = 0x10FFFF;

    readonly (int Low, int High)[] ranges;

    CodePointSet((int, int)[] ranges) => this.ranges = ranges;

    public static CodePointSet Empty { get; } = new([]);

    public static CodePointSet All { get; } = Of((0, Last));

    public static CodePointSet Digits { get; } = Of(('0', '9'));

    public static CodePointSet WordCharacters { get; } = Of(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));

    public static CodePointSet Spaces { get; } = Of(('\t', '\r'), (' ', ' '));

    public static CodePointSet LineEnds { get; } = Of(('\n', '\n'), ('\r', '\r'), (0x2028, 0x2029));

    public bool IsEmpty => ranges.Length == 0;

    public static CodePointSet Of(params IEnumerable<(int Low, int High)> parts)
    {
        List<(int Low, int High)> sorted = [];
        foreach ((int low, int high) in parts)
        {
            // Surrogates are cut out.
            if (low < 0xD800)
                sorted.Add((low, Math.Min(high, 0xD7FF)));
            if (high > 0xDFFF)
                sorted.Add((Math.Max(low, 0xE000), high));
        }
        sorted.Sort();
        List<(int Low, int High)> merged = [];
        foreach ((int low, int high) in sorted)
        {
            if (merged.Count > 0 && low <= merged[^1].High + 1)
                merged[^1] = (merged[^1].Low, Math.Max(merged[^1].High, high));
            else
                merged.Add((low, high));
        }
        return new([.. merged]);
    }

    public CodePointSet Union(CodePointSet other) => Of([.. ranges, .. other.ranges]);

    public CodePointSet Complement()
    {
        List<(int, int)> rest = [];
        int next = 0;
        foreach ((int low, int high) in ranges)
        {
            if (low > next)
                rest.Add((next, low - 1));
            next = high + 1;
        }
        if (next <= Last)
            rest.Add((next, Last));
        return Of(rest);
    }

    public CodePointSet Except(CodePointSet other) => Complement().Union(other).Complement();

    public CodePointSet Intersect(CodePointSet other) => Except(other.Complement());

    public bool Contains(int character) => Array.Exists(ranges, r => r.Low <= character && character <= r.High);

    /// <summary>All characters of a general category, by its one or two letters; null for an unknown name.</summary>
    public static CodePointSet? Category(string name)
    {
        if (!Enumerable.Range(0, 30).Any(c => Letters((UnicodeCategory)c).StartsWith(name, StringComparison.Ordinal)) || name.Length is 0 or > 2)
            return null;
        List<(int, int)> found = [];
        for (int c = 0; c <= Last; c++)
        {
            if (Letters(CharUnicodeInfo.GetUnicodeCategory(c)).StartsWith(name, StringComparison.Ordinal))
            {
                if (found.Count > 0 && found[^1].Item2 == c - 1)
                    found[^1] = (found[^1].Item1, c);
                else
                    found.Add((c, c));
            }
        }
        return Of(found);
    }

    static string Letters(UnicodeCategory category) =>
        "LuLlLtLmLoMnMcMeNdNlNoZsZlZpCcCfCsCoPcPdPsPePiPfPoSmScSkSoCn".Substring(2 * (int)category, 2);

    /// <summary>The characters as UTF-8: one set of single bytes, and sequences that share their first byte's set where they end alike.</summary>
    public Expression Utf8()
    {
        ByteSet single = default;
        // The sets behind the first byte -> the set of first bytes.
        Dictionary<string, (ByteSet First, Expression[] Tail)> sequences = [];
        foreach ((int low, int high) in ranges)
        {
            for (int at = low; at <= high;)
            {
                int end = Math.Min(high, at < 0x80 ? 0x7F : at < 0x800 ? 0x7FF : at < 0x10000 ? 0xFFFF : Last);
                if (at < 0x80)
                    single |= ByteSet.Range(at, end);
                else
                    Split(at, end, sequences);
                at = end + 1;
            }
        }
        List<Expression> choices = [];
        if (!single.IsEmpty)
            choices.Add(new AnyByte(single));
        foreach ((ByteSet first, Expression[] rest) in sequences.Values)
            choices.Add(new Sequence([new AnyByte(first), .. rest]));
        return choices.Count == 1 ? choices[0] : new Choice([.. choices]);
    }

    // Cuts a range of characters of one length until every byte of it ranges freely.
    static void Split(int low, int high, Dictionary<string, (ByteSet First, Expression[] Tail)> into)
    {
        int length = low < 0x800 ? 2 : low < 0x10000 ? 3 : 4;
        for (int i = 1; i < length; i++)
        {
            int mask = (1 << (6 * i)) - 1;
            if ((low & ~mask) == (high & ~mask))
                continue;
            if ((low & mask) != 0)
            {
                Split(low, low | mask, into);
                Split((low | mask) + 1, high, into);
                return;
            }
            if ((high & mask) != mask)
            {
                Split(low, (high & ~mask) - 1, into);
                Split(high & ~mask, high, into);
                return;
            }
        }
        Span<byte> first = stackalloc byte[4], last = stackalloc byte[4];
        new Rune(low).EncodeToUtf8(first);
        new Rune(high).EncodeToUtf8(last);
        string key = "";
        Expression[] rest = new Expression[length - 1];
        for (int i = 1; i < length; i++)
        {
            key += $"{first[i]}-{last[i]} ";
            rest[i - 1] = new AnyByte(ByteSet.Range(first[i], last[i]));
        }
        ByteSet lead = ByteSet.Range(first[0], last[0]);
        into[key] = into.TryGetValue(key, out (ByteSet First, Expression[] Tail) known) ? (known.First | lead, known.Tail) : (lead, rest);
    }
}
