// A run of an experiment: a recipe run in a folder of its own, and its metrics.

using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Claims.Experiments;

/// <summary>A finished run.</summary>
/// <param name="Folder">Its folder, with the trained model.</param>
/// <param name="Recipe">Its recipe.</param>
/// <param name="Metrics">What its steps reported.</param>
sealed record RecipeRun(string Folder, Recipe Recipe, IReadOnlyList<MetricRecord> Metrics)
{
    /// <summary>Runs a recipe, goes on with a run that was begun, or takes a finished one.</summary>
    /// <param name="settings">Folder, changes to the recipe, progress and cancellation.</param>
    /// <param name="recipe">The recipe as recorded results have it.</param>
    /// <param name="from">Share of the experiment that is done before.</param>
    /// <param name="to">Share that is done after.</param>
    public static RecipeRun Of(ExperimentSettings settings, Recipe recipe, double from, double to)
    {
        settings.Cancellation.ThrowIfCancellationRequested();
        recipe = RecipeFile.Parse(recipe.ToJson(), recipe.Name, settings.Changes);
        string folder = Path.Combine(settings.Folder, FormattableString.Invariant($"{recipe.Name}-seed-{recipe.Seed}"));
        if (File.Exists(Path.Combine(folder, RunFiles.Summary)))
        {
            RecipeFile.RequireUnchanged(RecipeFile.Load(Path.Combine(folder, RunFiles.Recipe)), recipe, folder);
        }
        else
        {
            using RunFolder run = RunFolder.Resume(folder, recipe);
            using var runner = new RecipeRunner(run, progress =>
            {
                settings.Cancellation.ThrowIfCancellationRequested();
                int stage = recipe.Stages.ToList().FindIndex(options => options.Name == progress.Stage);
                double share = (stage + (double)progress.Step / progress.Steps) / recipe.Stages.Count;
                settings.Progress($"{recipe.Name}, seed {recipe.Seed}, {progress.Stage}", from + (to - from) * share);
            });
            runner.Run();
        }
        return new(folder, recipe, MetricRecord.ReadAll(folder));
    }

    /// <summary>All values of a number in a stage, in the order of its steps.</summary>
    public IReadOnlyList<(MetricRecord Step, double Value)> Values(string stage, string name) =>
        [.. from record in Metrics where record.Stage == stage && record.Find(name) is not null select (record, record.Find(name)!.Value)];

    /// <summary>The last value of a number in a stage.</summary>
    public double Last(string stage, string name) => Values(stage, name)[^1].Value;
}
