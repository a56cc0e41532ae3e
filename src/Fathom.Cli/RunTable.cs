// What `fathom train` ends with: the table of stages, the bill in short, and where to go next.
using Fathom.Planning.Costs;
using Fathom.Training.Runs;
using Spectre.Console;

namespace Fathom.Cli;

/// <summary>Prints a run's outcome.</summary>
static class RunTable
{
    const double MiB = 1 << 20;

    /// <summary>Prints table and bill of the run in <paramref name="folder"/>.</summary>
    public static void Print(RunSummary summary, string folder)
    {
        Table table = Terminal.Table("stage", ">pass@1", ">mean tokens", ">seconds");
        foreach (StageSummary stage in summary.Stages)
        {
            string pass = stage.PassAt1 is { } share
                ? Terminal.Invariant($"{share:0.0%}") + (stage.StandardError is { } error ? Terminal.Invariant($" ± {error:0.0%}") : "")
                : "";
            table.Add(stage.Name, pass, stage.MeanTokens is { } tokens ? Terminal.Invariant($"{tokens:0.0}") : "", Terminal.Invariant($"{stage.Seconds:0.0}"));
        }
        Terminal.Write(table);

        RunBill bill = summary.Bill;
        Console.Out.WriteLine(Terminal.Invariant(
            $"{Terminal.Scaled(bill.Tokens.Total)} tokens, {Terminal.Scaled(bill.Flops)}FLOP at {bill.Utilisation:0.0%} of this machine's peak, {bill.CoreHours:0.000} core hours, peak memory {bill.PeakMemoryBytes / MiB:0} MiB."));
        Console.Out.WriteLine(Terminal.Invariant(
            $"The same FLOPs on {bill.Reference.Name}s at {bill.Price.Amount:0.##} {bill.Price.Currency} an hour: {Money(bill.ReferenceCost)} {bill.Price.Currency}."));
        if (CostLine.MissingOf(bill.Beside) is { Count: > 0 } missing)
            Console.Out.WriteLine($"Not on the bill, as nobody stated it: {string.Join(", ", missing)}.");
        Console.Out.WriteLine();
        Console.Out.WriteLine($"Report:  {Path.Combine(folder, RunFiles.Report)}");
        Console.Out.WriteLine($"Next:    fathom chat {folder}");
    }

    // A small run costs less than any coin.
    static string Money(decimal amount) => amount is > 0 and < 0.01m ? Terminal.Invariant($"{(double)amount:0.0e-0}") : Terminal.Invariant($"{amount:#,0.00}");
}
