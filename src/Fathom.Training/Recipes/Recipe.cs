// A recipe: a model, a tokenizer, tasks and the stages that make the one learn the other.

using System.Security.Cryptography;
using System.Text;
using Fathom.Evaluation.Tasks;

namespace Fathom.Training.Recipes;

/// <summary>A whole recipe, immutable and checked.</summary>
public sealed record Recipe : IChecked
{
    /// <summary>Name of the recipe; the run folder is called after it.</summary>
    [Option(Required = true)]
    public string Name { get; init; } = "";

    /// <summary>What the recipe shows, in a sentence.</summary>
    [Option]
    public string Description { get; init; } = "";

    /// <summary>Seed of everything random: weights, data, problems, sampling.</summary>
    [Option(Minimum = 0)]
    public long Seed { get; init; } = 1;

    /// <summary>The model: a preset's name, or an object with a preset and what differs from it.</summary>
    [Option(Required = true)]
    public ModelOptions Model { get; init; } = new();

    /// <summary>The tokenizer, trained on a sample of the recipe's data before the first stage.</summary>
    [Option]
    public TokenizerOptions Tokenizer { get; init; } = new();

    /// <summary>What the model learns to solve.</summary>
    [Option(Required = true, Minimum = 1)]
    public OptionList<TaskOptions> Tasks { get; init; } = [];

    /// <summary>The stages, in order.</summary>
    [Option(Required = true, Minimum = 1)]
    public OptionList<StageOptions> Stages { get; init; } = [];

    /// <summary>SHA-256 of the resolved recipe in lower-case hexadecimal: equal recipes, however written, have equal hashes.</summary>
    public string Hash() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(OptionWriter.Write(this).ToJsonString())));

    /// <summary>The resolved recipe as JSON with every default written out; reading it gives an equal recipe.</summary>
    public string ToJson() => OptionWriter.Write(this).ToJsonString(OptionWriter.Indented) + "\n";

    /// <summary>The same recipe with the pre-training stages reading the files (`train --data`).</summary>
    public Recipe WithDataFiles(IEnumerable<string> files) => this with
    {
        Stages = [.. Stages.Select(stage => stage is PretrainOptions pretrain ? pretrain with { Data = pretrain.Data with { Files = [.. files] } } : stage)],
    };

    string? IChecked.Problem()
    {
        HashSet<string> taken = [.. OptionSet.Of(typeof(Recipe)).Select(option => option.Key)];
        foreach (StageOptions stage in Stages)
        {
            // A stage's name is a path's first part in --set and a word in file names and messages.
            if (stage.Name.Length == 0 || !stage.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                return $"the stage name '{stage.Name}' is not allowed: letters, digits, '-' and '_' are";
            if (!taken.Add(stage.Name))
                return $"the stage name '{stage.Name}' is taken: a stage needs a name of its own, and none of {string.Join(", ", OptionSet.Of(typeof(Recipe)).Select(option => option.Key))}";
        }
        return null;
    }
}

/// <summary>The tokenizer of a recipe: byte-level BPE.</summary>
public sealed record TokenizerOptions
{
    /// <summary>Entries of the vocabulary: 256 bytes, the special tokens, and merges for the rest.</summary>
    [Option(Minimum = 272, Maximum = 1 << 20)]
    public int VocabularySize { get; init; } = 512;
}

/// <summary>A task of a recipe and how often its problems come.</summary>
public sealed record TaskOptions : IShorthand, IChecked
{
    /// <summary>Name of the task.</summary>
    [Option(Required = true)]
    public string Task { get; init; } = "";

    /// <summary>How often its problems come, relative to the other tasks' weights.</summary>
    [Option(Minimum = 0, ExclusiveMinimum = true)]
    public double Weight { get; init; } = 1;

    /// <summary>Least difficulty of its problems, as the task counts it.</summary>
    [Option(Minimum = 1)]
    public int MinDifficulty { get; init; } = 1;

    /// <summary>Greatest difficulty of its problems, as the task counts it.</summary>
    [Option(Minimum = 1)]
    public int MaxDifficulty { get; init; } = 1;

    /// <summary>Languages that its problems are worded in, drawn evenly: english, chinese.</summary>
    [Option(Minimum = 1)]
    public OptionList<Language> Languages { get; init; } = [Language.English];

    string? IChecked.Problem()
    {
        if (TaskCatalog.All.FirstOrDefault(task => task.Name == Task) is not { } found)
            return $"there is no task '{Task}'{RecipeException.Hint(Task, [.. TaskCatalog.All.Select(task => task.Name)])}";
        if (MinDifficulty > MaxDifficulty)
            return $"minDifficulty {MinDifficulty} is greater than maxDifficulty {MaxDifficulty}";
        return MaxDifficulty > found.DifficultyCount
            ? $"maxDifficulty {MaxDifficulty} is out of range; the task '{Task}' has difficulty 1 to {found.DifficultyCount}"
            : null;
    }
}
