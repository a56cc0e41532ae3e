// What the pages of runs, evaluations and claims have in common: head and end of a file without scripts or anything from outside, tiles with the
// main numbers, and a response beside its verdict. The pages are well-formed XML too.

using System.Net;
using Fathom.Evaluation.Graders;

namespace Fathom.Evaluation.Runs;

/// <summary>Frames pages. What is called text is encoded here; what is called HTML goes in as it is.</summary>
public static class ReportFrame
{
    /// <summary>The begin of a page, up to where its content starts.</summary>
    /// <param name="title">Its title, text.</param>
    /// <param name="css">Styles beside <see cref="ReportStyle.Css"/>; empty for none.</param>
    public static string Head(string title, string css = "") =>
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width\"/>\n"
        + $"<title>{WebUtility.HtmlEncode(title)}</title>\n<style>\n{ReportStyle.Css}\n{(css.Length > 0 ? css + "\n" : "")}</style>\n</head>\n<body>\n<main>\n";

    /// <summary>The end of a page.</summary>
    /// <param name="footer">What its last line says, HTML.</param>
    public static string End(string footer) => $"<footer>{footer}</footer>\n</main>\n</body>\n</html>\n";

    /// <summary>The main numbers, each in a tile.</summary>
    /// <param name="tiles">Numbers and what they are, text.</param>
    public static string Tiles(IEnumerable<(string Value, string Label)> tiles) =>
        $"<div class=\"tiles\">{string.Concat(tiles.Select(tile => $"<div class=\"tile\"><b>{WebUtility.HtmlEncode(tile.Value)}</b><span>{WebUtility.HtmlEncode(tile.Label)}</span></div>"))}</div>\n";

    /// <summary>A response, its reasoning set apart.</summary>
    /// <param name="note">What stands above it, HTML.</param>
    /// <param name="isRight">Whether it is right; null where nobody knows.</param>
    /// <param name="response">The response, text.</param>
    public static string Response(string note, bool? isRight, string response)
    {
        string verdict = isRight switch
        {
            true => "<span class=\"right\">✓ right</span>",
            false => "<span class=\"wrong\">✗ wrong</span>",
            null => "<span class=\"wrong\">not graded</span>",
        };
        return $"<div class=\"response\"><p><span>{note}</span>{verdict}</p><pre>{Dimmed(response)}</pre></div>";
    }

    // The reasoning is what stands up to and including its closing tag.
    static string Dimmed(string response)
    {
        int end = response.IndexOf(AnswerExtraction.ThinkClose, StringComparison.Ordinal);
        int length = end >= 0 ? end + AnswerExtraction.ThinkClose.Length : response.Contains(AnswerExtraction.ThinkOpen, StringComparison.Ordinal) ? response.Length : 0;
        return length == 0 ? WebUtility.HtmlEncode(response) : $"<span class=\"think\">{WebUtility.HtmlEncode(response[..length])}</span>{WebUtility.HtmlEncode(response[length..])}";
    }
}
