// MBPP (Austin et al. 2021, arXiv 2108.07732): a sentence and the assertions that the function must pass, which the question shows, as the authors do.
using System.Text.RegularExpressions;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Code;

/// <summary>MBPP, whole or sanitized.</summary>
public sealed partial class MbppFormat : CodeFormat
{
    /// <inheritdoc/>
    public override string Name => "mbpp";

    /// <inheritdoc/>
    public override string Description => "short Python functions from one sentence; run against the assertions that the question shows";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["text|prompt", "code", "test_list"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string text = record.Text("text", "prompt");
        IReadOnlyList<string> asserts = record.Texts("test_list");
        if (asserts.Count == 0)
            throw record.Wrong("\"test_list\" is empty");
        string setup = record.Find("test_imports") is { Kind: DataKind.List } ? string.Join('\n', record.Texts("test_imports")) : record.TextOrEmpty("test_setup_code");
        string function = Function(record, asserts[0]);
        var tests = new AssertTests(setup, function, asserts);
        into.Add(new CodeProblem(Name, Wording.Function(text, asserts), 1, Language.English) { Id = record.TextOrEmpty("task_id"), ReadTests = () => tests, Function = function });
    }

    // The function that the reference program defines and the first assertion calls.
    static string Function(DataRecord record, string assertion)
    {
        string[] defined = [.. Definition().Matches(record.Text("code")).Select(match => match.Groups[1].Value)];
        return defined.Where(name => Regex.IsMatch(assertion, $@"\b{Regex.Escape(name)}\s*\(", RegexOptions.CultureInvariant)).OrderByDescending(name => name.Length).FirstOrDefault()
            ?? throw record.Wrong($"the first test calls no function that \"code\" defines ({string.Join(", ", defined.Take(5))})");
    }

    [GeneratedRegex(@"^[ \t]*def[ \t]+([A-Za-z_][A-Za-z0-9_]*)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Definition();
}
