// One measured speed, beside the limit that the machine showed in the same run.
using System.Text.Json.Serialization;

namespace Fathom.Cli.Measurements;

/// <summary>A measurement: median, smallest and largest of its samples, in tokens per second or GFLOP/s.</summary>
sealed record BenchResult
{
    /// <summary>What was measured.</summary>
    public required string Test { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Median tokens per second, where tokens were counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? TokensPerSecond { get; init; }

    /// <summary>Median GFLOP/s, where operations were counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Gflops { get; init; }

    /// <summary>Smallest sample, in the unit of the median.</summary>
    public required double Minimum { get; init; }

    /// <summary>Largest sample, in the unit of the median.</summary>
    public required double Maximum { get; init; }

    /// <summary>Share of the machine's limit; null where the limit is not known. See the measurement for which sample is held against which limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? FractionOfLimit { get; init; }

    /// <summary>Seconds of one step or iteration, median.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Seconds { get; init; }

    /// <summary>Shares of the parts of an iteration.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, double>? Shares { get; init; }
}
