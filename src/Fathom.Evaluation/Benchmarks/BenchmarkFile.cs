// A benchmark file as a task: its problems, its grading, and the hash that says which file a score was measured on.
using System.Security.Cryptography;
using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks;

/// <summary>The problems of one benchmark file.</summary>
public sealed class BenchmarkFile : VerifiedTask
{
    BenchmarkFile(string path, BenchmarkFormat format, string contentHash, IReadOnlyList<Problem> problems, IReadOnlyList<SkippedRecord> skipped) =>
        (Path, Format, ContentHash, Problems, Skipped) = (path, format, contentHash, problems, skipped);

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

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">JSON lines, JSON, CSV, TSV or Parquet.</param>
    /// <param name="format">A name of <see cref="BenchmarkFormats.All"/>; null to go by the first record's fields.</param>
    /// <param name="seed">Of the order of choices where the benchmark leaves it open.</param>
    /// <exception cref="ArgumentException">There is no such format.</exception>
    /// <exception cref="BenchmarkException">A broken record (the message names file, line and what is wrong), records of an unknown shape, or no problem at all.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BenchmarkFile Read(string path, string? format = null, ulong seed = 0)
    {
        BenchmarkFormat? chosen = format is null ? null : BenchmarkFormats.Find(format);
        var list = new ProblemList(seed);
        foreach (DataRecord record in RecordFile.Read(path, MmluFormat.ImpliedHeader))
        {
            chosen ??= BenchmarkFormats.Recognise(record);
            if (chosen.MissingIn(record).ToArray() is { Length: > 0 } missing)
                throw record.Wrong(
                    $"a record of the format '{chosen.Name}' needs {string.Join(", ", chosen.Needs)}; {string.Join(", ", missing)} is missing, found: {BenchmarkFormats.FieldsOf(record)}");
            chosen.Read(record, list);
        }
        if (list.Problems.Count == 0)
            throw new BenchmarkException(list.Skipped.Count == 0
                ? $"{path}: no record in it."
                : $"{path}: all {list.Skipped.Count} records are passed over; the first ({list.Skipped[0].Place}) because {list.Skipped[0].Reason}.");
        return new BenchmarkFile(path, chosen!, HashOf(path), list.Problems, list.Skipped);
    }

    /// <inheritdoc/>
    public override bool Check(Problem problem, string answer) => Grade(problem, new ParsedResponse("", answer, false)).Outcome == Outcome.Right;

    /// <inheritdoc/>
    public override Verdict Grade(Problem problem, ParsedResponse response) => Format.Grade(problem, response);

    /// <inheritdoc/>
    public override bool SameAnswer(Problem problem, string left, string right) => Format.SameAnswer(problem, left, right);

    static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
