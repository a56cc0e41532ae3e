// One checkable instruction of a prompt.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Models.Configs;

namespace Fathom.Evaluation.Benchmarks.InstructionFollowing;

/// <summary>An instruction with its arguments.</summary>
/// <param name="Id">IFEval's name for it: <c>punctuation:no_comma</c>.</param>
/// <param name="Follows">Whether a response that is not blank follows it; takes time linear in the response.</param>
public sealed record Instruction(string Id, Func<string, bool> Follows);

/// <summary>The arguments of one instruction as they stand in a record.</summary>
/// <param name="record">The record.</param>
/// <param name="id">The instruction's name.</param>
/// <param name="values">Its arguments; those without a value count as absent.</param>
sealed class Arguments(DataRecord record, string id, DataValue values)
{
    // No count in a benchmark is near this.
    const int MaxCount = 1_000_000;

    public string Prompt => record.Text("prompt");

    public string Text(string name) =>
        values[name] is { Kind: DataKind.Text or DataKind.Number } value && !string.IsNullOrWhiteSpace(value.Text) ? value.Text : throw Wrong(name, "a text that is not empty");

    /// <summary>A text, or the prompt's own where the arguments leave it out.</summary>
    public string TextOrPrompt(string name) => values[name] is null or { Kind: DataKind.Null } ? Prompt : Text(name);

    public int Count(string name) => DataRecord.WholeNumber(values[name]) is { } number and >= 0 and <= MaxCount ? (int)number : throw Wrong(name, $"a whole number from 0 to {MaxCount}");

    public string[] Texts(string name) =>
        values[name] is { Kind: DataKind.List, Items.Count: > 0 } list && list.Items.All(item => item.Kind == DataKind.Text && item.Text.Length > 0)
            ? [.. list.Items.Select(item => item.Text)] : throw Wrong(name, "a list of texts");

    /// <summary>A comparison with a count: "less than" or "at least".</summary>
    public Func<int, bool> Relation(string relation, string count)
    {
        int bound = Count(count);
        return Text(relation) switch
        {
            "less than" => found => found < bound,
            "at least" => found => found >= bound,
            _ => throw Wrong(relation, "\"less than\" or \"at least\""),
        };
    }

    public BenchmarkException Wrong(string name, string expected) =>
        record.Wrong($"the argument \"{name}\" of the instruction '{id}' must be {expected}, not {DataRecord.Describe(values[name])}");

    public static BenchmarkException Unknown(DataRecord record, string id, IEnumerable<string> known) =>
        record.Wrong($"there is no instruction {DataRecord.Quote(id)}; the nearest is '{NearestName.Of(id.Length <= 100 ? id : id[..100], known)}'");
}
