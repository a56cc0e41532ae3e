// An experiment: a small measurement that puts a claim to the test on this machine, and what it is given.

using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Fathom.Training.Recipes;

namespace Fathom.Claims.Experiments;

/// <summary>An experiment.</summary>
/// <param name="Id">The claim that it tests.</param>
/// <param name="Title">What it does, in a few words.</param>
/// <param name="Minutes">Minutes that it takes on two quiet cores, about.</param>
/// <param name="Run">Runs it. Its result depends on the settings' seeds alone, but for times.</param>
public sealed record Experiment(string Id, string Title, int Minutes, Func<ExperimentSettings, Measurement> Run);

/// <summary>What an experiment is given.</summary>
/// <param name="Seeds">One run of what is random for each, at least one; none where nothing is random.</param>
/// <param name="Folder">Where its training runs are kept. A run that is there already, begun or finished with the same recipe, is gone on with or taken as it is.</param>
public sealed record ExperimentSettings(IReadOnlyList<ulong> Seeds, string Folder)
{
    /// <summary>Told what is being done and the share that is done, 0 to 1.</summary>
    public Action<string, double> Progress { get; init; } = (_, _) => { };

    /// <summary>Ends the experiment between two steps; training runs that have begun stay in the folder.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Changes to the recipes of the experiment's training runs, as by <c>train --set</c>; a shortened experiment still tests its code.</summary>
    public IReadOnlyList<RecipeOverride> Changes { get; init; } = [];

    /// <summary>The seeds that an experiment takes where none are asked for.</summary>
    public static IReadOnlyList<ulong> RecordedSeeds { get; } = [1, 2, 3];

    /// <summary>A result with what every experiment says: date, machine, command, seeds.</summary>
    internal Measurement Result(string id, bool reproduced, string method, string summary, IReadOnlyList<MeasuredValue> values) => new()
    {
        Id = id,
        Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        Machine = Machine(),
        Command = $"fathom claims --measure {id}{(Seeds.Count == 0 || Seeds.SequenceEqual(RecordedSeeds) ? "" : $" --seeds {string.Join(',', Seeds)}")}",
        Seeds = Seeds,
        Method = method,
        Verdict = reproduced ? Verdict.Reproduced : Verdict.NotReproduced,
        Summary = summary,
        Values = values,
    };

    static string Machine()
    {
        int count = Environment.ProcessorCount;
        string cores = $"{count} {(count == 1 ? "core" : "cores")}";
        return Processor() is { Length: > 0 } name ? $"{cores} of {name}" : $"{cores}, {RuntimeInformation.ProcessArchitecture}";
    }

    // The brand string that x86 processors give in three leaves.
    static string Processor()
    {
        const uint first = 0x80000002;
        if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < first + 2)
            return "";
        Span<int> words = stackalloc int[12];
        for (int i = 0; i < 3; i++)
            (words[4 * i], words[4 * i + 1], words[4 * i + 2], words[4 * i + 3]) = X86Base.CpuId((int)(first + i), 0);
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes(words)).TrimEnd('\0').Trim();
    }
}
