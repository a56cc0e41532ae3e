// IFEval (Zhou et al. 2023, arXiv 2311.07911): prompts with instructions that a program can check. A response counts as it is ("strict"), and with the
// forgiveness of the paper ("loose": without its first line, its last line, both, and all of these without stars). Its four numbers are parts of the
// verdict: prompts and instructions, strict and loose; the outcome is that of the prompt, strict.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.InstructionFollowing;

/// <summary>A prompt with instructions.</summary>
/// <param name="Task">Name of the benchmark.</param>
/// <param name="Prompt">The user's turn.</param>
/// <param name="Instructions">What the response is checked for.</param>
/// <param name="Language">Language of the prompt.</param>
public sealed record InstructionProblem(string Task, string Prompt, IReadOnlyList<Instruction> Instructions, Language Language)
    : Problem(Task, Prompt, string.Join(", ", Instructions.Select(instruction => instruction.Id)), 1, Language, []);

/// <summary>IFEval.</summary>
public sealed class IfEvalFormat : BenchmarkFormat
{
    /// <inheritdoc/>
    public override string Name => "ifeval";

    /// <inheritdoc/>
    public override string Description => "instructions that rules check, per prompt and per instruction, strict and loose; sentences, capitals and languages by rules of our own";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["prompt", "instruction_id_list", "kwargs"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string prompt = record.Text("prompt");
        IReadOnlyList<string> ids = record.Texts("instruction_id_list");
        IReadOnlyList<DataValue> arguments = record.List("kwargs");
        if (ids.Count == 0 || ids.Count != arguments.Count)
            throw record.Wrong($"\"instruction_id_list\" and \"kwargs\" must be equally long and not empty, not {ids.Count} and {arguments.Count}");
        into.Add(new InstructionProblem(Name, prompt, [.. ids.Select((id, i) => Instruction(record, id, arguments[i]))], Wording.LanguageOf(prompt)) { Id = record.TextOrEmpty("key", "id") });
    }

    static Instruction Instruction(DataRecord record, string id, DataValue arguments) => InstructionChecks.All.TryGetValue(id, out Func<Arguments, Func<string, bool>>? check)
        ? new Instruction(id, check(new Arguments(record, id, arguments)))
        : throw Arguments.Unknown(record, id, InstructionChecks.All.Keys);

    internal override Verdict Grade(Problem problem, ParsedResponse response, ProgramGrader? grader)
    {
        IReadOnlyList<Instruction> instructions = ((InstructionProblem)problem).Instructions;
        string[] forgiving = Forgiving(response.Answer);
        bool[] strict = [.. instructions.Select(instruction => Follows(instruction, response.Answer))];
        bool[] loose = [.. instructions.Select(instruction => forgiving.Any(text => Follows(instruction, text)))];
        string[] broken = [.. instructions.Where((_, i) => !strict[i]).Select(instruction => instruction.Id)];
        return Verdict.Of(broken.Length == 0, null, broken.Length == 0 ? null : $"not followed: {string.Join(", ", broken)}") with
        {
            Parts =
            [
                new("promptStrict", broken.Length == 0 ? 1 : 0), new("promptLoose", loose.All(followed => followed) ? 1 : 0),
                new("instructionStrict", strict.Average(followed => followed ? 1.0 : 0), strict.Length), new("instructionLoose", loose.Average(followed => followed ? 1.0 : 0), loose.Length),
            ],
        };
    }

    static bool Follows(Instruction instruction, string response) => !string.IsNullOrWhiteSpace(response) && instruction.Follows(response);

    static string[] Forgiving(string response)
    {
        int first = response.IndexOf('\n'), last = response.LastIndexOf('\n');
        string[] texts =
        [
            response, first < 0 ? "" : response[(first + 1)..].Trim(), last < 0 ? "" : response[..last].Trim(), first < 0 || first == last ? "" : response[(first + 1)..last].Trim(),
        ];
        return [.. texts, .. texts.Select(text => text.Replace("*", "", StringComparison.Ordinal))];
    }
}
