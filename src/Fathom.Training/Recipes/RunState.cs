// Where a run stands: what a checkpoint holds beside weights and optimizer moments.
using System.Text.Json;
using Fathom.Training.Runs;

namespace Fathom.Training.Recipes;

/// <summary>One stage's consumption so far.</summary>
public sealed record StageState
{
    /// <summary>Tokens trained on.</summary>
    public long Trained { get; set; }

    /// <summary>Tokens generated.</summary>
    public long Generated { get; set; }

    /// <summary>Tokens run forwards only.</summary>
    public long Evaluated { get; set; }

    /// <summary>Model operations.</summary>
    public double Flops { get; set; }

    /// <summary>Seconds of wall clock, over all processes that worked on it.</summary>
    public double Seconds { get; set; }

    /// <summary>pass@1, when the stage measures it.</summary>
    public double? PassAt1 { get; set; }

    /// <summary>Its standard error.</summary>
    public double? StandardError { get; set; }

    /// <summary>Mean response length in tokens, when the stage measures it.</summary>
    public double? MeanTokens { get; set; }
}

/// <summary>A run's place in its recipe.</summary>
public sealed record RunState
{
    /// <summary>Index of the stage in progress; the number of stages when all are done.</summary>
    public int Stage { get; set; }

    /// <summary>Steps done in that stage.</summary>
    public int Step { get; set; }

    /// <summary>Steps done in the run.</summary>
    public long GlobalStep { get; set; }

    /// <summary>The stage's place in its data.</summary>
    public long Cursor { get; set; }

    /// <summary>Optimizer steps since the stage began.</summary>
    public int OptimizerSteps { get; set; }

    /// <summary>Consumption by stage, for the stages begun.</summary>
    public List<StageState> Stages { get; set; } = [];

    /// <summary>Writes the state as JSON.</summary>
    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, s_json) + "\n");

    /// <summary>Reads a state.</summary>
    /// <exception cref="RunException">The file is missing or damaged.</exception>
    public static RunState Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllText(path), s_json) ?? throw new JsonException("it is empty");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new RunException($"'{path}' is missing or damaged: {e.Message} Remove the checkpoint's folder to resume from the one before.", e);
        }
    }

    static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
}
