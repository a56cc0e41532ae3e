// The plan of one stage: memory, time, and what they come to.

using Fathom.Planning.Hardware;

namespace Fathom.Planning.Training;

/// <summary>A planned stage.</summary>
/// <param name="Name">Name of the stage.</param>
/// <param name="Kind">pretrain, extend-context, sft or rl.</param>
/// <param name="Device">The devices.</param>
/// <param name="Devices">How many.</param>
/// <param name="Layout">How they are used, in words.</param>
/// <param name="Memory">Memory of a device, part by part.</param>
/// <param name="Parts">Device hours, part by part; together <see cref="Hours"/>.</param>
/// <param name="StepSeconds">Time of a training step, 0 where the stage is none.</param>
/// <param name="Published">Published device hours, or null.</param>
public sealed record StagePlan(
    string Name, string Kind, Device Device, int Devices, string Layout, IReadOnlyList<Figure> Memory, IReadOnlyList<Figure> Parts, double StepSeconds, Figure? Published)
{
    /// <summary>Device hours.</summary>
    public double Hours => Parts.Sum(part => part.Value);

    /// <summary>Days on all devices at once.</summary>
    public double Days => Hours / Devices / 24;

    /// <summary>Bytes of a device's memory.</summary>
    public double MemoryBytes => Memory.Sum(part => part.Value);

    /// <summary>Whether the memory suffices.</summary>
    public bool Fits => MemoryBytes <= Device.MemoryBytes.Value * Efficiencies.UsableMemory.Value;

    /// <summary>What the plan took, with where it is from.</summary>
    public required IReadOnlyList<Figure> Inputs { get; init; }

    /// <summary>Model FLOP/s per device over the BF16 peak, 0 where the stage is no training.</summary>
    public double Utilisation { get; init; }

    /// <summary>Planned over published hours, less 1; null where nothing is published.</summary>
    public double? Deviation => Published is { } published ? Hours / published.Value - 1 : null;

    /// <summary>Plans a run.</summary>
    /// <exception cref="PlanException">The run cannot be; the message says what would work.</exception>
    public static StagePlan Of(TrainingRun run, string kind = "pretrain")
    {
        run.Validate();
        TrainingTime time = TrainingTime.Of(run);
        double tokensPerStep = (double)run.Batch * run.SequenceLength, steps = run.Tokens / tokensPerStep;
        string scale = FormattableString.Invariant($"{steps:0.#} steps of {run.Batch} x {run.SequenceLength} tokens on {run.Devices} devices");
        List<Figure> parts = [.. time.Parts.Where(part => part.Value > 0).Select(part => part with
        {
            Value = part.Value * steps * run.Devices / 3600,
            Unit = "h",
            Source = FormattableString.Invariant($"{scale}, {part.Value:G4} s per step: {part.Source}"),
        })];
        double running = parts.Sum(part => part.Value);
        parts.Add(new("interruptions", running * (1 / Efficiencies.Availability.Value - 1), "h", Efficiencies.Availability.ToString()));
        double flops = tokensPerStep * 3 * run.Work.ForwardFlopsPerToken(run.AttentionLength);
        return new(run.Name, kind, run.Device, run.Devices, run.Layout.ToString(), TrainingMemory.Of(run).Parts, parts, time.Step, run.Published)
        {
            Inputs = run.Inputs,
            Utilisation = run.Device.Rates.TryGetValue(Precision.Bf16, out Figure? peak) ? flops / time.Step / run.Devices / peak.Value : 0,
        };
    }
}

/// <summary>A whole plan: its stages one after the other, and the money.</summary>
/// <param name="Name">What is planned.</param>
/// <param name="Stages">The stages.</param>
/// <param name="Rent">The price of a device hour.</param>
public sealed record TrainingPlan(string Name, IReadOnlyList<StagePlan> Stages, DevicePrice Rent)
{
    /// <summary>Device hours of all stages.</summary>
    public double Hours => Stages.Sum(stage => stage.Hours);

    /// <summary>Days, one stage after the other.</summary>
    public double Days => Stages.Sum(stage => stage.Days);

    /// <summary>Power of the data centre over that of its devices, 1 to 10.</summary>
    public Figure PowerUsage { get; init; } = Efficiencies.PowerUsage;

    /// <summary>Energy of the devices at their greatest power and of the data centre around them, kWh.</summary>
    public double EnergyKwh => Stages.Sum(stage => stage.Hours * stage.Device.Watts.Value / 1000) * PowerUsage.Value;

    /// <summary>Rent of some device hours, to the cent.</summary>
    public decimal CostOf(double hours) => Math.Round((decimal)hours * Rent.Amount, 2);

    /// <summary>Rent of all stages.</summary>
    public decimal Cost => CostOf(Hours);

    /// <summary>The plan's totals.</summary>
    public IReadOnlyList<Figure> Totals =>
    [
        new("device hours", Hours, "h", "the sum of the stages' parts"),
        new("days", Days, "days", "device hours of each stage / its devices / 24, one stage after the other"),
        new("energy", EnergyKwh, "kWh", FormattableString.Invariant($"device hours x {Stages[0].Device.Watts.Value} W ({Stages[0].Device.Watts.Source}) x {PowerUsage}; hosts left out")),
        Figure.Money("rent", Cost, Rent.Currency, $"device hours x {Rent.Amount} {Rent.Currency} ({Rent.Provider}, {Rent.Date}: {Rent.Source})"),
    ];
}
