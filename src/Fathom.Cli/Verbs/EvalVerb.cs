// `fathom eval`: pass@1 of a model on a built-in task, a benchmark file, or the tasks of its own recipe.
using System.CommandLine;
using System.Globalization;
using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Text.Tokenizers;
using Fathom.Training.Data;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>eval</c>.</summary>
static class EvalVerb
{
    const int DefaultMaxTokens = 128;
    const int MaxConcurrent = 256;

    static readonly Option<string?> s_task = new("--task")
    {
        Description = $"A task ({string.Join(", ", TaskCatalog.All.Select(task => task.Name))}) or a .jsonl file in GSM8K's form. Default: the tasks of the run's recipe, with the problems that its own evaluations use.",
        HelpName = "TASK",
    };

    static readonly Option<string> s_difficulty = new("--difficulty") { Description = "Levels of a built-in task, drawn evenly: 2 or 1-3. Default: all.", HelpName = "LEVELS" };

    static readonly Option<Language> s_language = new("--language") { Description = "Wording of a built-in task's problems.", DefaultValueFactory = _ => Language.English };

    static readonly Option<int> s_problems = new Option<int>("--problems") { Description = "Held-out problems; of a file, the first ones.", HelpName = "N", DefaultValueFactory = _ => 500 }.Within(1, 1_000_000);

    static readonly Option<int> s_samples = new Option<int>("--samples") { Description = "Answers per problem.", HelpName = "N", DefaultValueFactory = _ => 4 }.Within(1, 1000);

    static readonly Option<float> s_temperature = new Option<float>("--temperature") { Description = "Sampling temperature; 0 always takes the likeliest token.", HelpName = "T", DefaultValueFactory = _ => 0.6f }.Within(0, 100);

    static readonly Option<float> s_topP = new Option<float>("--top-p") { Description = "Keep the fewest tokens whose probability reaches this; 1 keeps all.", HelpName = "P", DefaultValueFactory = _ => 1 }.Above(0, 1);

    static readonly Option<int?> s_maxTokens = new Option<int?>("--max-tokens") { Description = $"Longest answer, in tokens. Default: the recipe's, or {DefaultMaxTokens}.", HelpName = "N" }.AtLeast(1);

    static readonly Option<long> s_seed = CommonOptions.Seed("of problems and sampling");

    public static Verb Create() => new Verb(
        "eval", "Measures pass@1: the share of right answers, over held-out problems with several samples each, with its standard error.",
        "eval runs/nano-r1",
        "eval runs/nano-r1 --task addition --difficulty 1-3 --problems 500 --samples 4",
        "eval runs/nano-r1 --task gsm8k/test.jsonl --json")
    {
        CommonOptions.Model, s_task, s_difficulty, s_language, s_problems, s_samples, s_temperature, s_topP, s_maxTokens, s_seed, CommonOptions.Store, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(CommonOptions.Model)!;
        ModelLocation location = ModelLocator.Find(name);
        Recipe? recipe = location.RunFolder is { } run ? RecipeFile.Load(Path.Combine(run, RunFiles.Recipe)) : null;
        (string task, IReadOnlyList<(VerifiedTask, Problem)> problems) = Problems(parsed, recipe);
        int maxTokens = parsed.GetValue(s_maxTokens) ?? recipe?.Stages.OfType<EvaluateOptions>().LastOrDefault()?.MaxNewTokens ?? DefaultMaxTokens;
        bool json = parsed.GetValue(CommonOptions.Json);

        using OpenModel model = OpenModel.Load(name);
        // The problems' prompts are DeepSeek's and open the reasoning; a tokenizer that has not all of it is refused here.
        string[] missing = [.. DeepSeekTokens.All.Where(mark => !model.Tokenizer.SpecialTokens.ContainsKey(mark))];
        if (missing.Length > 0)
            throw CommandException.Failure($"the tokenizer of '{model.Location.Path}' has no {string.Join(", ", missing)}, which the problems' prompts and their answers need.");
        if (model.Tokenizer.EosId is null)
            throw CommandException.Failure($"the tokenizer of '{model.Location.Path}' names no end-of-sentence token, so answers would never end.");
        using var generator = new Generator(model.Model, model.Tokenizer, MaxConcurrent);
        var sampling = new SamplingOptions { Temperature = parsed.GetValue(s_temperature), TopP = parsed.GetValue(s_topP), MaxNewTokens = maxTokens, StopIds = model.StopIds };
        var lines = new ProgressLines(Console.Error, TimeSpan.FromSeconds(5));
        int samples = parsed.GetValue(s_samples);
        long total = (long)problems.Count * samples;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        EvaluationScore score = new ModelEvaluator(generator, model.Tokenizer).Run(
            problems, samples, sampling, (ulong)parsed.GetValue(s_seed), null,
            done => lines.Report(new StageProgress(task, done, total, "responses", done, generator.GeneratedTokens / clock.Elapsed.TotalSeconds, clock.Elapsed / done * (total - done))));
        if (json)
            Terminal.PrintJson(new { Task = task, score.Problems, score.Samples, score.PassAt1, score.StandardError, score.MeanTokens });
        else
            PrintTable(task, score);
        return Endings.Fine;
    }

    static (string Task, IReadOnlyList<(VerifiedTask, Problem)> Problems) Problems(ParseResult parsed, Recipe? recipe)
    {
        int count = parsed.GetValue(s_problems);
        if (parsed.GetValue(s_task) is not { } task)
        {
            if (recipe is null)
                throw CommandException.Usage("--task is needed: only a run's folder says by itself which tasks its model has learnt.");
            var stream = new ProblemStream(recipe, Split.HeldOut, "evaluation");
            return (string.Join('+', recipe.Tasks.Select(t => t.Task)), [.. Enumerable.Range(0, count).Select(i => stream[i]).Select(p => ((VerifiedTask)p.Task, p.Problem))]);
        }
        if (task.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase))
        {
            BenchmarkFile file = BenchmarkFile.Read(task);
            return (file.Name, [.. file.Problems.Take(count).Select(problem => ((VerifiedTask)file, problem))]);
        }
        ProceduralTask found = TaskCatalog.Find(task);
        (int low, int high) = Levels(parsed.GetValue(s_difficulty), found);
        ulong seed = (ulong)parsed.GetValue(s_seed);
        Language language = parsed.GetValue(s_language);
        return (found.Name, [.. Enumerable.Range(0, count).Select(i =>
            ((VerifiedTask)found, found.Generate(seed, i, Split.HeldOut, low + i % (high - low + 1), language)))]);
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

    static void PrintTable(string task, EvaluationScore score)
    {
        Table table = Terminal.Table("task", ">problems", ">samples", ">pass@1", ">standard error", ">mean tokens", ">cut off", ">well-formed");
        table.Add(
            task, $"{score.Problems}", $"{score.Samples}", Terminal.Invariant($"{score.PassAt1:0.0%}"),
            score.StandardError is { } error ? Terminal.Invariant($"{error:0.0%}") : "", Terminal.Invariant($"{score.MeanTokens:0.0}"),
            Terminal.Invariant($"{score.TruncatedShare:0.0%}"), Terminal.Invariant($"{score.WellFormedShare:0.0%}"));
        Terminal.Out.Write(table);
    }
}
