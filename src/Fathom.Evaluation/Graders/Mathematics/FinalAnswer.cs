// Where a response says its final answer. Models end in many ways; the clearest mark that is found counts, and of several the last.
using System.Text.RegularExpressions;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Finds final answers: what stands in the last <c>\boxed{}</c>, behind <c>####</c>, behind "the answer is"; the last formula or number otherwise.</summary>
public static partial class FinalAnswer
{
    // Responses are cut to their end where they are longer: the answer stands there.
    const int MaxLength = 400_000;

    // How far from its end a text is searched for phrases and letters. Boxes and #### are found anywhere.
    const int MaxTail = 20_000;

    // Patterns are linear in what they search; this only stands between a mistake in one of them and a hang.
    const int MaxMatchMilliseconds = 1_000;

    // Longest text that is taken behind "the answer is".
    const int MaxPhraseLength = 2_000;

    static readonly string[] endMarks = ["<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|im_start|>", "</s>", "<｜end▁of▁sentence｜>", "<|end|>", "[/INST]"];

    /// <summary>The final answer of a response.</summary>
    /// <param name="response">What the model wrote; what stands before the last <c>&lt;/think&gt;</c> does not count.</param>
    /// <returns>The text of the answer, or null where there is none: nothing that looks like one, or thinking that never ends.</returns>
    public static string? Of(string response) => Of(response, wantsChoice: false);

    internal static string? Of(string response, bool wantsChoice)
    {
        string text = Visible(response);
        if (text.Length == 0)
            return null;
        try
        {
            return Find(text, wantsChoice);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    static string? Find(string text, bool wantsChoice)
    {
        if (Minerva(text) is { } hoped)
            return hoped;
        if (Boxes.Find(text, out string? boxed))
            return boxed;
        string tail = text.Length > MaxTail ? text[^MaxTail..] : text;
        return Boxes.Hashes(text) ?? Phrase(tail) ?? Output(tail) ?? (wantsChoice ? ChoiceLetter(tail) : null) ?? LastFormula(tail);
    }

    /// <summary>The answer of a reference: behind <c>####</c> or in the last <c>\boxed{}</c> of a worked solution, otherwise the whole text.</summary>
    public static string OfReference(string reference) =>
        Boxes.Hashes(reference) ?? (Boxes.Find(reference, out string? boxed) ? boxed : null) ?? (LastLine(reference) is { } line && line.StartsWith("A:", StringComparison.Ordinal) ? line[2..].Trim() : null) ?? reference.Trim();

    static string? LastLine(string text) => text.Contains('\n') ? text.TrimEnd()[(text.TrimEnd().LastIndexOf('\n') + 1)..] : null;

    // Behind the thoughts and before the marks that end a turn.
    static string Visible(string response)
    {
        string text = response.Length > MaxLength ? response[^MaxLength..] : response;
        int close = text.LastIndexOf(AnswerExtraction.ThinkClose, StringComparison.Ordinal);
        if (close >= 0)
            text = text[(close + AnswerExtraction.ThinkClose.Length)..];
        else if (response.AsSpan().TrimStart().StartsWith(AnswerExtraction.ThinkOpen))
            return "";
        foreach (string mark in endMarks)
        {
            int at = text.IndexOf(mark, StringComparison.Ordinal);
            if (at > 0)
                text = text[..at];
        }
        return text.Trim();
    }

    // "Final Answer: The final answer is $X$. I hope it is correct."
    static string? Minerva(string text)
    {
        int hope = text.IndexOf("I hope it is correct", StringComparison.OrdinalIgnoreCase);
        if (hope < 0)
            return null;
        string before = text[Math.Max(0, hope - MaxTail)..hope];
        int at = before.LastIndexOf("final answer is", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? Phrase(before) : Trim(before[(at + "final answer is".Length)..]);
    }

    // Behind the last of the phrases that announce an answer.
    static string? Phrase(string text)
    {
        Match? last = null;
        foreach (Match match in Announcement().Matches(text))
            last = match;
        if (last is null)
            return null;
        string rest = text[(last.Index + last.Length)..];
        rest = rest.TrimStart(' ', ':', '：', '*', '\n', '\r', '\t', '_');
        if (rest.Length == 0)
            return null;
        string line = rest.Length > MaxPhraseLength ? rest[..MaxPhraseLength] : rest;
        // A formula on lines of its own is taken whole.
        if (DisplayFormula().Match(line) is { Success: true, Index: 0 } display)
            return Trim(display.Groups[1].Value);
        int end = line.IndexOf('\n');
        return FromSentence(end < 0 ? line : line[..end]);
    }

    // The value in the rest of a sentence: its formulas where it has some, else its words up to the end of the sentence.
    static string? FromSentence(string line)
    {
        var formulas = Formulas(line);
        if (formulas.Count > 0)
        {
            // Several formulas are a list where only commas and "and" stand between them; otherwise the first is the answer.
            int count = 1;
            while (count < formulas.Count && Between().IsMatch(line[(formulas[count - 1].Index + formulas[count - 1].Length)..formulas[count].Index]))
                count++;
            string before = line[..formulas[0].Index], behind = line[(formulas[count - 1].Index + formulas[count - 1].Length)..];
            // "the largest $n$ is 34": the formula only names what the answer is.
            if (!formulas.Take(count).Any(formula => formula.Groups["in"].Value.Any(char.IsAsciiDigit)) && behind.IndexOf(" is ", StringComparison.Ordinal) is var verb && verb >= 0 && behind[verb..].Any(char.IsAsciiDigit))
                return FromSentence(behind[(verb + 4)..]);
            if (!before.Any(char.IsAsciiDigit))
                return count == 1 && Boundary(line, formulas[0]) is { } whole ? whole : Trim(string.Join(", ", formulas.Take(count).Select(formula => formula.Groups["in"].Value)));
        }
        Match end = SentenceEnd().Match(line);
        string sentence = Trim(end.Success ? line[..end.Index] : line);
        if (sentence.Length == 0)
            return null;
        if (MathAnswer.Parse(sentence).Tree is null or Words && AnswerText.Choice(sentence) is null && NumberPattern().Matches(sentence) is { Count: 1 } numbers)
            return numbers[0].Value.Trim();
        return sentence;
    }

    // Text that belongs to a formula: "$5$ p.m." keeps its words, as a unit may matter.
    static string? Boundary(string line, Match formula)
    {
        string behind = line[(formula.Index + formula.Length)..];
        Match unit = TrailingUnit().Match(behind);
        return unit.Success && unit.Length > 0 ? Trim(formula.Groups["in"].Value + " " + unit.Value) : null;
    }

    static string? ChoiceLetter(string text)
    {
        Match? last = null;
        foreach (Match match in ChoicePattern().Matches(text))
            last = match;
        return last?.Groups.Values.Skip(1).First(group => group.Success).Value;
    }

    // What a program printed last, where a response ends with programs and their output.
    static string? Output(string text)
    {
        Match? last = null;
        foreach (Match match in OutputBlock().Matches(text))
            last = match;
        return last is null ? null : Trim(last.Groups[1].Value);
    }

    // The last formula, or the last number with the numbers it is listed with, whichever ends later.
    static string? LastFormula(string text)
    {
        string tail = text.Length > MaxPhraseLength ? text[^MaxPhraseLength..] : text;
        if (OnlyNumbers().IsMatch(tail))
            return Trim(text);
        var numbers = NumberPattern().Matches(tail);
        var formulas = Formulas(tail);
        int numberEnd = numbers.Count == 0 ? -1 : numbers[^1].Index + numbers[^1].Length;
        if (formulas.Count > 0 && formulas[^1].Index + formulas[^1].Length > numberEnd && formulas[^1].Groups["in"].Value.Any(char.IsAsciiLetterOrDigit))
            return Trim(formulas[^1].Groups["in"].Value);
        if (numbers.Count == 0)
            return AnswerText.Clean(text) is { Length: > 0 and < 100 } words && !words.Contains('\n') ? words : null;
        int first = numbers.Count - 1;
        while (first > 0 && ListSeparator().IsMatch(tail[(numbers[first - 1].Index + numbers[first - 1].Length)..numbers[first].Index]))
            first--;
        return tail[numbers[first].Index..numberEnd].Trim();
    }

    static List<Match> Formulas(string text) => [.. FormulaPattern().Matches(text).Where(match => match.Groups["in"].Value.Trim().Length > 0 && !Prose().IsMatch(match.Groups["in"].Value))];

    static string Trim(string text) => AnswerText.Clean(text);

    [GeneratedRegex(@"(?:final answer|(?<![a-z])the answer|correct answer|answer|correct (?:option|choice))\s{0,4}(?:\*\*)?\s{0,4}(?:is(?=\W)(?:\s{1,4}(?:that|therefore|thus))?|would be|=|:|：)|答案(?:是|为|應為|应为|：|:)|\*\*Final Answer\*\*|^\#{0,6} {0,4}Final Answer {0,4}$|^A:|^Answer:", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex Announcement();

    [GeneratedRegex(@"^\s*(?:\\\[|\$\$)\s*(.+?)\s*(?:\\\]|\$\$)", RegexOptions.Singleline | RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex DisplayFormula();

    [GeneratedRegex(@"\$\$(?<in>[^$]{1,2000})\$\$|\\\[(?<in>(?:(?!\\\]).){1,2000})\\\]|\\\((?<in>(?:(?!\\\)).){1,2000})\\\)|(?<![\\$])\$(?<in>(?:[^$\\]|\\.){1,2000}?)\$", RegexOptions.Singleline | RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex FormulaPattern();

    // What stands between two dollar signs that are money: words.
    [GeneratedRegex(@"(?<![\\a-zA-Z{])[a-zA-Z]{3,} +[a-zA-Z]{2,}", RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex Prose();

    [GeneratedRegex(@"^[\s,;]*(?:and|or|和|或)?[\s,;]*$", RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex Between();

    [GeneratedRegex(@"[.!。](?=\s|$)|;\s|，因为|, (?:because|since|which|where|so)\b| because ", RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"^\s*(?:[ap]\.?m\.?(?![a-z])|%|\\%)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex TrailingUnit();

    [GeneratedRegex(@"(?:(?<![\w.)}])[-−])?\$?\s?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?(?:\s*/\s*\d+)?\s?%?", RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"^(?:[\s,;.…&]|\\ldots|\\dots|and|or)+$", RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex ListSeparator();

    [GeneratedRegex(@"```output[ \t]{0,8}\n([^`]{1,200})\n```", RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex OutputBlock();

    [GeneratedRegex(@"^[\s\d,;.…$+-]+$", RegexOptions.CultureInvariant, MaxMatchMilliseconds)]
    private static partial Regex OnlyNumbers();

    [GeneratedRegex(@"(?:option|choice|answer|选项|选)\s{0,4}(?:is|:)?\s{0,4}\(?([A-J])\)?(?![a-zA-Z])|\(([A-J])\)|^[ \t]{0,8}([A-J])[.)]?[ \t]{0,8}\r?$", RegexOptions.CultureInvariant | RegexOptions.Multiline, MaxMatchMilliseconds)]
    private static partial Regex ChoicePattern();
}
