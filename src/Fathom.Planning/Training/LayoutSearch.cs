// The fastest layout that fits, by trying all: the model of time takes microseconds, so nothing cleverer is needed.

using Fathom.Planning.Schedules;

namespace Fathom.Planning.Training;

/// <summary>A searched layout.</summary>
/// <param name="Run">The run with the layout.</param>
/// <param name="Plan">Its plan.</param>
/// <param name="Tried">Layouts that divide.</param>
/// <param name="Fitting">Those that fit into memory.</param>
public sealed record LayoutSearch(TrainingRun Run, StagePlan Plan, int Tried, int Fitting)
{
    static readonly int[] s_microBatches = [1, 2, 4, 8];

    /// <summary>All layouts that divide.</summary>
    public static IEnumerable<TrainingLayout> Candidates(TrainingRun run)
    {
        int experts = run.Work.Config.Experts?.RoutedExpertCount ?? 1;
        IEnumerable<int> Divisors(int of, int most) => Enumerable.Range(1, Math.Max(1, Math.Min(of, most))).Where(value => of % value == 0);
        return
            from tensor in Divisors(run.Device.DevicesPerNode, run.Devices)
            from context in Contexts(run)
            where run.Devices % (tensor * context) == 0
            from pipeline in Divisors(run.Devices / (tensor * context), Math.Min(run.Work.Config.LayerCount + 2, 64))
            from expert in Divisors(experts, Math.Max(1, run.Devices / pipeline))
            from microBatch in s_microBatches
            from zero in Enumerable.Range(0, 4)
            from schedule in pipeline == 1 ? ["1f1b"] : ScheduleCatalog.All.Select(kind => kind.Name)
            from recomputation in Enum.GetValues<Recomputation>()
            let layout = new TrainingLayout { Tensor = tensor, Pipeline = pipeline, Context = context, Expert = expert, MicroBatch = microBatch, ZeroStage = zero, Schedule = schedule, Recomputation = recomputation }
            where layout.Refuse(run.Work.Config, run.Device, run.Devices, run.Batch, run.SequenceLength) is null
            select layout;
    }

    // Shorter pieces than a pre-training's usual sequence gain nothing: powers of two that leave at least that to a device.
    static IEnumerable<int> Contexts(TrainingRun run)
    {
        for (int context = 1; context == 1 || run.SequenceLength / context >= ShortestPiece && context <= run.Devices; context *= 2)
            yield return context;
    }

    const int ShortestPiece = 4096;

    /// <summary>Finds the fastest.</summary>
    /// <param name="run">What to train; its layout is ignored.</param>
    /// <exception cref="PlanException">No layout divides, or none fits; the message says how much is missing.</exception>
    public static LayoutSearch Best(TrainingRun run)
    {
        double room = run.Device.MemoryBytes.Value * Efficiencies.UsableMemory.Value, smallest = double.MaxValue, fastest = double.MaxValue;
        int tried = 0, fitting = 0;
        TrainingRun? best = null;
        foreach (TrainingLayout layout in Candidates(run))
        {
            tried++;
            TrainingRun candidate = run with { Layout = layout };
            double memory = TrainingMemory.Of(candidate).Total;
            smallest = Math.Min(smallest, memory);
            if (memory > room)
                continue;
            fitting++;
            double step = TrainingTime.Of(candidate).Step;
            if (step < fastest)
                (fastest, best) = (step, candidate);
        }
        if (best is null)
        {
            throw new PlanException(tried == 0
                ? $"{run.Name}: no layout divides {run.Devices} devices and a batch of {run.Batch} sequences; a batch that is a multiple of {run.Devices} has some."
                : FormattableString.Invariant($"{run.Name}: no layout on {run.Devices} x {run.Device.Title} fits: the smallest needs {smallest / 1e9:0.0} GB of each device's {room / 1e9:0.0} GB; more devices or shorter sequences would."));
        }
        return new(best, StagePlan.Of(best), tried, fitting);
    }
}
