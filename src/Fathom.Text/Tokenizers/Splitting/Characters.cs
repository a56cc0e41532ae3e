// Classes of characters, read straight from UTF-8.

using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
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
    // Of every code point of the basic plane, surrogates aside.
    static readonly CharacterClass[] Classes = BuildClasses();

    /// <summary>Class and length in bytes of the character at a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterClass At(ReadOnlySpan<byte> text, int at, out int length)
    {
        length = 1;
        return text[at] < 0x80 ? Classes[text[at]] : AtBeyondAscii(text, at, out length);
    }

    static CharacterClass AtBeyondAscii(ReadOnlySpan<byte> text, int at, out int length)
    {
        int codePoint = BeyondAscii(text, at, out length);
        return codePoint < 0 ? CharacterClass.Other : codePoint < Classes.Length ? Classes[codePoint] : Of(new Rune(codePoint));
    }

    /// <summary>The code point at a position and its length in bytes; negative for an invalid sequence.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CodePoint(ReadOnlySpan<byte> text, int at, out int length)
    {
        length = 1;
        return text[at] < 0x80 ? text[at] : BeyondAscii(text, at, out length);
    }

    static int BeyondAscii(ReadOnlySpan<byte> text, int at, out int length)
    {
        byte first = text[at];
        // Two and three bytes are most of text; what is odd about them is left to the framework.
        if (first is >= 0xC2 and < 0xE0 && at + 1 < text.Length && (text[at + 1] & 0xC0) == 0x80)
        {
            length = 2;
            return (first & 0x1F) << 6 | text[at + 1] & 0x3F;
        }
        if (first is > 0xE0 and < 0xF0 and not 0xED && at + 2 < text.Length && (text[at + 1] & 0xC0) == 0x80 && (text[at + 2] & 0xC0) == 0x80)
        {
            length = 3;
            return (first & 0x0F) << 12 | (text[at + 1] & 0x3F) << 6 | text[at + 2] & 0x3F;
        }
        return Rune.DecodeFromUtf8(text[at..], out Rune rune, out length) == OperationStatus.Done ? rune.Value : -1;
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
        CodePoint(text, at, out int length);
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

    static CharacterClass[] BuildClasses()
    {
        CharacterClass[] classes = new CharacterClass[0x10000];
        for (int c = 0; c < classes.Length; c++)
            classes[c] = Rune.IsValid(c) ? Of(new Rune(c)) : CharacterClass.Other;
        return classes;
    }
}

/// <summary>A set of code points written as in the brackets of a regular expression: characters and ranges, without escapes.</summary>
sealed class CharacterSet
{
    // One bit per code point.
    readonly ulong[] members;

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
        members = new ulong[ranges.Max(r => r.Last) / 64 + 1];
        foreach ((int first, int last) in ranges)
            for (int c = first; c <= last; c++)
                members[c >> 6] |= 1UL << (c & 63);
    }

    /// <summary>Whether the character at a position is in the set; and its length in bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Holds(ReadOnlySpan<byte> text, int at, out int length)
    {
        int codePoint = Characters.CodePoint(text, at, out length);
        return codePoint >= 0 && codePoint >> 6 < members.Length && (members[codePoint >> 6] >> (codePoint & 63) & 1) != 0;
    }

    /// <summary>Where the run of characters of the set that begins at a position ends; the position itself if there is none.</summary>
    public int Run(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && Holds(text, at, out int length))
            at += length;
        return at;
    }

    /// <summary>Where the run of characters outside the set that begins at a position ends.</summary>
    public int RunOutside(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && !Holds(text, at, out int length))
            at += length;
        return at;
    }
}
