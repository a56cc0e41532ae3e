// C-Eval (Huang et al. 2023, arXiv 2305.08322): Chinese examination questions in 52 subjects, asked in Chinese.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>C-Eval.</summary>
public sealed class CEvalFormat : ChoiceFormat
{
    /// <inheritdoc/>
    public override string Name => "c-eval";

    /// <inheritdoc/>
    public override string Description => "Chinese examination questions with four choices";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["id", "question", "A", "B", "C", "D", "answer"];

    // The same columns hold English questions elsewhere.
    internal override bool Recognises(DataRecord first) =>
        base.Recognises(first) && Wording.LanguageOf(string.Join(' ', ((string[])["question", "A", "B", "C", "D"]).Select(name => first.TextOrEmpty(name)))) == Language.Chinese;

    internal override void Read(DataRecord record, ProblemList into) =>
        Add(into, record, record.TextOrEmpty("id"), record.Text("question"), LetteredColumns(record), CorrectIndex(record, "answer", 4), record.TextOrEmpty("subject"), language: Language.Chinese);
}
