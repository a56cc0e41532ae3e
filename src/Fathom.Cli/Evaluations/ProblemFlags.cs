// The options that say what is asked: a built-in task, a benchmark file, or the tasks of a run's own recipe.
using System.CommandLine;
using System.Globalization;
using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;
using Fathom.Evaluation.Tasks;
using Fathom.Training.Data;
using Fathom.Training.Recipes;

namespace Fathom.Cli.Evaluations;

/// <summary>What is asked.</summary>
/// <param name="Name">The task's name.</param>
/// <param name="Problems">The problems with their tasks.</param>
/// <param name="Code">Runs programs where the benchmark needs it; null elsewhere.</param>
sealed record ChosenProblems(string Name, IReadOnlyList<(VerifiedTask Task, Problem Problem)> Problems, CodeGrader? Code = null) : IDisposable
{
    /// <summary>What runs untrusted programs, in words; null where none are run.</summary>
    public string? Sandbox => Code is null ? null : string.Join("; ", Code.Describe());

    public void Dispose() => Code?.Dispose();
}

/// <summary>The options and what they choose.</summary>
static class ProblemFlags
{
    const int DefaultProblems = 500;

    static readonly Option<string?> s_task = new("--task")
    {
        Description = "A built-in task ('fathom tasks' lists them) or a benchmark file (.jsonl, .json, .csv, .tsv, .parquet). Default: the tasks of the run's recipe, with the problems that its own evaluations use.",
        HelpName = "TASK|FILE",
    };

    static readonly Option<string?> s_format = new("--format")
    {
        Description = $"What benchmark a file is: {string.Join(", ", BenchmarkFormats.All.Select(format => format.Name))}. Default: as its fields say.",
        HelpName = "NAME",
    };

    static readonly Option<string?> s_difficulty = new("--difficulty") { Description = "Levels of a built-in task, drawn evenly: 2 or 1-3. Default: all.", HelpName = "LEVELS" };

    static readonly Option<Language> s_language = new("--language") { Description = "Wording of a built-in task's problems.", DefaultValueFactory = _ => Language.English };

    static readonly Option<DateOnly?> s_since = new("--since") { Description = "Of a benchmark with dates (LiveCodeBench), only problems from this day on: later than the model's training data.", HelpName = "YYYY-MM-DD" };

    static readonly Option<DateOnly?> s_until = new("--until") { Description = "Only problems up to this day.", HelpName = "YYYY-MM-DD" };

    static readonly Option<bool> s_unsafe = new("--unsafe") { Description = "Run untrusted programs even where nothing on this machine isolates them." };

    static readonly Option<int?> s_problems = new Option<int?>("--problems") { Description = $"How many problems: {DefaultProblems} held-out ones of a task; of a file, the first ones, by default all.", HelpName = "N" }.Within(1, 1_000_000);

    /// <summary>Adds the options to a verb.</summary>
    public static void AddTo(Command verb)
    {
        foreach (Option option in new Option[] { s_task, s_format, s_difficulty, s_language, s_problems, s_since, s_until, s_unsafe })
            verb.Options.Add(option);
    }

    /// <summary>The problems that the command line asks for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="recipe">The recipe of the model's run, or null.</param>
    /// <param name="seed">Seed of the problems.</param>
    /// <exception cref="CommandException">The options do not fit each other or the task.</exception>
    /// <exception cref="BenchmarkException">The file is no benchmark, or damaged.</exception>
    public static ChosenProblems Read(ParseResult parsed, Recipe? recipe, ulong seed)
    {
        int? count = parsed.GetValue(s_problems);
        if (parsed.GetValue(s_task) is not { } task)
        {
            if (recipe is null)
                throw CommandException.Usage("--task is needed: only a run's folder says by itself which tasks its model has learnt.");
            var stream = new ProblemStream(recipe, Split.HeldOut, "evaluation");
            return new ChosenProblems(
                string.Join('+', recipe.Tasks.Select(t => t.Task)),
                [.. Enumerable.Range(0, count ?? DefaultProblems).Select(i => stream[i]).Select(p => ((VerifiedTask)p.Task, p.Problem))]);
        }
        if (Path.HasExtension(task) || parsed.GetValue(s_format) is not null)
        {
            if (!File.Exists(task))
                throw CommandException.Usage($"there is no file '{task}'.");
            return ReadFile(parsed, task, count ?? int.MaxValue, seed);
        }
        ProceduralTask found = TaskCatalog.Find(task);
        (int low, int high) = Levels(parsed.GetValue(s_difficulty), found);
        Language language = parsed.GetValue(s_language);
        return new ChosenProblems(
            found.Name,
            [.. Enumerable.Range(0, count ?? DefaultProblems).Select(i => ((VerifiedTask)found, found.Generate(seed, i, Split.HeldOut, low + i % (high - low + 1), language)))]);
    }

    static ChosenProblems ReadFile(ParseResult parsed, string path, int count, ulong seed)
    {
        string? format = parsed.GetValue(s_format);
        CodeGrader? code = BenchmarkFile.FormatOf(path, format).NeedsCode ? new CodeGrader(new SandboxOptions { AllowUnsafe = parsed.GetValue(s_unsafe) }) : null;
        try
        {
            BenchmarkFile file = BenchmarkFile.Read(path, format, seed, code);
            (DateOnly? since, DateOnly? until) = (parsed.GetValue(s_since), parsed.GetValue(s_until));
            if (since is not null || until is not null)
                file = file.Within(since, until);
            return new ChosenProblems(file.Name, [.. file.Problems.Take(count).Select(problem => ((VerifiedTask)file, problem))], code);
        }
        catch
        {
            code?.Dispose();
            throw;
        }
    }

    static (int Low, int High) Levels(string? text, ProceduralTask task)
    {
        if (text is null)
            return (1, task.DifficultyCount);
        string[] parts = text.Split('-');
        return parts.Length is 1 or 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int low)
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int high) && low >= 1 && low <= high && high <= task.DifficultyCount
            ? (low, high)
            : throw CommandException.Usage($"--difficulty is {text}; the task '{task.Name}' has levels 1 to {task.DifficultyCount}, given as 2 or 1-{task.DifficultyCount}.");
    }
}
