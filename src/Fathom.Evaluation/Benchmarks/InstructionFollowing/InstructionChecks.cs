// IFEval's 25 checks (Zhou et al. 2023, arXiv 2311.07911), each from its arguments to a test of the response, after the published rules. Three of them rest
// on other people's models there (sentences, words in capitals, languages) and on rules of our own here: see TextMeasures and LanguageGuess.
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fathom.Evaluation.Benchmarks.InstructionFollowing;

/// <summary>The checks by name.</summary>
static partial class InstructionChecks
{
    static readonly string[] s_constrained = ["My answer is yes.", "My answer is no.", "My answer is maybe."];

    public static IReadOnlyDictionary<string, Func<Arguments, Func<string, bool>>> All { get; } = new Dictionary<string, Func<Arguments, Func<string, bool>>>
    {
        ["keywords:existence"] = arguments => Keywords(arguments.Texts("keywords")),
        ["keywords:frequency"] = arguments => Frequency(arguments.Text("keyword").Trim(), arguments.Relation("relation", "frequency")),
        ["keywords:forbidden_words"] = arguments => Forbidden(arguments.Texts("forbidden_words")),
        ["keywords:letter_frequency"] = LetterFrequency,
        ["language:response_language"] = Language,
        ["length_constraints:number_sentences"] = arguments => Counted(arguments.Relation("relation", "num_sentences"), TextMeasures.Sentences),
        ["length_constraints:number_words"] = arguments => Counted(arguments.Relation("relation", "num_words"), TextMeasures.Words),
        ["length_constraints:number_paragraphs"] = arguments => Paragraphs(arguments.Count("num_paragraphs")),
        ["length_constraints:nth_paragraph_first_word"] = NthParagraph,
        ["detectable_content:number_placeholders"] = arguments => Enough(arguments.Count("num_placeholders"), Markup.Placeholders),
        ["detectable_content:postscript"] = arguments => Postscript(arguments.Text("postscript_marker").Trim()),
        ["detectable_format:number_bullet_lists"] = arguments => Exactly(arguments.Count("num_bullets"), Markup.Bullets),
        ["detectable_format:number_highlighted_sections"] = arguments => Enough(arguments.Count("num_highlights"), Markup.Highlights),
        ["detectable_format:multiple_sections"] = arguments => Sections(arguments.Text("section_spliter").Trim(), arguments.Count("num_sections")),
        ["detectable_format:constrained_response"] = _ => text => s_constrained.Any(text.Contains),
        ["detectable_format:json_format"] = _ => IsJson,
        ["detectable_format:title"] = _ => Markup.HasTitle,
        ["combination:two_responses"] = _ => TwoResponses,
        ["combination:repeat_prompt"] = arguments => Repeat(arguments.TextOrPrompt("prompt_to_repeat")),
        ["startend:end_checker"] = arguments => End(arguments.Text("end_phrase")),
        ["startend:quotation"] = _ => text => text.Trim() is ['"', .., '"'],
        ["change_case:capital_word_frequency"] = arguments => Counted(arguments.Relation("capital_relation", "capital_frequency"), TextMeasures.CapitalWords),
        ["change_case:english_capital"] = _ => text => TextMeasures.IsUpper(text) && LanguageGuess.CouldBe(text, "en"),
        ["change_case:english_lowercase"] = _ => text => TextMeasures.IsLower(text) && LanguageGuess.CouldBe(text, "en"),
        ["punctuation:no_comma"] = _ => text => !text.Contains(','),
    };

    static Func<string, bool> Counted(Func<int, bool> relation, Func<string, int> count) => text => relation(count(text));

    static Func<string, bool> Enough(int least, Func<string, int> count) => text => count(text) >= least;

    static Func<string, bool> Exactly(int number, Func<string, int> count) => text => count(text) == number;

    static Func<string, bool> Keywords(string[] keywords) => text => keywords.All(keyword => text.Contains(keyword, StringComparison.OrdinalIgnoreCase));

    static Func<string, bool> Frequency(string keyword, Func<int, bool> relation) => text =>
    {
        int count = 0;
        for (int at = 0; (at = text.IndexOf(keyword, at, StringComparison.OrdinalIgnoreCase)) >= 0; at += keyword.Length)
            count++;
        return relation(count);
    };

    static Func<string, bool> Forbidden(string[] words)
    {
        Regex[] patterns = [.. words.Select(word => new Regex($@"\b{Regex.Escape(word)}\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking))];
        return text => !patterns.Any(pattern => pattern.IsMatch(text));
    }

    static Func<string, bool> LetterFrequency(Arguments arguments)
    {
        string letter = arguments.Text("letter").Trim().ToLowerInvariant();
        if (letter.Length != 1)
            throw arguments.Wrong("letter", "one character");
        Func<int, bool> relation = arguments.Relation("let_relation", "let_frequency");
        return text => relation(text.ToLowerInvariant().AsSpan().Count(letter[0]));
    }

    static Func<string, bool> Language(Arguments arguments)
    {
        string language = arguments.Text("language");
        return LanguageGuess.Known.Contains(language) ? text => LanguageGuess.CouldBe(text, language) : throw arguments.Wrong("language", $"one of {string.Join(", ", LanguageGuess.Known)}");
    }

    // Divided by lines of three stars; the first and the last part may be empty, the others not.
    static Func<string, bool> Paragraphs(int number) => text =>
    {
        string[] parts = ThreeStars().Split(text);
        int count = parts.Length;
        for (int i = 0; i < parts.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(parts[i]))
                continue;
            if (i != 0 && i != parts.Length - 1)
                return false;
            count--;
        }
        return count == number;
    };

    // Divided by empty lines. The word ends at the first mark of punctuation in it.
    static Func<string, bool> NthParagraph(Arguments arguments)
    {
        int number = arguments.Count("num_paragraphs"), which = arguments.Count("nth_paragraph");
        string wanted = arguments.Text("first_word").ToLowerInvariant();
        if (which < 1)
            throw arguments.Wrong("nth_paragraph", "at least 1");
        return text =>
        {
            string[] paragraphs = text.Split("\n\n");
            int count = paragraphs.Count(paragraph => !string.IsNullOrWhiteSpace(paragraph));
            if (which > count || string.IsNullOrWhiteSpace(paragraphs[which - 1]))
                return false;
            string word = paragraphs[which - 1].Split((char[]?)null, 2, StringSplitOptions.RemoveEmptyEntries)[0].TrimStart('\'').TrimStart('"');
            int end = word.AsSpan().IndexOfAny(".,?!'\"");
            return count == number && (end < 0 ? word : word[..end]).ToLowerInvariant() == wanted;
        };
    }

    static Func<string, bool> Postscript(string marker)
    {
        string pattern = marker switch
        {
            "P.P.S" => @"p\.\s?p\.\s?s",
            "P.S." => @"p\.\s?s\.",
            _ => Regex.Escape(marker.ToLowerInvariant()),
        };
        var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return text => regex.IsMatch(text.ToLowerInvariant());
    }

    static Func<string, bool> Sections(string name, int least)
    {
        var regex = new Regex($@"{Regex.Escape(name)}\s?[0-9]+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return text => regex.Count(text) >= least;
    }

    static bool IsJson(string text)
    {
        string value = text.Trim();
        foreach (string fence in (string[])["```json", "```Json", "```JSON", "```"])
            if (value.StartsWith(fence, StringComparison.Ordinal))
                value = value[fence.Length..];
        if (value.EndsWith("```", StringComparison.Ordinal))
            value = value[..^3];
        try
        {
            using var document = JsonDocument.Parse(value.Trim(), new JsonDocumentOptions { MaxDepth = 500 });
            return true;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // Half a character is an ArgumentException.
            return false;
        }
    }

    static bool TwoResponses(string text)
    {
        string[] parts = text.Split("******");
        List<string> responses = [];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(parts[i]))
                responses.Add(parts[i].Trim());
            else if (i != 0 && i != parts.Length - 1)
                return false;
        }
        return responses.Count == 2 && responses[0] != responses[1];
    }

    static Func<string, bool> Repeat(string prompt)
    {
        string wanted = prompt.Trim().ToLowerInvariant();
        return text => text.Trim().ToLowerInvariant().StartsWith(wanted, StringComparison.Ordinal);
    }

    static Func<string, bool> End(string phrase)
    {
        string wanted = phrase.Trim().ToLowerInvariant();
        return text => text.Trim().Trim('"').ToLowerInvariant().EndsWith(wanted, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\s?\*\*\*\s?", RegexOptions.CultureInvariant)]
    private static partial Regex ThreeStars();
}
