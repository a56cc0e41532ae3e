// The list of benchmarks that are understood, and which of them a file is.
using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Evaluation.Benchmarks.Code;
using Fathom.Evaluation.Benchmarks.InstructionFollowing;
using Fathom.Evaluation.Benchmarks.Mathematics;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Benchmarks.ShortAnswers;
using Fathom.Models.Configs;

namespace Fathom.Evaluation.Benchmarks;

/// <summary>All benchmark formats.</summary>
public static class BenchmarkFormats
{
    // How many formats an error about a file of an unknown shape names.
    const int NearestShown = 3;

    /// <summary>Every format. The first one that recognises a file's first record takes it, so formats with more telling fields come first.</summary>
    public static IReadOnlyList<BenchmarkFormat> All { get; } =
    [
        new HumanEvalFormat(), new MbppFormat(), new LiveCodeBenchFormat(), new CodeforcesFormat(), new IfEvalFormat(),
        new GpqaFormat(), new MmluProFormat(), new MmluReduxFormat(), new CEvalFormat(), new MmluFormat(), new ClueWscFormat(),
        new DropFormat(), new SimpleQaFormat(), new SvampFormat(),
        new MathFormat(), new AimeFormat(), new AmcFormat(), new MinervaFormat(), new Gsm8kFormat(),
        new PlainMathFormat(),
    ];

    /// <summary>The format called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">No such format; the message names the nearest one and all there are.</exception>
    public static BenchmarkFormat Find(string name) => All.FirstOrDefault(format => format.Name == name)
        ?? throw new ArgumentException(
            $"Unknown benchmark format '{name}'; did you mean '{NearestName.Of(name, All.Select(format => format.Name))}'? There are: {string.Join(", ", All.Select(format => format.Name))}.");

    /// <summary>The format of the file that begins with this record.</summary>
    /// <exception cref="BenchmarkException">None; the message names the fields found and those that the nearest formats need.</exception>
    internal static BenchmarkFormat Recognise(DataRecord first)
    {
        if (All.FirstOrDefault(format => format.Recognises(first)) is { } known)
            return known;
        IEnumerable<string> nearest = All
            .Select(format => (Format: format, Missing: format.MissingIn(first).ToArray()))
            .OrderBy(candidate => candidate.Missing.Length / (double)candidate.Format.Needs.Count)
            .Take(NearestShown)
            .Select(candidate => $"{candidate.Format.Name} needs {string.Join(", ", candidate.Format.Needs)}" +
                (candidate.Missing.Length > 0 ? $" (missing: {string.Join(", ", candidate.Missing)})" : " (all there, but what is in them is not this benchmark's)"));
        throw first.Wrong($"no benchmark is known whose records have these fields: {FieldsOf(first)}. The nearest: {string.Join("; ", nearest)}");
    }

    /// <summary>The names of a record's fields for a message.</summary>
    internal static string FieldsOf(DataRecord record)
    {
        const int shown = 30;
        string[] names = [.. record.Names.Take(shown + 1).Select(name => name.Length <= 40 ? name : name[..40] + "...")];
        return names.Length == 0 ? "none" : string.Join(", ", names.Take(shown)) + (names.Length > shown ? ", ..." : "");
    }
}
