// Evaluations as a whole: what is written, what an interruption leaves, what the numbers are.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Runs;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Tests.Runs;

public sealed class EvaluatorTests : IDisposable
{
    const int Problems = 12, Samples = 4;

    readonly string _root = Directory.CreateTempSubdirectory("fathom-eval-").FullName;

    static EvaluationManifest Manifest => new()
    {
        Task = "scripted",
        DataHash = ProblemDigest.Of(ScriptedTask.Problems(Problems).Select(p => p.Item2)),
        Problems = Problems,
        Samples = Samples,
        Model = "a script",
        Prompting = "chat",
        Temperature = 0.6,
        TopP = 0.95,
        MaxTokens = 100,
        Seed = 3,
    };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // Right in about half of the cases, by problem and seed.
    static string Answer(string prompt, ulong seed) => (seed % 10 < 5) == prompt.EndsWith('1') ? "yes" : $"no{seed % 3}";

    static bool Same(int problem, string left, string right) => left == right;

    [Fact]
    public async Task Interrupted_Resumed_GivesTheFilesOfAnUninterruptedOne()
    {
        string whole = Path.Combine(_root, "whole"), halves = Path.Combine(_root, "halves");
        await Run(whole, new ScriptedRespondent(Answer), resume: false, concurrency: 5);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(halves, new ScriptedRespondent(Answer, mostAnswers: 17), resume: false, concurrency: 3));
        int kept = File.ReadLines(Path.Combine(halves, EvaluationFolder.SamplesFile)).Count();
        Assert.InRange(kept, 14, 17);
        // A power failure in the middle of a line.
        File.AppendAllText(Path.Combine(halves, EvaluationFolder.SamplesFile), "{\"problem\":3,\"id\":\"q");
        var rest = new ScriptedRespondent(Answer);
        await Run(halves, rest, resume: true, concurrency: 1);
        Assert.Equal(Problems * Samples - kept, rest.Asked);
        foreach (string file in new[] { EvaluationManifest.FileName, EvaluationFolder.SamplesFile, EvaluationFolder.SummaryFile, EvaluationFolder.ReportFile })
            Assert.Equal(File.ReadAllText(Path.Combine(whole, file)), File.ReadAllText(Path.Combine(halves, file)));
        // Nothing is left to ask.
        var none = new ScriptedRespondent(Answer);
        await Run(halves, none, resume: true, concurrency: 1);
        Assert.Equal(0, none.Asked);
    }

    [Fact]
    public async Task Summary_IsThatOfTheSamples()
    {
        string path = Path.Combine(_root, "e");
        await Run(path, new ScriptedRespondent((prompt, seed) => prompt == "question 0" ? "broken" : Answer(prompt, seed)), resume: false, concurrency: 4);
        IReadOnlyList<EvaluationSample> samples = EvaluationFolder.ReadSamples(path);
        Assert.Equal(Problems * Samples, samples.Count);
        Assert.Equal(samples.Count, samples.Select(sample => sample.Seed).Distinct().Count());
        EvaluationSummary summary = EvaluationSummary.Of(Manifest, samples, Same, (prompt, response) => (prompt * 2m + response * 8m) / 1_000_000);
        // The broken problem is not one that is missed.
        Assert.Equal((Problems - 1, (long)Samples), (summary.Problems, summary.Failed));
        EvaluationSample[] graded = [.. samples.Where(sample => sample.Outcome != Outcome.Failed)];
        int right = graded.Count(sample => sample.Response == "yes");
        Assert.InRange(right, 5, graded.Length - 5);
        Assert.Equal((double)right / graded.Length, summary.PassAt1, 12);
        Assert.InRange(summary.PassAt1, summary.Low!.Value, summary.High!.Value);
        Assert.Equal([2, 4], summary.AtK.Select(at => at.K));
        // pass@4 of four samples: the share of problems with a right one.
        Assert.Equal(graded.GroupBy(sample => sample.Problem).Average(problem => problem.Any(sample => sample.Response == "yes") ? 1.0 : 0), summary.AtK[1].Pass.Mean, 12);
        PartMean part = Assert.Single(summary.Parts);
        Assert.Equal(("length", graded.Average(sample => sample.Response.Length), 2.0 * graded.Length), (part.Name, part.Mean, part.Count));
        Assert.Equal(samples.Sum(sample => sample.Response.Length), summary.GeneratedTokens);
        Assert.Equal((3 * 2m * samples.Count + 8m * summary.GeneratedTokens) / 1_000_000, summary.Money);
        Assert.Equal(summary.Money / right, summary.MoneyPerSolved);
        Assert.Equal(samples.Count(sample => sample.Response == "broken") / (double)samples.Count, summary.TruncatedShare);
    }

    [Fact]
    public void NothingGraded_SaysWhy()
    {
        EvaluationSample sample = new(0, "", 0, 1, "p", "yes", "r", null, Outcome.Failed, "no sandbox", [], 1, 1, false, false);
        Assert.Contains("no sandbox", Assert.Throws<InvalidDataException>(() => EvaluationSummary.Of(Manifest, [sample], Same)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_OfAnotherEvaluation_SaysWhatDiffers()
    {
        string path = Path.Combine(_root, "e");
        await Run(path, new ScriptedRespondent(Answer), resume: false, concurrency: 4);
        string message = Assert.Throws<InvalidDataException>(() => EvaluationFolder.Resume(path, Manifest with { Seed = 4, ModelHash = "ab" })).Message;
        Assert.Contains("seed is 4, was 3", message, StringComparison.Ordinal);
        Assert.Contains("modelHash is \"ab\", was not set", message, StringComparison.Ordinal);
        Assert.Contains("--resume", Assert.Throws<InvalidDataException>(() => EvaluationFolder.Create(path, Manifest)).Message, StringComparison.Ordinal);
        Assert.Contains(EvaluationManifest.FileName, Assert.Throws<InvalidDataException>(() => EvaluationFolder.Resume(_root, Manifest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_InUse_OrDamaged_IsRefused()
    {
        string path = Path.Combine(_root, "e");
        using (EvaluationFolder.Create(path, Manifest))
            Assert.Contains("another process", Assert.Throws<IOException>(() => EvaluationFolder.Resume(path, Manifest)).Message, StringComparison.Ordinal);
        await Run(path, new ScriptedRespondent(Answer), resume: true, concurrency: 4);
        string samples = Path.Combine(path, EvaluationFolder.SamplesFile);
        string[] lines = File.ReadAllLines(samples);
        lines[4] = lines[4][..30];
        File.WriteAllLines(samples, lines);
        Assert.Contains("line 5", Assert.Throws<InvalidDataException>(() => EvaluationFolder.Resume(path, Manifest)).Message, StringComparison.Ordinal);
        // The failed attempt lets the folder go, and changes nothing.
        Assert.Equal(lines, File.ReadAllLines(samples));
    }

    [Fact]
    public async Task Report_IsOnePage_WithEveryTextEscaped()
    {
        string path = Path.Combine(_root, "e");
        await Run(path, new ScriptedRespondent((prompt, seed) => seed % 2 == 0 ? "<script>alert(1)</script> & \"</pre>" : "yes"), resume: false, concurrency: 4);
        string page = File.ReadAllText(Path.Combine(path, EvaluationFolder.ReportFile));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http://", page, StringComparison.Ordinal);
        // The page is well-formed XML, so no text is part of its structure.
        System.Xml.Linq.XDocument.Parse(page);
        Assert.Contains("right answer: yes", page, StringComparison.Ordinal);
    }

    async Task Run(string path, IRespondent respondent, bool resume, int concurrency)
    {
        using EvaluationFolder folder = resume ? EvaluationFolder.Resume(path, Manifest) : EvaluationFolder.Create(path, Manifest);
        var seen = new List<int>();
        await new Evaluator(folder, ScriptedTask.Problems(Problems), respondent).RunAsync(concurrency, progress => seen.Add(progress.Done), CancellationToken.None);
        Assert.True(seen.Count == 0 || seen[^1] == Problems * Samples);
        EvaluationSummary summary = EvaluationSummary.Of(Manifest, folder.Samples, Same);
        folder.Finish(summary, EvaluationReport.Render(Manifest, summary, folder.Samples, [new ReferenceScore("other", "pass@1", 50, "somewhere")]));
    }
}
