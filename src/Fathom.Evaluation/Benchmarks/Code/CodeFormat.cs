// What the programming benchmarks share: the program is taken out of the response, completed where the question began it, and run in the sandbox.
using System.Text.RegularExpressions;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Code;

/// <summary>A benchmark of Python programs.</summary>
public abstract class CodeFormat : BenchmarkFormat
{
    /// <inheritdoc/>
    public override bool NeedsCode => true;

    internal override Verdict Grade(Problem problem, ParsedResponse response, ProgramGrader? grader)
    {
        var asked = (CodeProblem)problem;
        string code = ProgramExtraction.Extract(response.Answer, ProgramLanguage.Python);
        if (string.IsNullOrWhiteSpace(code))
            return Verdict.Of(false, null, "no program in the answer");
        string program = Whole(asked, code);
        try
        {
            return grader!(ProgramLanguage.Python, program, asked.Tests, asked.TimeLimit).ToVerdict(program);
        }
        catch (SandboxException error)
        {
            return new Verdict(Outcome.Failed, program, error.Message);
        }
    }

    // Two programs are never taken for the same one: votes make no sense here.
    internal override bool SameAnswer(Problem problem, string left, string right) => string.Equals(left, right, StringComparison.Ordinal);

    static string Whole(CodeProblem problem, string code)
    {
        if (problem.Beginning is not { } beginning)
            return code;
        bool whole = Regex.IsMatch(code, $@"^[ \t]*(?:async[ \t]+)?def[ \t]+{Regex.Escape(problem.Function!)}[ \t]*\(", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return whole ? $"{problem.Preamble}\n{code}" : $"{beginning}\n{code}";
    }

    // A name that Python takes for a function.
    private protected static string FunctionName(DataRecord record, string name) =>
        name.Length is > 0 and <= 200 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? name : throw record.Wrong($"a function's name is expected, not {DataRecord.Quote(name)}");
}
