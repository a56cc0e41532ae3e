// An evaluation's folder: the manifest, the samples as they come, and at the end the summary and the page. A sample that was appended stays,
// whatever becomes of the process; the next one with the same manifest goes on from there.
using System.Text.Json;
using Fathom.Models.Checkpoints;

namespace Fathom.Evaluation.Runs;

/// <summary>An open evaluation folder, held by one process. Not for several threads at once.</summary>
public sealed class EvaluationFolder : IDisposable
{
    /// <summary>Responses, one line each.</summary>
    public const string SamplesFile = "samples.jsonl";

    /// <summary>The numbers.</summary>
    public const string SummaryFile = "summary.json";

    /// <summary>The page for people.</summary>
    public const string ReportFile = "report.html";

    const string LockFile = "evaluation.lock";

    readonly Dictionary<(int Problem, int Sample), EvaluationSample> _samples = [];
    readonly FileStream _hold;
    AppendLog _log;

    EvaluationFolder(string path, EvaluationManifest manifest)
    {
        (Path, Manifest) = (path, manifest);
        try
        {
            // The system lets the file go however the process ends; it stays, since deleting it would let two processes hold two files of one name.
            _hold = new FileStream(System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error)
        {
            throw new IOException($"the evaluation '{path}' cannot be written, or another process works on it: {error.Message}", error);
        }
        _log = new AppendLog(System.IO.Path.Combine(path, SamplesFile));
    }

    /// <summary>Path of the folder.</summary>
    public string Path { get; }

    /// <summary>What is evaluated, and how.</summary>
    public EvaluationManifest Manifest { get; }

    /// <summary>Samples so far, by problem, then by number.</summary>
    public IReadOnlyList<EvaluationSample> Samples => [.. _samples.Values.OrderBy(sample => sample.Problem).ThenBy(sample => sample.Sample)];

    /// <summary>Begins an evaluation.</summary>
    /// <param name="path">A folder that does not exist or is empty.</param>
    /// <param name="manifest">What will be evaluated.</param>
    /// <exception cref="InvalidDataException">The folder holds something.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static EvaluationFolder Create(string path, EvaluationManifest manifest)
    {
        if (File.Exists(path) || Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new InvalidDataException($"'{path}' exists and is not an empty folder; --resume goes on with an evaluation, --out takes another folder.");
        Directory.CreateDirectory(path);
        AtomicFile.WriteText(System.IO.Path.Combine(path, EvaluationManifest.FileName), manifest.ToJson());
        return new EvaluationFolder(path, manifest);
    }

    /// <summary>Goes on with an evaluation.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="manifest">What shall be evaluated: the same as at the beginning.</param>
    /// <exception cref="InvalidDataException">It holds no evaluation, one with another manifest, or a damaged one.</exception>
    /// <exception cref="IOException">It cannot be written, or another process works on it.</exception>
    public static EvaluationFolder Resume(string path, EvaluationManifest manifest)
    {
        if (manifest.DifferenceTo(EvaluationManifest.Read(path)) is { Length: > 0 } difference)
            throw new InvalidDataException($"'{path}' holds another evaluation: {difference}. --out takes another folder.");
        EvaluationFolder folder = new(path, manifest);
        try
        {
            long whole = 0;
            foreach ((EvaluationSample sample, long end) in Lines(path))
            {
                folder.Keep(sample);
                whole = end;
            }
            // A line that a power failure cut is sampled again.
            folder._log.Truncate(whole);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The samples of a folder, by problem, then by number.</summary>
    /// <exception cref="InvalidDataException">A line is damaged; the message names file and line.</exception>
    public static IReadOnlyList<EvaluationSample> ReadSamples(string path) =>
        [.. Lines(path).Select(line => line.Sample).OrderBy(sample => sample.Problem).ThenBy(sample => sample.Sample)];

    /// <summary>Whether this sample is there.</summary>
    public bool Has(int problem, int sample) => _samples.ContainsKey((problem, sample));

    /// <summary>Adds a sample; when it returns, the sample outlives the process.</summary>
    /// <exception cref="IOException">The disk is full or fails; the file is as long as before.</exception>
    public void Append(EvaluationSample sample)
    {
        _log.Append(sample.ToLine());
        Keep(sample);
    }

    /// <summary>Ends the evaluation: samples in order, the summary, the page.</summary>
    /// <param name="summary">Computed from <see cref="Samples"/>.</param>
    /// <param name="page">The HTML text.</param>
    public void Finish(EvaluationSummary summary, string page)
    {
        string samples = System.IO.Path.Combine(Path, SamplesFile);
        // Samples come in the order in which they are done; the file is left in the order of problems, so that equal evaluations give equal files.
        _log.Dispose();
        AtomicFile.Write(samples, stream =>
        {
            foreach (EvaluationSample sample in Samples)
                stream.Write(sample.ToLine());
        });
        _log = new AppendLog(samples);
        AtomicFile.WriteText(System.IO.Path.Combine(Path, SummaryFile), JsonSerializer.Serialize(summary, new JsonSerializerOptions(EvaluationManifest.Json) { WriteIndented = true }) + "\n");
        AtomicFile.WriteText(System.IO.Path.Combine(Path, ReportFile), page);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _log.Dispose();
        _hold.Dispose();
    }

    void Keep(EvaluationSample sample)
    {
        if (sample.Problem < 0 || sample.Problem >= Manifest.Problems || sample.Sample < 0 || sample.Sample >= Manifest.Samples)
            throw new InvalidDataException($"'{Path}' has sample {sample.Sample} of problem {sample.Problem}; there are {Manifest.Problems} problems with {Manifest.Samples} samples each, counted from 0.");
        _samples[(sample.Problem, sample.Sample)] = sample;
    }

    // Whole lines with the position behind them.
    static IEnumerable<(EvaluationSample Sample, long End)> Lines(string path)
    {
        string file = System.IO.Path.Combine(path, SamplesFile);
        if (!File.Exists(file))
            throw new InvalidDataException($"'{path}' holds no evaluation: it has no {SamplesFile}.");
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1 << 16);
        var line = new MemoryStream();
        long number = 1, position = 0;
        int read;
        byte[] buffer = new byte[1 << 16];
        while ((read = stream.Read(buffer)) > 0)
        {
            int from = 0;
            for (int at; (at = buffer.AsSpan(from, read - from).IndexOf((byte)'\n')) >= 0; from += at + 1)
            {
                line.Write(buffer, from, at);
                position += line.Length + 1;
                yield return (EvaluationSample.Parse(line.GetBuffer().AsSpan(0, (int)line.Length), $"{file}, line {number}"), position);
                number++;
                line.SetLength(0);
            }
            line.Write(buffer, from, read - from);
        }
    }
}
