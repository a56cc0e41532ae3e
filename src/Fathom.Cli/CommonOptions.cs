// Options that several verbs share, each defined once.
using System.CommandLine;
using System.Globalization;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Hub;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Threading;

namespace Fathom.Cli;

/// <summary>Shared options and the checks of ranges.</summary>
static class CommonOptions
{
    /// <summary>The preset of that name.</summary>
    /// <exception cref="CommandException">There is none; the message has the nearest name and all of them.</exception>
    public static ModelConfig PresetNamed(string preset) => Presets.All.TryGetValue(preset, out ModelConfig? config)
        ? config
        : throw CommandException.Usage($"there is no preset '{preset}'; did you mean '{NearestName.Of(preset, Presets.All.Keys)}'? Presets: {string.Join(", ", Presets.All.Keys)}.");

    /// <summary>A choice among the formats that GGUF files are written in.</summary>
    /// <param name="what">What is written, a sentence.</param>
    public static Option<string> Format(string what) => new Option<string>("--format")
    {
        Description = $"{what} One for all matrices, or q4_k_m, which is q4_k with q6_k where errors cost most.",
        DefaultValueFactory = _ => "q4_k_m",
    }.AcceptOnlyFromAmong([.. GgufTarget.All.Select(target => target.Name)]);

    static readonly Dictionary<string, ElementType> s_cacheTypes = new() { ["f32"] = ElementType.F32, ["bf16"] = ElementType.BF16, ["i8"] = ElementType.I8 };

    /// <summary>The format of the attention cache.</summary>
    public static Option<string> CacheType { get; } = new Option<string>("--cache-type")
    {
        Description = "Format of the attention cache: f32 is exact, bf16 takes half of it, i8 little more than a quarter.",
        HelpName = "TYPE",
        DefaultValueFactory = _ => "f32",
    }.AcceptOnlyFromAmong([.. s_cacheTypes.Keys]);

    /// <summary>The format of the attention cache from the command line.</summary>
    public static ElementType CacheTypeOf(ParseResult parsed) => s_cacheTypes[parsed.GetValue(CacheType)!];

    /// <summary>Processor threads.</summary>
    public static Option<int?> Threads { get; } = new Option<int?>("--threads")
    {
        Description = "Processor threads to use; the result does not depend on it. Default: one per processor.",
        HelpName = "N",
    }.Within(1, 1024);

    /// <summary>Machine-readable output.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print JSON, and nothing else, on the standard output." };

    /// <summary>The model to work with.</summary>
    public static Argument<string> Model { get; } = new("MODEL")
    {
        Description = "A Hugging Face model folder, a GGUF file, a run's folder (its model, or its latest checkpoint while it is not done), or the name of a pulled model, OWNER/NAME[@REVISION].",
    };

    /// <summary>How latent attention's up-projection is written to a GGUF file.</summary>
    public static Option<MlaDialect> MlaDialect { get; } = new("--mla")
    {
        Description = "Form of latent attention in a GGUF file: split in two, as llama.cpp has it since spring 2025, or joined, as before and in some relatives.",
        DefaultValueFactory = _ => Fathom.Models.Checkpoints.Gguf.MlaDialect.Split,
    };

    /// <summary>Leaves multi-token prediction out.</summary>
    public static Option<bool> NoMtp { get; } = new("--no-mtp")
    {
        Description = "Leave the multi-token-prediction module out of a GGUF file: programs of before 2026 do not expect its extra block.",
    };

    /// <summary>Bytes of a size in gigabytes; 0 stands for no limit.</summary>
    public static long ShardBytes(double gigabytes) => gigabytes == 0 ? long.MaxValue : (long)Math.Clamp(gigabytes * 1e9, 1, long.MaxValue);

    /// <summary>The local store of pulled models.</summary>
    public static Option<string?> Store { get; } = new("--store")
    {
        Description = $"The local store of pulled models. Default: {ModelStore.RootVariable}, or fathom/models in the user's cache folder.",
        HelpName = "DIR",
    };

    /// <summary>A seed.</summary>
    /// <param name="what">What it seeds, as in "of the sampling".</param>
    public static Option<long> Seed(string what) => new Option<long>("--seed")
    {
        Description = $"Seed {what}: the same seed gives the same result.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    }.AtLeast(0);

    /// <summary>Takes the number of threads from the command line.</summary>
    public static void ApplyThreads(ParseResult parsed)
    {
        if (parsed.GetValue(Threads) is { } threads)
            ThreadTeam.SetSharedThreadCount(threads);
    }

    /// <summary>Takes the store's folder from the command line.</summary>
    public static void ApplyStore(ParseResult parsed)
    {
        if (parsed.GetValue(Store) is { Length: > 0 } folder)
            ModelLocator.Store = new ModelStore(folder);
    }

    /// <summary>A list of whole numbers, as in 512,2048.</summary>
    public static Option<int[]> Counts(string name, string alias, string description, int[] otherwise, int least, int most) => new(name, alias)
    {
        Description = $"{description} A list: {least} to {most}, separated by commas.",
        HelpName = "N,...",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            List<int> values = [];
            foreach (string word in result.Tokens[0].Value.Split(','))
            {
                if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most)
                    values.Add(value);
                else
                    result.AddError($"{name} has '{word}'; whole numbers of {least} to {most} are allowed, separated by commas");
            }
            return [.. values];
        },
    };

    /// <summary>Refuses values outside <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<T> Within<T>(this Option<T> option, double least, double most) =>
        option.Checked(value => value >= least && value <= most, $"{Word(least)} to {Word(most)}");

    /// <summary>Refuses values below <paramref name="least"/>.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, double least) => option.Checked(value => value >= least, $"{Word(least)} or more");

    /// <summary>Refuses values that are not above <paramref name="bound"/> or exceed <paramref name="most"/>.</summary>
    public static Option<T> Above<T>(this Option<T> option, double bound, double most) =>
        option.Checked(value => value > bound && value <= most, $"above {Word(bound)} and at most {Word(most)}");

    static Option<T> Checked<T>(this Option<T> option, Func<double, bool> allowed, string words)
    {
        option.Validators.Add(result =>
        {
            // What is no number has an error of its own.
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && !allowed(value))
                result.AddError($"{option.Name} is {result.Tokens[0].Value}; {words} is allowed");
        });
        return option;
    }

    static string Word(double bound) => bound.ToString(CultureInfo.InvariantCulture);
}
