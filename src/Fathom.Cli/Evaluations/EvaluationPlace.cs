// Where an evaluation's folder is.
using Fathom.Evaluation.Runs;

namespace Fathom.Cli.Evaluations;

/// <summary>Folders of evaluations that were not given a place.</summary>
static class EvaluationPlace
{
    const string Folder = "evaluations";

    /// <summary>A folder that does not exist yet: in the model's run, or else in the working folder, named after model and task.</summary>
    /// <param name="runFolder">The run that the model belongs to, or null.</param>
    /// <param name="manifest">What will be evaluated.</param>
    public static string New(string? runFolder, EvaluationManifest manifest) => Numbered(runFolder, manifest).First(path => !Path.Exists(path));

    /// <summary>The latest of these folders that has this very manifest.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static string Existing(string? runFolder, EvaluationManifest manifest)
    {
        string[] there = [.. Numbered(runFolder, manifest).TakeWhile(Path.Exists)];
        foreach (string path in there.Reverse())
            if (File.Exists(Path.Combine(path, EvaluationManifest.FileName)) && manifest.DifferenceTo(EvaluationManifest.Read(path)).Length == 0)
                return path;
        throw CommandException.Usage(there.Length == 0
            ? $"there is no evaluation to resume: '{Numbered(runFolder, manifest).First()}' does not exist. --out names another folder."
            : $"none of {string.Join(", ", there)} holds this evaluation; --out names another folder. '{there[^1]}' differs: {manifest.DifferenceTo(EvaluationManifest.Read(there[^1]))}");
    }

    static IEnumerable<string> Numbered(string? runFolder, EvaluationManifest manifest)
    {
        string task = Named(manifest.Task), name = runFolder is null ? $"{Named(Path.GetFileNameWithoutExtension(manifest.Model.TrimEnd('/', '\\')))}-{task}" : task;
        string first = Path.Combine(runFolder ?? "", Folder, name);
        yield return first;
        for (int number = 2; ; number++)
            yield return $"{first}-{number}";
    }

    static string Named(string text) => string.Concat(text.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-'));
}
