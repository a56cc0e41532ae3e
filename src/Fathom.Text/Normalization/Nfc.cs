// Unicode's normalization form C over UTF-8. .NET's own is left out of builds with invariant globalization, where it returns its input.

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fathom.Text.Normalization;

/// <summary>
/// Canonical composition (Unicode Standard Annex 15): characters are decomposed, marks ordered by their class, and composed again.
/// The time is n log n whatever the text. Bytes that are not UTF-8 are kept as they are.
/// </summary>
static partial class Nfc
{
    // Every code point below U+0300 is in form C by itself; from there on a lead byte is 0xCC or more.
    const byte FirstLead = 0xCC;

    const int SBase = 0xAC00, LBase = 0x1100, VBase = 0x1161, TBase = 0x11A7, LCount = 19, VCount = 21, TCount = 28, SCount = LCount * VCount * TCount;

    static readonly Dictionary<int, (int First, int Second)> DecompositionOf = [];
    static readonly Dictionary<(int First, int Second), int> CompositionOf = [];
    static readonly Dictionary<int, int> ClassOf = [];
    // One bit per code point that may change together with what precedes it.
    static readonly ulong[] Joining = new ulong[0x110000 / 64];

    static Nfc()
    {
        foreach (string entry in Decompositions.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            int mark = entry.AsSpan().IndexOfAny('=', ':'), plus = entry.IndexOf('+', StringComparison.Ordinal);
            int whole = Hex(entry.AsSpan(0, mark)), first = Hex(entry.AsSpan(mark + 1, (plus < 0 ? entry.Length : plus) - mark - 1));
            int second = plus < 0 ? -1 : Hex(entry.AsSpan(plus + 1));
            DecompositionOf[whole] = (first, second);
            if (entry[mark] == '=')
            {
                CompositionOf[(first, second)] = whole;
                MarkJoining(second);
            }
            else
                MarkJoining(whole);
        }
        foreach (string entry in CombiningClasses.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = entry.IndexOf(':', StringComparison.Ordinal), dash = entry.IndexOf('-', StringComparison.Ordinal);
            int first = Hex(entry.AsSpan(0, dash < 0 ? colon : dash)), last = dash < 0 ? first : Hex(entry.AsSpan(dash + 1, colon - dash - 1));
            for (int c = first; c <= last; c++)
            {
                ClassOf[c] = int.Parse(entry.AsSpan(colon + 1), CultureInfo.InvariantCulture);
                MarkJoining(c);
            }
        }
        for (int v = VBase; v < VBase + VCount; v++)
            MarkJoining(v);
        for (int t = TBase + 1; t < TBase + TCount; t++)
            MarkJoining(t);

        static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

        static void MarkJoining(int c) => Joining[c >> 6] |= 1UL << (c & 63);
    }

    /// <summary>The text in form C: the text itself where it is already.</summary>
    public static ReadOnlySpan<byte> Compose(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOfAnyInRange(FirstLead, (byte)0xF4) < 0)
            return utf8;
        // A stretch runs from one character that joins nothing before it to the next; only stretches with a joining character can change.
        ArrayBufferWriter<byte>? changed = null;
        int copied = 0, stretch = 0, at = 0;
        bool joins = false;
        while (at < utf8.Length)
        {
            bool valid = Rune.DecodeFromUtf8(utf8[at..], out Rune rune, out int length) == OperationStatus.Done;
            if (valid && (Joining[rune.Value >> 6] >> (rune.Value & 63) & 1) != 0)
                joins = true;
            else
            {
                Finish(utf8, at);
                stretch = valid ? at : at + length;
            }
            at += length;
        }
        Finish(utf8, at);
        if (changed is null)
            return utf8;
        changed.Write(utf8[copied..]);
        return changed.WrittenSpan;

        void Finish(ReadOnlySpan<byte> text, int end)
        {
            if (!joins)
                return;
            joins = false;
            changed ??= new ArrayBufferWriter<byte>(text.Length + 16);
            changed.Write(text[copied..stretch]);
            foreach (int c in ComposeStretch(text[stretch..end]))
            {
                Span<byte> target = changed.GetSpan(4);
                changed.Advance(new Rune(c).EncodeToUtf8(target));
            }
            copied = end;
        }
    }

    static List<int> ComposeStretch(ReadOnlySpan<byte> utf8)
    {
        List<int> decomposed = [];
        while (!utf8.IsEmpty)
        {
            Rune.DecodeFromUtf8(utf8, out Rune rune, out int length);
            Decompose(rune.Value, decomposed);
            utf8 = utf8[length..];
        }
        OrderMarks(decomposed);

        List<int> composed = new(decomposed.Count);
        int starter = -1, lastClass = 0;
        foreach (int c in decomposed)
        {
            int kind = ClassOf.GetValueOrDefault(c);
            // Blocked where a mark of the same or a higher class, or another starter, stands between.
            bool open = starter >= 0 && (composed.Count - 1 == starter || lastClass < kind);
            if (open && Composite(composed[starter], c) is { } whole)
            {
                composed[starter] = whole;
                continue;
            }
            if (kind == 0)
                starter = composed.Count;
            lastClass = kind;
            composed.Add(c);
        }
        return composed;
    }

    static void Decompose(int c, List<int> into)
    {
        if (c is >= SBase and < SBase + SCount)
        {
            int s = c - SBase;
            into.Add(LBase + s / (VCount * TCount));
            into.Add(VBase + s % (VCount * TCount) / TCount);
            if (s % TCount != 0)
                into.Add(TBase + s % TCount);
        }
        else if (DecompositionOf.TryGetValue(c, out (int First, int Second) parts))
        {
            Decompose(parts.First, into);
            if (parts.Second >= 0)
                Decompose(parts.Second, into);
        }
        else
            into.Add(c);
    }

    /// <summary>Sorts every run of marks by class; marks of one class keep their order.</summary>
    static void OrderMarks(List<int> text)
    {
        for (int start = 0; start < text.Count; start++)
        {
            int end = start;
            while (end < text.Count && ClassOf.ContainsKey(text[end]))
                end++;
            if (end - start > 1)
            {
                int[] marks = [.. text[start..end].OrderBy(c => ClassOf[c])];
                for (int i = 0; i < marks.Length; i++)
                    text[start + i] = marks[i];
            }
            start = Math.Max(start, end - 1);
        }
    }

    static int? Composite(int first, int second)
    {
        if (first is >= LBase and < LBase + LCount && second is >= VBase and < VBase + VCount)
            return SBase + ((first - LBase) * VCount + (second - VBase)) * TCount;
        if (first is >= SBase and < SBase + SCount && (first - SBase) % TCount == 0 && second is > TBase and < TBase + TCount)
            return first + (second - TBase);
        return CompositionOf.TryGetValue((first, second), out int whole) ? whole : null;
    }
}
