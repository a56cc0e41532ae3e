// What one benchmark is: the fields its records have, the problem a record becomes, and how a response is graded.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks;

/// <summary>A benchmark's format.</summary>
public abstract class BenchmarkFormat
{
    /// <summary>The name it is asked for by: <c>gsm8k</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One line: what the benchmark asks and how it is graded.</summary>
    public abstract string Description { get; }

    /// <summary>The fields that every record needs; <c>problem|question</c> is a field that goes by either name.</summary>
    public abstract IReadOnlyList<string> Needs { get; }

    /// <summary>The needed fields that a record has not.</summary>
    public IEnumerable<string> MissingIn(DataRecord record)
    {
        HashSet<string> names = [.. record.Names];
        return Needs.Where(need => !need.Split('|').Any(names.Contains));
    }

    /// <summary>Whether grading runs programs.</summary>
    public virtual bool NeedsCode => false;

    /// <summary>Whether a file whose first record is this one is taken for this benchmark when nobody says what it is.</summary>
    internal virtual bool Recognises(DataRecord first) => !MissingIn(first).Any();

    /// <summary>Turns a record that has the needed fields into a problem, or passes over it with a reason.</summary>
    /// <exception cref="BenchmarkException">A field is not what it should be.</exception>
    internal abstract void Read(DataRecord record, ProblemList into);

    /// <summary>Grades a response to a problem that <see cref="Read"/> made.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="response">The response in its parts.</param>
    /// <param name="grader">Runs programs; there whenever <see cref="NeedsCode"/>.</param>
    internal abstract Verdict Grade(Problem problem, ParsedResponse response, ProgramGrader? grader);

    /// <summary>Whether two extracted answers say the same.</summary>
    internal virtual bool SameAnswer(Problem problem, string left, string right) => string.Equals(left, right, StringComparison.Ordinal);
}

/// <summary>Runs a program against tests: <see cref="CodeGrader.Grade"/>.</summary>
delegate CodeReport ProgramGrader(ProgramLanguage language, string program, CodeTests tests, TimeSpan? timeLimitPerTest);

/// <summary>A record that is deliberately not asked.</summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Reason">Why.</param>
public readonly record struct SkippedRecord(string Place, string Reason);

/// <summary>What reading a file gathers.</summary>
/// <param name="seed">Of everything that is drawn (the order of choices).</param>
sealed class ProblemList(ulong seed)
{
    public ulong Seed => seed;

    public List<Problem> Problems { get; } = [];

    public List<SkippedRecord> Skipped { get; } = [];

    /// <summary>The number of the next problem or passed-over record: what per-item draws are keyed by.</summary>
    public int Next => Problems.Count + Skipped.Count;

    public void Add(Problem problem) => Problems.Add(problem);

    public void Skip(DataRecord record, string reason) => Skipped.Add(new(record.Place, reason));
}
