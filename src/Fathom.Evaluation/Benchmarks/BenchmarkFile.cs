// A benchmark file as a task: its problems, its grading, and the hash that says which file a score was measured on.
using System.Security.Cryptography;
using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Evaluation.Benchmarks.Code;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks;

/// <summary>The problems of one benchmark file.</summary>
public sealed class BenchmarkFile : VerifiedTask
{
    readonly ProgramGrader? _grader;

    BenchmarkFile(string path, BenchmarkFormat format, string contentHash, IReadOnlyList<Problem> problems, IReadOnlyList<SkippedRecord> skipped, ProgramGrader? grader) =>
        (Path, Format, ContentHash, Problems, Skipped, _grader) = (path, format, contentHash, problems, skipped, grader);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What benchmark it is.</summary>
    public BenchmarkFormat Format { get; }

    /// <inheritdoc/>
    public override string Name => Format.Name;

    /// <summary>SHA-256 of the file's bytes, in lower-case hexadecimal digits.</summary>
    public string ContentHash { get; }

    /// <summary>The problems in file order. A prompt is the whole of the user's turn: the question with the instruction that the field asks it with.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>The records that are deliberately not asked, with the reason.</summary>
    public IReadOnlyList<SkippedRecord> Skipped { get; }

    /// <summary>What benchmark a file is, by its first record.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">The format's name where it is known.</param>
    /// <exception cref="ArgumentException">There is no such format.</exception>
    /// <exception cref="BenchmarkException">The first record is broken or of an unknown shape, or there is none.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BenchmarkFormat FormatOf(string path, string? format = null) => format is not null
        ? BenchmarkFormats.Find(format)
        : BenchmarkFormats.Recognise(RecordFile.Read(path, MmluFormat.ImpliedHeader).FirstOrDefault() ?? throw new BenchmarkException($"{path}: no record in it."));

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">JSON lines, JSON, CSV, TSV or Parquet.</param>
    /// <param name="format">A name of <see cref="BenchmarkFormats.All"/>; null to go by the first record's fields.</param>
    /// <param name="seed">Of the order of choices where the benchmark leaves it open.</param>
    /// <param name="code">Runs programs, for benchmarks that need it; the others ignore it.</param>
    /// <exception cref="ArgumentException">There is no such format.</exception>
    /// <exception cref="BenchmarkException">A broken record (the message names file, line and what is wrong), records of an unknown shape, no problem at all, or
    /// a benchmark of programs without <paramref name="code"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BenchmarkFile Read(string path, string? format = null, ulong seed = 0, CodeGrader? code = null) =>
        Read(path, format, seed, code is null ? null : code.Grade);

    internal static BenchmarkFile Read(string path, string? format, ulong seed, ProgramGrader? grader)
    {
        BenchmarkFormat? chosen = format is null ? null : BenchmarkFormats.Find(format);
        var list = new ProblemList(seed);
        foreach (DataRecord record in RecordFile.Read(path, MmluFormat.ImpliedHeader))
        {
            chosen ??= BenchmarkFormats.Recognise(record);
            if (chosen.MissingIn(record).ToArray() is { Length: > 0 } missing)
                throw record.Wrong(
                    $"a record of the format '{chosen.Name}' needs {string.Join(", ", chosen.Needs)}; {string.Join(", ", missing)} is missing, found: {BenchmarkFormats.FieldsOf(record)}");
            if (chosen.NeedsCode && grader is null)
                throw new BenchmarkException($"{path}: the benchmark '{chosen.Name}' is graded by running programs, which needs a sandbox, and none is given.");
            chosen.Read(record, list);
        }
        if (list.Problems.Count == 0)
            throw new BenchmarkException(list.Skipped.Count == 0
                ? $"{path}: no record in it."
                : $"{path}: all {list.Skipped.Count} records are passed over; the first ({list.Skipped[0].Place}) because {list.Skipped[0].Reason}.");
        return new BenchmarkFile(path, chosen!, HashOf(path), list.Problems, list.Skipped, grader);
    }

    /// <summary>The problems of contests within a window of days, against problems that a model has seen in training.</summary>
    /// <param name="from">First day; null for no bound.</param>
    /// <param name="until">Last day; null for no bound.</param>
    /// <exception cref="BenchmarkException">A problem has no date, or none lies in the window.</exception>
    public BenchmarkFile Within(DateOnly? from, DateOnly? until)
    {
        if (Problems.FirstOrDefault(problem => problem is not CodeProblem { Date: not null }) is { } undated)
            throw new BenchmarkException($"{Path}: a window of dates needs the date of every problem, and '{undated.Id}' has none.");
        Problem[] within = [.. Problems.Where(problem => problem is CodeProblem { Date: { } date } && !(date < from) && !(date > until))];
        CodeProblem[] dated = [.. Problems.Cast<CodeProblem>()];
        return within.Length > 0 ? new BenchmarkFile(Path, Format, ContentHash, within, Skipped, _grader)
            : throw new BenchmarkException($"{Path}: no problem from {from:yyyy-MM-dd} to {until:yyyy-MM-dd}; there are problems from {dated.Min(problem => problem.Date):yyyy-MM-dd} to {dated.Max(problem => problem.Date):yyyy-MM-dd}.");
    }

    /// <inheritdoc/>
    public override bool Check(Problem problem, string answer) => Grade(problem, new ParsedResponse("", answer, false)).Outcome == Outcome.Right;

    /// <inheritdoc/>
    public override Verdict Grade(Problem problem, ParsedResponse response) => Format.Grade(problem, response, _grader);

    /// <inheritdoc/>
    public override bool SameAnswer(Problem problem, string left, string right) => Format.SameAnswer(problem, left, right);

    static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
