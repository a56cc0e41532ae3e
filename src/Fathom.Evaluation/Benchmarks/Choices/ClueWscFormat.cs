// CLUEWSC2020 (Xu et al. 2020, arXiv 2004.05986): does the pronoun of a Chinese text mean the noun that is named?
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>CLUEWSC.</summary>
public sealed class ClueWscFormat : ChoiceFormat
{
    /// <inheritdoc/>
    public override string Name => "cluewsc";

    /// <inheritdoc/>
    public override string Description => "whom a pronoun means in a Chinese text; yes or no";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["text", "target", "label"];

    internal override bool Recognises(DataRecord first) => base.Recognises(first) && first.Find("target")?["span1_text"] is not null;

    internal override void Read(DataRecord record, ProblemList into)
    {
        DataValue? target = record.Find("target");
        string noun = record.TextOf(target?["span1_text"], "target.span1_text"), pronoun = record.TextOf(target?["span2_text"], "target.span2_text");
        string question = $"{record.Text("text").Trim()}\n在上文中，“{pronoun}”指的是“{noun}”吗？";
        Add(into, record, record.TextOrEmpty("idx", "id"), question, ["是", "不是"], Label(record), language: Language.Chinese);
    }

    // The original file has "true" and "false"; as a class of a data set the same are 0 and 1, in this order.
    static int Label(DataRecord record) => record.Find("label") switch
    {
        { Kind: DataKind.Boolean or DataKind.Text, Text: "true" } or { Kind: DataKind.Number, Text: "0" } => 0,
        { Kind: DataKind.Boolean or DataKind.Text, Text: "false" } or { Kind: DataKind.Number, Text: "1" } => 1,
        var other => throw record.Wrong($"\"label\" must be true or false (or 0 for true, 1 for false), not {DataRecord.Describe(other)}"),
    };
}
