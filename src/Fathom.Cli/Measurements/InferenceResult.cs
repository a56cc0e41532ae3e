// One measured speed of a model that is run, beside what its bytes and operations would allow.
namespace Fathom.Cli.Measurements;

/// <summary>What bounds a pass.</summary>
enum InferenceLimit
{
    /// <summary>Reading weights and cache.</summary>
    Memory,

    /// <summary>Multiplying.</summary>
    Arithmetic,
}

/// <summary>A measurement: medians over its repetitions.</summary>
sealed record InferenceResult
{
    /// <summary><c>pp512</c> for 512 prompt tokens, <c>tg128</c> for 128 decoded ones, <c>@4096</c> behind as many, <c>x8</c> in as many sequences at once.</summary>
    public required string Test { get; init; }

    /// <summary>Threads used.</summary>
    public required int Threads { get; init; }

    /// <summary>Tokens per second of all sequences together.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Smallest sample.</summary>
    public required double Minimum { get; init; }

    /// <summary>Largest sample.</summary>
    public required double Maximum { get; init; }

    /// <summary>The larger one of the two fractions below.</summary>
    public double FractionOfLimit => Math.Max(FractionOfBandwidth, FractionOfPeak);

    /// <summary>Which of the two that is.</summary>
    public InferenceLimit Limit => FractionOfBandwidth > FractionOfPeak ? InferenceLimit.Memory : InferenceLimit.Arithmetic;

    /// <summary>Bytes per second over <see cref="Bandwidth"/>, repetition by repetition.</summary>
    public required double FractionOfBandwidth { get; init; }

    /// <summary>Seconds that the operations would take at the machine's peak of their number format, over the seconds they took.</summary>
    public required double FractionOfPeak { get; init; }

    /// <summary>GB/s that memory gave right before and after the repetitions.</summary>
    public required double Bandwidth { get; init; }

    /// <summary>Bytes read for a token: matrices that were multiplied with (of the experts those that were chosen) and cache.</summary>
    public required double BytesPerToken { get; init; }

    /// <summary>Operations of a token; a multiplication with addition counts as two.</summary>
    public required double OperationsPerToken { get; init; }
}
