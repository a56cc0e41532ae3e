// `fathom report`: a run's page made anew, also while the run goes on.
using System.CommandLine;
using Fathom.Training.Runs;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>report</c>.</summary>
static class ReportVerb
{
    static readonly Argument<string> s_run = new("RUN") { Description = "A run's folder." };

    public static Verb Create() => new Verb(
        "report", "Makes a run's report.html from its logs; the run may still go on.",
        "report runs/nano-r1")
    {
        s_run,
    }.Does(parsed =>
    {
        string run = parsed.GetValue(s_run)!;
        if (!Directory.Exists(run))
            throw CommandException.Usage($"there is no folder '{run}'.");
        RunReport.Write(run);
        Console.Out.WriteLine(Path.Combine(run, RunFiles.Report));
        return Endings.Fine;
    });
}
