// Words, sentences and capitals of a text. Words are counted as IFEval counts them. Sentences and words in capitals are counted there by NLTK's trained
// models; here a full stop ends a sentence unless it belongs to an abbreviation, an initial or a number, or a small letter follows.
using System.Globalization;
using System.Text;

namespace Fathom.Evaluation.Benchmarks.InstructionFollowing;

/// <summary>Measures texts.</summary>
static class TextMeasures
{
    static readonly HashSet<string> s_abbreviations = new(StringComparer.OrdinalIgnoreCase)
    {
        "mr", "mrs", "ms", "dr", "prof", "rev", "gen", "sen", "rep", "gov", "capt", "col", "sgt", "lt", "hon", "st", "jr", "sr", "vs", "inc", "ltd", "corp", "co", "no", "vol",
        "e.g", "i.e", "a.m", "p.m", "u.s", "u.k", "u.n", "ph.d", "d.c", "approx", "dept", "fig", "jan", "feb", "mar", "apr", "aug", "sept", "sep", "oct", "nov", "dec",
    };

    /// <summary>Runs of letters, digits and underscores.</summary>
    public static int Words(string text)
    {
        int count = 0;
        bool inside = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool part = rune.Value == '_' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
            count += part && !inside ? 1 : 0;
            inside = part;
        }
        return count;
    }

    /// <summary>Sentences of a text in a European language.</summary>
    public static int Sentences(string text)
    {
        int count = 0;
        bool open = false;
        for (int i = 0; i < text.Length; i++)
        {
            open |= !char.IsWhiteSpace(text[i]);
            if (text[i] is not ('.' or '!' or '?'))
                continue;
            // Closing marks belong to the sentence; "..." and "?!" end it once.
            int behind = i + 1;
            while (behind < text.Length && text[behind] is '.' or '!' or '?' && behind < text.Length)
                behind++;
            char last = text[behind - 1];
            bool several = behind > i + 1;
            while (behind < text.Length && text[behind] is '"' or '\'' or ')' or ']' or '”' or '’' or '*' or '_' && behind < text.Length)
                behind++;
            if (behind < text.Length && !char.IsWhiteSpace(text[behind]))
            {
                i = behind - 1;
                continue;
            }
            int next = behind;
            while (next < text.Length && (char.IsWhiteSpace(text[next]) || text[next] is '"' or '\'' or '(' or '“' or '‘' or '*' or '_'))
                next++;
            if (next < text.Length && last == '.' && !Ends(text, i, next, several))
            {
                i = behind - 1;
                continue;
            }
            count++;
            open = false;
            i = behind - 1;
        }
        return count + (open ? 1 : 0);
    }

    // Whether the full stop at `stop` ends its sentence, with more text at `next`.
    static bool Ends(string text, int stop, int next, bool several)
    {
        if (char.IsLower(text[next]))
            return false;
        if (several)
            return true;
        int start = stop;
        while (start > 0 && stop - start < 20 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '.'))
            start--;
        ReadOnlySpan<char> word = text.AsSpan(start, stop - start);
        bool lineStart = start == 0 || text.AsSpan(0, start).TrimEnd([' ', '\t', '*']) is [.., '\n'] or [];
        // "1. First" in a list, and the initial of a name.
        if (word.Length > 0 && lineStart && word.IndexOfAnyExceptInRange('0', '9') < 0)
            return false;
        return !(word.Length == 1 && char.IsUpper(word[0]) && word[0] != 'I') && !s_abbreviations.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word);
    }

    /// <summary>Words all of whose letters are capitals, with at least one letter. A contraction is two words, as is a word with a mark behind it one.</summary>
    public static int CapitalWords(string text)
    {
        int count = 0;
        foreach (string piece in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            foreach (Range range in Parts(piece))
                count += IsUpper(piece[range]) ? 1 : 0;
        return count;
    }

    // A piece between white space, cut at marks that stand by themselves and before 's, 'm, 're, 've, 'll, 'd and n't.
    static IEnumerable<Range> Parts(string piece)
    {
        int start = 0;
        for (int i = 0; i < piece.Length; i++)
        {
            if (piece[i] is '\'' or '’' && i > start && i + 1 < piece.Length)
            {
                bool negation = (piece[i + 1] | 0x20) == 't' && i + 2 == piece.Length && (piece[i - 1] | 0x20) == 'n';
                int cut = negation ? i - 1 : i;
                yield return start..cut;
                start = cut;
            }
            else if (piece[i] is ',' or ';' or ':' or '!' or '?' or '(' or ')' or '[' or ']' or '{' or '}' or '"' or '“' or '”' or '—' or '<' or '>' or '#' or '@' or '%' or '&')
            {
                yield return start..i;
                start = i + 1;
            }
            else if (piece[i] == '-' && i + 1 < piece.Length && piece[i + 1] == '-')
            {
                yield return start..i;
                start = i + 2;
                i++;
            }
        }
        yield return start..piece.Length;
    }

    /// <summary>At least one letter with a case, and none that is not a capital.</summary>
    public static bool IsUpper(string text) => AllOf(text, UnicodeCategory.UppercaseLetter, UnicodeCategory.LowercaseLetter);

    /// <summary>At least one letter with a case, and none that is not a small one.</summary>
    public static bool IsLower(string text) => AllOf(text, UnicodeCategory.LowercaseLetter, UnicodeCategory.UppercaseLetter);

    static bool AllOf(string text, UnicodeCategory wanted, UnicodeCategory other)
    {
        bool any = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (category == other || category == UnicodeCategory.TitlecaseLetter)
                return false;
            any |= category == wanted;
        }
        return any;
    }
}
