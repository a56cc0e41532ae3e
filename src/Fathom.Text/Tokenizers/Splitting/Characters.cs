// Classes of characters, read straight from UTF-8.

using System.Buffers;
using System.Globalization;
using System.Text;

namespace Fathom.Text.Tokenizers.Splitting;

/// <summary>What a code point is to a pre-tokenizer; the values combine into sets.</summary>
[Flags]
enum CharacterClass : byte
{
    /// <summary><c>\p{L}</c></summary>
    Letter = 1,
    /// <summary><c>\p{M}</c></summary>
    Mark = 2,
    /// <summary><c>\p{N}</c></summary>
    Number = 4,
    /// <summary><c>\p{P}</c></summary>
    Punctuation = 8,
    /// <summary><c>\p{S}</c></summary>
    Symbol = 16,
    /// <summary><c>[\r\n]</c></summary>
    Newline = 32,
    /// <summary><c>[^\S\r\n]</c></summary>
    Blank = 64,
    /// <summary>Everything else: control, format and unassigned characters, and bytes that are not UTF-8.</summary>
    Other = 128,

    /// <summary><c>\s</c></summary>
    Space = Newline | Blank,
    /// <summary>Any character.</summary>
    Any = 255,
}

/// <summary>Reads classes and runs of classes from UTF-8; an invalid byte sequence is one character of class Other.</summary>
static class Characters
{
    static readonly CharacterClass[] Ascii = BuildAscii();

    /// <summary>Class and length in bytes of the character at a position.</summary>
    public static CharacterClass At(ReadOnlySpan<byte> text, int at, out int length)
    {
        if (text[at] < 0x80)
        {
            length = 1;
            return Ascii[text[at]];
        }
        return Rune.DecodeFromUtf8(text[at..], out Rune rune, out length) == OperationStatus.Done ? Of(rune) : CharacterClass.Other;
    }

    /// <summary>Where the run of characters of the set that begins at a position ends; the position itself if there is none.</summary>
    public static int Run(ReadOnlySpan<byte> text, int at, CharacterClass set)
    {
        while (at < text.Length && (At(text, at, out int length) & set) != 0)
            at += length;
        return at;
    }

    /// <summary>Length in bytes of the character at a position.</summary>
    public static int Length(ReadOnlySpan<byte> text, int at)
    {
        At(text, at, out int length);
        return length;
    }

    static CharacterClass Of(Rune rune) => Rune.IsWhiteSpace(rune)
        ? rune.Value is '\r' or '\n' ? CharacterClass.Newline : CharacterClass.Blank
        : Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
            <= UnicodeCategory.EnclosingMark => CharacterClass.Mark,
            <= UnicodeCategory.OtherNumber => CharacterClass.Number,
            >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharacterClass.Punctuation,
            >= UnicodeCategory.MathSymbol and <= UnicodeCategory.OtherSymbol => CharacterClass.Symbol,
            _ => CharacterClass.Other,
        };

    static CharacterClass[] BuildAscii()
    {
        CharacterClass[] table = new CharacterClass[128];
        for (int c = 0; c < table.Length; c++)
            table[c] = Of(new Rune(c));
        return table;
    }
}

/// <summary>A set of code points written as in the brackets of a regular expression: characters and ranges, without escapes.</summary>
sealed class CharacterSet
{
    readonly bool[] ascii = new bool[128];
    readonly int[] first, last;

    public CharacterSet(string brackets)
    {
        List<(int First, int Last)> ranges = [];
        Rune[] runes = [.. brackets.EnumerateRunes()];
        for (int i = 0; i < runes.Length; i++)
        {
            bool range = i + 2 < runes.Length && runes[i + 1].Value == '-';
            ranges.Add((runes[i].Value, runes[range ? i + 2 : i].Value));
            i += range ? 2 : 0;
        }
        ranges.Sort();
        // Overlapping ranges are joined, so that a binary search by the first code point is enough.
        List<(int First, int Last)> joined = [];
        foreach ((int low, int high) in ranges)
        {
            if (joined.Count > 0 && low <= joined[^1].Last + 1)
                joined[^1] = (joined[^1].First, Math.Max(joined[^1].Last, high));
            else
                joined.Add((low, high));
        }
        first = [.. joined.Select(r => r.First)];
        last = [.. joined.Select(r => r.Last)];
        for (int c = 0; c < 128; c++)
            ascii[c] = Search(c);
    }

    /// <summary>Where the run of characters of the set that begins at a position ends; the position itself if there is none.</summary>
    public int Run(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length)
        {
            int length = 1;
            if (text[at] < 0x80 ? !ascii[text[at]]
                : Rune.DecodeFromUtf8(text[at..], out Rune rune, out length) != OperationStatus.Done || !Search(rune.Value))
                break;
            at += length;
        }
        return at;
    }

    bool Search(int codePoint)
    {
        int i = Array.BinarySearch(first, codePoint);
        i = i >= 0 ? i : ~i - 1;
        return i >= 0 && codePoint <= last[i];
    }
}
