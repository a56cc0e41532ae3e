// The bill of a run: what every stage consumed, the totals, and what the same arithmetic would cost on rented accelerators.

using System.Text.Json;
using Fathom.Planning.Hardware;
using Fathom.Planning.Prices;

namespace Fathom.Planning.Costs;

/// <summary>The bill of a run.</summary>
/// <param name="Stages">One row per stage, in order.</param>
/// <param name="Cores">Processor cores that the run held from start to end, at least 1.</param>
/// <param name="PeakFlops">This machine's measured peak rate on those cores in FLOP/s, greater than 0.</param>
/// <param name="PeakMemoryBytes">Greatest resident memory of the process.</param>
/// <param name="Reference">The accelerator that the comparison rents.</param>
/// <param name="Price">What it costs per hour.</param>
public sealed record RunBill(
    IReadOnlyList<StageBill> Stages, int Cores, double PeakFlops, long PeakMemoryBytes, Accelerator Reference, HourlyPrice Price)
{
    /// <summary>What training takes beside the run, each line with an amount only where somebody stated it.</summary>
    public IReadOnlyList<CostLine> Beside { get; init; } = CostLine.BesideTheRun();

    /// <summary>Tokens of all stages.</summary>
    public TokenCounts Tokens => Stages.Aggregate(default(TokenCounts), (sum, stage) => sum + stage.Tokens);

    /// <summary>Model floating-point operations of all stages.</summary>
    public double Flops => Stages.Sum(stage => stage.Flops);

    /// <summary>Wall-clock time of all stages.</summary>
    public TimeSpan Elapsed => Stages.Aggregate(TimeSpan.Zero, (sum, stage) => sum + stage.Elapsed);

    /// <summary>Core hours of all stages.</summary>
    public double CoreHours => HoursOnCores(Elapsed);

    /// <summary>Model FLOPs utilisation of the run, 0 where it took no time.</summary>
    public double Utilisation => UtilisationOf(Flops, Elapsed);

    /// <summary>Price of the run's arithmetic on the reference accelerator at its achieved rate.</summary>
    public decimal ReferenceCost => CostOf(Flops);

    /// <summary>Model FLOPs utilisation of a stage: its FLOP/s over the machine's measured peak.</summary>
    public double UtilisationOf(StageBill stage) => UtilisationOf(stage.Flops, stage.Elapsed);

    /// <summary>Core hours of a stage: cores held times wall-clock time.</summary>
    public double CoreHoursOf(StageBill stage) => HoursOnCores(stage.Elapsed);

    /// <summary>Price of a stage's arithmetic on the reference accelerator at its achieved rate.</summary>
    public decimal ReferenceCostOf(StageBill stage) => CostOf(stage.Flops);

    /// <summary>Writes the bill as a JSON object: stages, totals, what is beside them, and what was assumed.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("stages");
        foreach (StageBill stage in Stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteString("kind", stage.Kind);
            WriteRow(json, stage.Tokens, stage.Flops, stage.Elapsed);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        json.WriteStartObject("total");
        WriteRow(json, Tokens, Flops, Elapsed);
        json.WriteNumber("peakMemoryBytes", PeakMemoryBytes);
        json.WriteEndObject();

        json.WriteStartArray("beside");
        foreach (CostLine line in Beside)
        {
            json.WriteStartObject();
            json.WriteString("name", line.Name);
            if (line.Amount is { } amount)
                json.WriteNumber("amount", amount);
            else
                json.WriteNull("amount");
            json.WriteString("source", line.Source);
            json.WriteEndObject();
        }
        json.WriteEndArray();

        json.WriteStartObject("machine");
        json.WriteNumber("cores", Cores);
        json.WriteNumber("peakFlops", PeakFlops);
        json.WriteEndObject();

        json.WriteStartObject("reference");
        json.WriteString("accelerator", Reference.Name);
        json.WriteNumber("achievedFlops", Reference.AchievedFlops);
        json.WriteNumber("utilisation", Reference.Utilisation);
        json.WriteNumber("pricePerHour", Price.Amount);
        json.WriteString("currency", Price.Currency);
        json.WriteString("hardwareSource", Reference.Source);
        json.WriteString("priceSource", Price.Source);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    void WriteRow(Utf8JsonWriter json, TokenCounts tokens, double flops, TimeSpan elapsed)
    {
        json.WriteStartObject("tokens");
        json.WriteNumber("trained", tokens.Trained);
        json.WriteNumber("generated", tokens.Generated);
        json.WriteNumber("evaluated", tokens.Evaluated);
        json.WriteNumber("total", tokens.Total);
        json.WriteEndObject();
        json.WriteNumber("flops", flops);
        json.WriteNumber("seconds", elapsed.TotalSeconds);
        json.WriteNumber("modelFlopsUtilisation", UtilisationOf(flops, elapsed));
        json.WriteNumber("coreHours", HoursOnCores(elapsed));
        json.WriteNumber("referenceCost", CostOf(flops));
    }

    double UtilisationOf(double flops, TimeSpan elapsed) => elapsed > TimeSpan.Zero ? flops / elapsed.TotalSeconds / PeakFlops : 0;

    double HoursOnCores(TimeSpan elapsed) => elapsed.TotalHours * Cores;

    // Not by TimeSpan: its 100 ns ticks would round a small run's milliseconds on an H800.
    decimal CostOf(double flops) => Price.For((decimal)(flops / Reference.AchievedFlops / 3600));
}
