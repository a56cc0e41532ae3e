// Where MODEL is: the one place that turns what the user typed into a model's folder or file. What lies in the file system goes before the store.
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Hub;
using Fathom.Training.Runs;

namespace Fathom.Cli;

/// <summary>A found model.</summary>
/// <param name="Path">The Hugging Face folder, or a GGUF file.</param>
/// <param name="RunFolder">The run it belongs to, or null.</param>
/// <param name="Step">The checkpoint's step where the run is not done; null for a finished model.</param>
sealed record ModelLocation(string Path, string? RunFolder, long? Step);

/// <summary>Finds models.</summary>
static class ModelLocator
{
    const string CheckpointModel = "model";
    const string RunsFolder = "runs";

    /// <summary>The local store.</summary>
    public static ModelStore Store { get; set; } = new(ModelStore.DefaultRoot(Environment.GetEnvironmentVariable));

    /// <summary>The model that <paramref name="model"/> names.</summary>
    /// <exception cref="CommandException">There is none; the message says what was looked for.</exception>
    /// <exception cref="ModelNameException">The store has the model, but not that revision or file, or several.</exception>
    public static ModelLocation Find(string model)
    {
        bool isRun = File.Exists(Path.Combine(model, RunFiles.Recipe));
        if (IsGguf(model) || IsModel(model))
            return new ModelLocation(model, isRun ? model : null, null);
        if (isRun)
        {
            return CheckpointStore.FindLatest(Path.Combine(model, RunFiles.Checkpoints)) is { } checkpoint
                ? new ModelLocation(Path.Combine(checkpoint.Folder, CheckpointModel), model, checkpoint.Step)
                : throw CommandException.Failure($"the run '{model}' has no checkpoint yet, so there is no model to use.");
        }
        if (!Directory.Exists(model) && ModelReference.TryParse(model) is { } reference && Store.Contains(reference.Name))
            return new ModelLocation(Store.Find(reference).Locate(reference.File), null, null);
        throw CommandException.Usage($"there is no model '{model}': {Reason(model)}");
    }

    static bool IsGguf(string path) => path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase) && File.Exists(path);

    static bool IsModel(string folder) => File.Exists(Path.Combine(folder, ModelFolder.ConfigFileName))
        && (File.Exists(Path.Combine(folder, ModelFolder.SingleFileName)) || File.Exists(Path.Combine(folder, ModelFolder.IndexFileName)));

    static string Reason(string model)
    {
        if (Presets.All.ContainsKey(model))
            return $"that is a preset. Make a model of it with: fathom init {model} -o DIR";
        string run = Path.Combine(RunsFolder, model);
        if (Directory.Exists(run))
            return $"did you mean '{run}'?";
        string pull = ModelReference.TryParse(model) is { } name ? $", nor a model of that name in the store. 'fathom pull {name}' fetches one from the hub." : ".";
        return File.Exists(model) ? $"that is a file; a model is a {GgufFile.Extension} file, a folder with config.json and model.safetensors, or a run's folder."
            : Directory.Exists(model) ? "the folder has neither config.json with model.safetensors (a model) nor recipe.json (a run)."
            : $"no such folder{pull}";
    }
}
