// GPQA (Rein et al. 2023, arXiv 2311.12022): graduate-level science questions. The file has the right answer first, so the choices are put in a
// drawn order: a function of the seed and the question alone, kept with the problem, so that every run and every subset asks the same.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>GPQA.</summary>
public sealed class GpqaFormat : ChoiceFormat
{
    static readonly string[] s_choices = ["Correct Answer", "Incorrect Answer 1", "Incorrect Answer 2", "Incorrect Answer 3"];

    /// <inheritdoc/>
    public override string Name => "gpqa";

    /// <inheritdoc/>
    public override string Description => "graduate-level science questions; four choices in an order drawn per question from the seed";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["Question", .. s_choices];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string question = Clean(record.Text("Question"));
        int[] order = [0, 1, 2, 3];
        var random = new RandomStream(into.Seed, CounterRandom.StreamOf($"gpqa {question}"));
        random.Shuffle<int>(order);
        Add(into, record, record.TextOrEmpty("Record ID", "id"), question, [.. order.Select(i => Clean(record.Text(s_choices[i])))], Array.IndexOf(order, 0),
            record.TextOrEmpty("Subdomain", "High-level domain"), order);
    }

    // "[title]" is left over from the form the questions were written in. Other brackets stay: they are chemistry.
    static string Clean(string text) => text.Replace(" [title]", ". ", StringComparison.Ordinal).Replace("[title]", "", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal).Trim();
}
