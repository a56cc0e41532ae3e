// The text of a pattern or grammar while it is read, character by character.

using System.Globalization;
using System.Text;

namespace Fathom.Inference.Constraints;

/// <summary>A text and a position in it.</summary>
sealed class SourceText
{
    public const int End = -1;

    readonly string origin;
    readonly int[] characters;

    /// <param name="text">The text.</param>
    /// <param name="origin">What it is, for messages.</param>
    public SourceText(string text, string origin)
    {
        this.origin = origin;
        if (text.Length > Grammar.MaxSourceLength)
            throw new ConstraintException(origin, $"{text.Length} characters long; at most {Grammar.MaxSourceLength} are allowed");
        List<int> found = new(text.Length);
        for (int i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out Rune rune))
                throw new ConstraintException(origin, $"half of a surrogate pair at UTF-16 unit {i}; whole characters are needed");
            found.Add(rune.Value);
            i += rune.Utf16SequenceLength;
        }
        characters = [.. found];
    }

    /// <summary>Where the next character is read.</summary>
    public int At { get; set; }

    /// <summary>The next character, or <see cref="End"/>.</summary>
    public int Peek => PeekAt(0);

    public int PeekAt(int ahead) => At + ahead < characters.Length ? characters[At + ahead] : End;

    public int Read() => At < characters.Length ? characters[At++] : throw Wrong("the text ends; more is needed");

    public bool TryRead(int character)
    {
        if (Peek != character)
            return false;
        At++;
        return true;
    }

    public void Expect(int character, string role)
    {
        if (!TryRead(character))
            throw Wrong($"found {Describe(Peek)}; {(char)character} is needed {role}");
    }

    /// <summary>A character by its number in hexadecimal.</summary>
    public int ReadHex(int digits)
    {
        int value = 0, from = At;
        for (int i = 0; i < digits; i++)
        {
            int c = Read();
            if (c > 0x7F || !char.IsAsciiHexDigit((char)c))
                throw WrongAt(from, $"found {Describe(c)}; {digits} hexadecimal digits are needed");
            value = unchecked(value * 16 + Convert.ToInt32(((char)c).ToString(), 16));
        }
        return Scalar(value, from);
    }

    public int Scalar(int value, int at) => Rune.IsValid(value) ? value
        : throw WrongAt(at, $"U+{value:X4} is no character; up to U+10FFFF, surrogates left out, are allowed");

    /// <summary>A count of a repetition.</summary>
    public int ReadCount()
    {
        int from = At;
        StringBuilder digits = new();
        while (Peek is >= '0' and <= '9')
            digits.Append((char)Read());
        return int.TryParse(digits.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= Grammar.MaxNodes ? count
            : throw WrongAt(from, digits.Length == 0
                ? $"found {Describe(Peek)}; a count is needed"
                : $"a repetition of {(digits.Length > 20 ? "a huge number of" : digits)} times; at most {Grammar.MaxNodes} are allowed");
    }

    public static string Describe(int character) => character switch
    {
        End => "the end",
        < 0x20 or 0x7F => $"U+{character:X4}",
        _ => $"'{new Rune(character)}'",
    };

    public string Place(int at)
    {
        int line = 1, column = 1;
        for (int i = 0; i < at && i < characters.Length; i++)
            (line, column) = characters[i] == '\n' ? (line + 1, 1) : (line, column + 1);
        return origin.StartsWith('$') ? $"{origin}, character {at + 1}" : $"{origin}, line {line}, column {column}";
    }

    public ConstraintException Wrong(string problem) => WrongAt(At, problem);

    public ConstraintException WrongAt(int at, string problem) => new(Place(at), problem);
}
