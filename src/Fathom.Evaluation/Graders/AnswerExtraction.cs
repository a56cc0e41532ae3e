// From a response to the answer that is graded: the reasoning is what stands before the last `</think>`, the answer what follows.
using System.Globalization;

namespace Fathom.Evaluation.Graders;

/// <summary>A response in its parts.</summary>
/// <param name="Reasoning">Text before the last <c>&lt;/think&gt;</c>, trimmed; all of it where thinking never ends.</param>
/// <param name="Answer">Text after it, trimmed; empty where thinking never ends.</param>
/// <param name="WellFormed">Exactly one <c>&lt;/think&gt;</c>, no <c>&lt;think&gt;</c> inside, reasoning and answer not empty.</param>
public readonly record struct ParsedResponse(string Reasoning, string Answer, bool WellFormed);

/// <summary>Splits responses and compares final answers.</summary>
public static class AnswerExtraction
{
    /// <summary>Opens the reasoning.</summary>
    public const string ThinkOpen = "<think>";

    /// <summary>Closes the reasoning.</summary>
    public const string ThinkClose = "</think>";

    // Longer than any 64-bit number with its commas; what is longer is not looked at.
    const int MaxNumberLength = 64;

    /// <summary>Splits a response into reasoning and answer.</summary>
    /// <param name="response">What the model wrote, without the prompt.</param>
    /// <param name="opened">Whether the prompt already ended with <c>&lt;think&gt;</c>. If not, a response that has no tags at all is
    /// taken as a plain answer (not well-formed).</param>
    public static ParsedResponse Parse(string response, bool opened = true)
    {
        string body = response;
        bool thinking = opened;
        if (!opened && response.AsSpan().TrimStart().StartsWith(ThinkOpen))
        {
            thinking = true;
            body = response[(response.IndexOf(ThinkOpen, StringComparison.Ordinal) + ThinkOpen.Length)..];
        }

        int close = body.LastIndexOf(ThinkClose, StringComparison.Ordinal);
        if (close < 0)
            return thinking ? new ParsedResponse(body.Trim(), "", false) : new ParsedResponse("", body.Trim(), false);

        string reasoning = body[..close].Trim(), answer = body[(close + ThinkClose.Length)..].Trim();
        bool wellFormed = thinking && reasoning.Length > 0 && answer.Length > 0
            && body.IndexOf(ThinkClose, StringComparison.Ordinal) == close && !body.Contains(ThinkOpen, StringComparison.Ordinal);
        return new ParsedResponse(reasoning, answer, wellFormed);
    }

    /// <summary>Reads an integer, leaving aside surrounding white space, a full stop (also 。) at the end, and commas between groups of
    /// three digits. Anything else, and what does not fit in 64 bits, is not a number.</summary>
    public static bool TryParseInteger(ReadOnlySpan<char> text, out long value)
    {
        value = 0;
        text = text.Trim();
        if (text is [.. var sentence, '.' or '。'])
            text = sentence.TrimEnd();
        if (text.Length is 0 or > MaxNumberLength)
            return false;

        int sign = text[0] is '-' or '+' ? 1 : 0, digits = text.Length - sign, written = sign;
        bool grouped = text.Contains(',');
        Span<char> plain = stackalloc char[text.Length];
        text[..sign].CopyTo(plain);
        for (int i = sign; i < text.Length; i++)
        {
            // In groups of three, every fourth character from the right is a comma and no other is; the first group is not empty.
            bool comma = grouped && (text.Length - i) % 4 == 0;
            if (comma ? text[i] != ',' || i == sign : !char.IsAsciiDigit(text[i]))
                return false;
            if (!comma)
                plain[written++] = text[i];
        }
        return digits > 0 && long.TryParse(plain[..written], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Whether both texts are the same integer.</summary>
    public static bool SameInteger(string expected, string actual) =>
        TryParseInteger(expected, out long left) && TryParseInteger(actual, out long right) && left == right;
}
