// `fathom train`: runs a recipe in a run folder and prints its table and bill.
using System.CommandLine;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>train</c>.</summary>
static class TrainVerb
{
    static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(3);

    static readonly Argument<string> s_recipe = new("RECIPE")
    {
        Description = $"A built-in recipe ({string.Join(", ", RecipeFile.BuiltIn)}) or a recipe file.",
    };

    static readonly Option<string?> s_out = new("--out", "-o") { Description = "The run's folder. Default: runs/NAME of the recipe.", HelpName = "DIR" };

    static readonly Option<bool> s_resume = new("--resume") { Description = "Continue the run in the folder from its latest checkpoint. Give the same recipe and options again." };

    static readonly Option<string[]> s_set = new("--set")
    {
        Description = "Change one value of the recipe: a stage's, as in rl.steps=50, or a top-level one, as in model.layerCount=2. May be given several times.",
        HelpName = "path=value",
    };

    static readonly Option<string[]> s_data = new("--data")
    {
        Description = "Pre-train on these files: plain text, or JSON lines with text, prompt and completion, messages, or question and answer.",
        HelpName = "FILE...",
        AllowMultipleArgumentsPerToken = true,
    };

    static readonly Option<long?> s_seed = new Option<long?>("--seed") { Description = "Seed of everything random, in place of the recipe's.", HelpName = "N" }.AtLeast(0);

    public static Verb Create() => new Verb(
        "train", "Trains a model from nothing by a recipe. The run's folder then holds the model, the curves (report.html) and the bill.",
        "train nano-r1                                   from random weights to a reasoning model, in minutes",
        "train nano-r1 --data books.txt --set base.steps=2000 --out runs/books",
        "train nano-r1 --resume                          continue after Ctrl-C, a crash or a power cut")
    {
        s_recipe, s_out, s_resume, s_set, s_data, s_seed, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        Recipe recipe = ReadRecipe(parsed);
        string folder = parsed.GetValue(s_out) ?? DefaultFolder(recipe);
        bool json = parsed.GetValue(CommonOptions.Json);
        using var interruption = new Interruption(() => Console.Error.WriteLine("Stopping at the end of this step; once more stops at once."));
        RunSummary summary;
        using (RunFolder run = parsed.GetValue(s_resume) ? RunFolder.Resume(folder, recipe) : RunFolder.Create(folder, recipe))
        {
            StageProgress at = default;
            try
            {
                summary = WithProgress(json, report =>
                {
                    using var runner = new RecipeRunner(run, progress =>
                    {
                        at = progress;
                        report(progress);
                        if (interruption.Requested)
                            throw new OperationCanceledException();
                    });
                    return runner.Run();
                });
            }
            catch (OperationCanceledException)
            {
                throw CommandException.Failure($"stopped at step {at.Step} of stage '{at.Stage}'. {Kept(run)} Continue with: {ResumeCommand(parsed)}");
            }
        }
        if (json)
            Console.Out.Write(summary.ToJson());
        else
            RunTable.Print(summary, folder);
        return Endings.Fine;
    }

    static Recipe ReadRecipe(ParseResult parsed)
    {
        List<RecipeOverride> changes = [.. (parsed.GetValue(s_set) ?? []).Select(RecipeOverride.Parse)];
        if (parsed.GetValue(s_seed) is { } seed)
            changes.Add(RecipeOverride.Parse(Terminal.Invariant($"seed={seed}")));
        Recipe recipe = RecipeFile.Load(parsed.GetValue(s_recipe)!, changes);
        if (parsed.GetValue(s_data) is not { Length: > 0 } files)
            return recipe;
        return recipe.Stages.Any(stage => stage is PretrainOptions)
            ? recipe.WithDataFiles(files)
            : throw CommandException.Usage($"--data is for the stage 'pretrain', which the recipe '{recipe.Name}' does not have.");
    }

    static string DefaultFolder(Recipe recipe) => Path.GetFileName(recipe.Name) == recipe.Name && recipe.Name is not ("." or "..")
        ? Path.Combine("runs", recipe.Name)
        : throw CommandException.Usage($"the recipe's name '{recipe.Name}' is no name for a folder; choose one with --out.");

    // A bar on a terminal, lines elsewhere; beside JSON both go to the error stream.
    static RunSummary WithProgress(bool json, Func<Action<StageProgress>, RunSummary> run)
    {
        if (json ? Console.IsErrorRedirected : Console.IsOutputRedirected)
            return run(new ProgressLines(json ? Console.Error : Console.Out, s_lineInterval).Report);
        return ProgressBars.Show(json ? Terminal.Error : Terminal.Out, run);
    }

    static string Kept(RunFolder run) => run.Checkpoints.Latest() is { } latest
        ? Terminal.Invariant($"The checkpoint of step {latest.Step} is kept.")
        : "There was no checkpoint yet.";

    static string ResumeCommand(ParseResult parsed)
    {
        IEnumerable<string> words = parsed.Tokens.Select(token => token.Value)
            .Select(word => word.All(c => char.IsLetterOrDigit(c) || "-_./=:,+@%".Contains(c, StringComparison.Ordinal)) && word.Length > 0 ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'");
        return $"fathom {string.Join(' ', words)}{(parsed.GetValue(s_resume) ? "" : " --resume")}";
    }
}
