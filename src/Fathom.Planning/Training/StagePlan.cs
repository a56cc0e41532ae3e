// The plan of one stage: memory, time, and what they come to.

using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Prices;

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
    /// <summary>Every number of the stage with its source.</summary>
    public IReadOnlyList<Figure> Figures
    {
        get
        {
            List<Figure> figures = [.. Inputs, .. Parts, new("device hours", Hours, "h", "the sum of the parts"), .. Memory, new("memory", MemoryBytes, "bytes", "the sum of its parts")];
            figures.Add(new("days", Days, "days", "device hours / devices / 24"));
            if (StepSeconds > 0)
            {
                figures.Add(new("step", StepSeconds, "s", "the sum of the step's parts, interruptions left out"));
                figures.Add(new("utilisation", Utilisation, "", "three times the forward operations of a step's tokens / step / devices / BF16 peak"));
            }
            if (Published is { } published)
                figures.Add(published);
            if (Deviation is { } deviation)
                figures.Add(new("planned over published device hours, less 1", deviation, "", "device hours / published device hours - 1"));
            return figures;
        }
    }

    /// <summary>Device hours.</summary>
    public double Hours => Parts.Sum(part => part.Value);

    /// <summary>Days on all devices at once.</summary>
    public double Days => Hours / Devices / 24;

    /// <summary>Bytes of a device's memory.</summary>
    public double MemoryBytes => Memory.Sum(part => part.Value);

    /// <summary>Whether the memory suffices.</summary>
    public bool Fits => MemoryBytes <= Device.MemoryBytes.Value * Efficiencies.UsableMemory.Value;

    /// <summary>What the plan took, with where it is from.</summary>
    public IReadOnlyList<Figure> Inputs { get; init; } = [];

    /// <summary>Refuses a plan that needs more memory than there is.</summary>
    /// <exception cref="PlanException">It does not fit; the message says by how much, and what might.</exception>
    public StagePlan Fitting() => Fits ? this : throw new PlanException(FormattableString.Invariant(
        $"{Name} does not fit: each device would hold {MemoryBytes / 1e9:0.0} GB of the {Device.MemoryBytes.Value * Efficiencies.UsableMemory.Value / 1e9:0.0} GB that {Device.Title} has for it; the greatest part is {Memory.MaxBy(part => part.Value)!.Name}. --search finds a layout that fits, if there is one."));

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

    /// <summary>What training takes beside these stages, each line with an amount only where somebody stated it.</summary>
    public IReadOnlyList<CostLine> Beside { get; init; } = CostLine.BesideTheRun();

    /// <summary>Rent of some device hours, to the cent.</summary>
    public decimal CostOf(double hours) => Math.Round(HourlyPrice.Of(Rent).For((decimal)hours), 2);

    /// <summary>Rent of all stages, to the cent.</summary>
    public decimal Cost => CostOf(Hours);

    /// <summary>Rent and what is stated beside it.</summary>
    public decimal TotalCost => Cost + CostLine.SumOf(Beside);

    /// <summary>The plan's totals.</summary>
    public IReadOnlyList<Figure> Totals =>
    [
        .. OwnTotals,
        .. Beside.Where(line => line.Amount is not null).Select(line => Figure.Money(line.Name, line.Amount!.Value, Rent.Currency, line.Source)),
        Figure.Money("total", TotalCost, Rent.Currency, CostLine.MissingOf(Beside) is { Count: > 0 } missing ? $"rent and what is stated beside it, a lower bound: {string.Join(", ", missing)} not stated" : "rent and what is stated beside it"),
    ];

    IReadOnlyList<Figure> OwnTotals =>
    [
        new("device hours", Hours, "h", "the sum of the stages' parts"),
        new("days", Days, "days", "device hours of each stage / its devices / 24, one stage after the other"),
        new("energy", EnergyKwh, "kWh", FormattableString.Invariant($"device hours x {Stages[0].Device.Watts.Value} W ({Stages[0].Device.Watts.Source}) x {PowerUsage}; hosts left out")),
        Figure.Money("rent", Cost, Rent.Currency, $"device hours x {Rent.Amount} {Rent.Currency} ({Rent.Provider}, {Rent.Date}: {Rent.Source})"),
    ];
}
