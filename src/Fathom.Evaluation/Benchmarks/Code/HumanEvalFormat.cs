// HumanEval (Chen et al. 2021, arXiv 2107.03374): a function's head with its description, to be completed; hidden assertions.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Code;

/// <summary>HumanEval.</summary>
public sealed class HumanEvalFormat : CodeFormat
{
    /// <inheritdoc/>
    public override string Name => "humaneval";

    /// <inheritdoc/>
    public override string Description => "Python functions to complete from their description; run against hidden assertions";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["task_id", "prompt", "entry_point", "test"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string prompt = record.Text("prompt"), test = record.Text("test"), function = FunctionName(record, record.Text("entry_point"));
        int head = prompt.LastIndexOf($"def {function}(", StringComparison.Ordinal);
        if (head < 0)
            throw record.Wrong($"\"prompt\" does not begin the function '{function}' that \"entry_point\" names");
        if (!test.Contains("def check(", StringComparison.Ordinal))
            throw record.Wrong("\"test\" has no function check(candidate)");
        string preamble = prompt[..head];
        var tests = new AssertTests($"{preamble}\n{test}", function, [$"check({function})"]);
        into.Add(new CodeProblem(Name, Wording.Completion(prompt), 1, Language.English)
        {
            Id = record.Text("task_id"),
            ReadTests = () => tests,
            Preamble = preamble,
            Beginning = prompt,
            Function = function,
        });
    }
}
