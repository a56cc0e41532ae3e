// `fathom eval`: how often a model is right, on a built-in task, a benchmark file, or the tasks of its own recipe; here or on a server.
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fathom.Cli.Evaluations;
using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Evaluation.Runs;
using Fathom.Planning.Prices;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>eval</c>.</summary>
static class EvalVerb
{
    static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(5);

    static readonly Option<int> s_samples = new Option<int>("--samples") { Description = "Responses per problem. The papers take 64 for AIME and GPQA, 4 to 16 for larger benchmarks.", HelpName = "K", DefaultValueFactory = _ => 4 }.Within(1, 10_000);

    static readonly Option<string?> s_out = new("--out") { Description = "Folder of the evaluation. Default: one in the model's run, or under evaluations/.", HelpName = "DIR" };

    static readonly Option<bool> s_resume = new("--resume") { Description = "Go on with an interrupted evaluation." };

    static readonly Option<(decimal Prompt, decimal Response)?> s_price = new("--price")
    {
        Description = "Price of a million prompt tokens and of a million response tokens, as in 0.55,2.19, for the money per right response.",
        HelpName = "IN,OUT",
        CustomParser = result =>
        {
            string[] words = result.Tokens[0].Value.Split(',');
            if (words.Length == 2 && Price(words[0]) is { } prompt && Price(words[1]) is { } response)
                return (prompt, response);
            result.AddError($"--price is '{result.Tokens[0].Value}'; two prices of 0 or more are allowed, as in 0.55,2.19");
            return null;
        },
    };

    static readonly Option<long> s_seed = CommonOptions.Seed("of problems and sampling");

    public static Verb Create()
    {
        var verb = new Verb(
            "eval", "Measures how often a model is right, with several responses to every problem: pass@1 with its standard error and 95% interval, pass@k, cons@k. Writes every sample and a page.",
            "eval runs/nano-r1",
            "eval runs/nano-r1 --task addition --difficulty 1-3 --problems 500 --samples 4",
            "eval runs/nano-r1 --task gsm8k/test.jsonl --json",
            "eval deepseek-reasoner --endpoint https://api.deepseek.com --api-key-env DEEPSEEK_API_KEY --task aime24.jsonl --samples 64")
        {
            CommonOptions.Model,
        };
        ProblemFlags.AddTo(verb);
        verb.Options.Add(s_samples);
        RespondentFlags.AddTo(verb);
        foreach (Option option in new Option[] { s_seed, s_price, s_out, s_resume, CommonOptions.Store, CommonOptions.Threads, CommonOptions.Json })
            verb.Options.Add(option);
        return verb.Does(Run);
    }

    static int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(CommonOptions.Model)!;
        string? run = RespondentFlags.IsEndpoint(parsed) ? null : ModelLocator.Find(name).RunFolder;
        Recipe? recipe = run is null ? null : RecipeFile.Load(Path.Combine(run, RunFiles.Recipe));
        long seed = parsed.GetValue(s_seed);
        using ChosenProblems chosen = ProblemFlags.Read(parsed, recipe, (ulong)seed);
        bool likelihood = RespondentFlags.IsLikelihood(parsed);
        if (likelihood && chosen.Problems.FirstOrDefault(problem => problem.Problem is not ChoiceProblem) is { Task: { } other })
            throw CommandException.Usage($"--likelihood is for multiple choice; '{other.Name}' is not.");
        int maxTokens = likelihood ? 0 : RespondentFlags.MaxTokens(parsed, recipe);
        using Asked asked = RespondentFlags.Start(parsed, name, maxTokens);
        var manifest = new EvaluationManifest
        {
            Task = chosen.Name,
            DataHash = ProblemDigest.Of(chosen.Problems.Select(problem => problem.Problem)),
            Problems = chosen.Problems.Count,
            Samples = likelihood ? 1 : parsed.GetValue(s_samples),
            Model = name,
            ModelHash = asked.ModelHash,
            Endpoint = asked.Endpoint,
            Prompting = asked.Prompting,
            Temperature = likelihood ? 0 : Shown(RespondentFlags.Temperature(parsed)),
            TopP = likelihood ? 1 : Shown(RespondentFlags.TopP(parsed)),
            MaxTokens = maxTokens,
            Seed = seed,
            Sandbox = chosen.Sandbox,
        };
        foreach (string line in chosen.Code?.Describe() ?? [])
            Console.Error.WriteLine($"sandbox, {line}");
        bool resume = parsed.GetValue(s_resume), json = parsed.GetValue(CommonOptions.Json);
        string path = parsed.GetValue(s_out) ?? (resume ? EvaluationPlace.Existing(run, manifest) : EvaluationPlace.New(run, manifest));
        using EvaluationFolder folder = resume ? EvaluationFolder.Resume(path, manifest) : EvaluationFolder.Create(path, manifest);
        Sample(folder, chosen, asked, json);

        EvaluationSummary summary = EvaluationSummary.Of(
            manifest, folder.Samples, (problem, left, right) => chosen.Problems[problem].Task.SameAnswer(chosen.Problems[problem].Problem, left, right),
            parsed.GetValue(s_price) is { } price ? (prompt, response) => TokenPrice.Fee(prompt, price.Prompt) + TokenPrice.Fee(response, price.Response) : null);
        IReadOnlyList<ReferenceScore> references = [.. PublishedScores.On(chosen.Name).Select(score => new ReferenceScore(
            score.Model, score.Title, score.Value, score.Other is { } other ? $"{score.Source}; {other.Source}: {(other.Value is { } value ? Terminal.Invariant($"{value:0.0}") : "none")}" : score.Source))];
        folder.Finish(summary, EvaluationReport.Render(manifest, summary, folder.Samples, references));
        if (json)
        {
            JsonObject result = JsonSerializer.SerializeToNode(summary, Terminal.Json)!.AsObject();
            result["folder"] = path;
            Terminal.PrintJson(result);
        }
        else
        {
            EvaluationDisplay.Print(manifest, summary, references, path);
        }
        return Endings.Fine;
    }

    static void Sample(EvaluationFolder folder, ChosenProblems chosen, Asked asked, bool json)
    {
        using var cancellation = new CancellationTokenSource();
        using var interruption = new Interruption(() =>
        {
            Console.Error.WriteLine("Stopping; responses that are done are kept.");
            cancellation.Cancel();
        });
        try
        {
            WithProgress(json, report =>
            {
                var clock = Stopwatch.StartNew();
                int before = folder.Samples.Count;
                void Report(EvaluationProgress progress)
                {
                    int graded = progress.Done - progress.Failed, now = progress.Done - before;
                    report(new StageProgress(
                        chosen.Name, progress.Done, progress.Total, "pass@1", graded > 0 ? (double)progress.Right / graded : 0,
                        progress.Tokens / clock.Elapsed.TotalSeconds, clock.Elapsed / now * (progress.Total - progress.Done)));
                }
                if (asked.Respondent is { } respondent)
                    new Evaluator(folder, chosen.Problems, respondent).RunAsync(asked.Concurrency, Report, cancellation.Token).GetAwaiter().GetResult();
                else
                    new LikelihoodEvaluator(folder, [.. chosen.Problems.Select(problem => (ChoiceProblem)problem.Problem)], asked.Model!.Model, asked.Model.Tokenizer).Run(Report, cancellation.Token);
                return true;
            });
        }
        catch (OperationCanceledException)
        {
            throw CommandException.Failure(
                $"stopped with {folder.Samples.Count} of {(long)folder.Manifest.Problems * folder.Manifest.Samples} responses done. Go on with the same command and: --resume --out {folder.Path}");
        }
    }

    // A bar on a terminal, lines elsewhere; beside JSON both go to the error stream.
    static bool WithProgress(bool json, Func<Action<StageProgress>, bool> run) => (json ? Console.IsErrorRedirected : Console.IsOutputRedirected)
        ? run(new ProgressLines(Console.Error, s_lineInterval).Report)
        : ProgressBars.Show(json ? Terminal.Error : Terminal.Out, run);

    // 0.6 as it was typed, not as the nearest 32-bit number.
    static double Shown(float value) => double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    static decimal? Price(string text) => decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal price) ? price : null;
}
