// The distillation grid: five ways to get knowledge out of a teacher, four to put it into a student, and which of the twenty cells make sense.

namespace Fathom.Claims.Page;

/// <summary>Draws the distillation grid.</summary>
static class DistillationFigure
{
    const string None = "";

    static readonly string[] s_into = ["supervised fine-tuning", "divergence and similarity", "reinforcement learning", "ranking"];

    // Cells as the survey of the field has them (arXiv 2402.13116), whose scheme the primer's table is.
    static readonly (string From, string Stored, string[] Cells)[] s_rows =
    [
        ("1. labelling", "the teacher's answer to each given prompt", ["the answers as targets", "with the stored log-probabilities", "the answer as reference of an accuracy reward", "the teacher's answer above the student's"]),
        ("2. expansion", "new prompts and answers from a few demonstrations", ["the new data as targets", "with the stored log-probabilities", "new prompts to practise on", "pairs on new prompts"]),
        ("3. curation", "data made for a topic, and filtered", ["the filtered data as targets", "with the stored log-probabilities", "prompts of the topic to practise on", "pairs on the topic"]),
        ("4. feature", "the teacher's distributions and hidden states", ["weak: only the likeliest token is used", "KL forward or reverse, JSD, skew KL; L2 or cosine of hidden states", "log-probability as a dense reward", None]),
        ("5. feedback", "the teacher's scores and corrections of the student's answers", ["the corrected answers as targets", "on the student's own answers (GKD)", "the teacher's score as reward", "answers in the teacher's order (DPO, RRHF)"]),
    ];

    // What DeepSeek published of its own distillation: R1's answers, filtered, and fine-tuning.
    static readonly (int Row, int Column)[] s_published = [(0, 0), (2, 0)];

    /// <summary>The figure.</summary>
    /// <param name="claims">The topic's claims, of which K1 is the grid's.</param>
    public static Markup Draw(IReadOnlyList<Claim> claims)
    {
        bool measured = claims.Any(claim => claim.Id == "K1" && claim.Measurement is not null);
        int cells = s_rows.Sum(row => row.Cells.Count(cell => cell != None));
        Markup Cell(int row, int column)
        {
            string text = s_rows[row].Cells[column];
            return text == None
                ? Markup.Of($"<td class=\"none\">does not fit: features put no answers in order</td>")
                : s_published.Contains((row, column))
                    ? Markup.Of($"<td class=\"done\"><span class=\"badge holds\">✓ published by DeepSeek</span><br/>{text}</td>")
                    : Markup.Of($"<td>{text}</td>");
        }
        Markup table = Markup.Of($"<table class=\"grid-table\"><caption>Rows: what comes out of the teacher. Columns: how it goes into the student.</caption><thead><tr><th scope=\"col\">out of the teacher</th>{Markup.Each(s_into, name => Markup.Of($"<th scope=\"col\">{name}</th>"))}</tr></thead><tbody>")
            .Add($"{Markup.Each(s_rows.Index(), row => Markup.Of($"<tr><th scope=\"row\"><b>{row.Item.From}</b><br/>{row.Item.Stored}</th>{Markup.Each(Enumerable.Range(0, s_into.Length), column => Cell(row.Index, column))}</tr>\n"))}</tbody></table>");
        return Plate.Of(
            "Distillation: five ways out of the teacher, four into the student",
            $"{cells} of {s_rows.Length * s_into.Length} cells make sense. DeepSeek published {s_published.Length} of them: answers of R1, filtered, and fine-tuning on them (DeepSeek-R1, arXiv 2501.12948v2, appendix F). {(measured ? "What was measured here stands under K1." : "None of them is measured here yet.")}",
            table, Markup.Empty);
    }
}
