// The progress of work that is counted: a bar on a terminal, lines elsewhere, always on the error stream.
using System.Diagnostics;
using Spectre.Console;

namespace Fathom.Cli;

/// <summary>Shows how far counted work is.</summary>
static class WorkDisplay
{
    static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs <paramref name="work"/> and shows what it reports: how much is done, and how much there is.</summary>
    /// <param name="what">What is done, as in "quantising".</param>
    /// <param name="unit">What is counted, as in "tensors".</param>
    /// <param name="work">Works and reports.</param>
    public static T Show<T>(string what, string unit, Func<Action<long, long>, T> work)
    {
        long start = Stopwatch.GetTimestamp();
        if (!Console.IsErrorRedirected)
        {
            return Terminal.Error.Progress().Columns(new ProgressBarColumn { Width = 24 }, new TaskDescriptionColumn { Alignment = Justify.Left }).Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(what));
                return work((done, total) =>
                {
                    task.MaxValue = Math.Max(1, total);
                    task.Description = Markup.Escape(Line(what, unit, done, total, start));
                    task.Value = done;
                });
            });
        }
        long written = start;
        return work((done, total) =>
        {
            if (Stopwatch.GetElapsedTime(written) < s_lineInterval)
                return;
            written = Stopwatch.GetTimestamp();
            Console.Error.WriteLine(Line(what, unit, done, total, start));
        });
    }

    // quantising: 120 of 339 tensors, 25 s left
    static string Line(string what, string unit, long done, long total, long start)
    {
        string left = done > 0 ? $", {PullDisplay.Duration(Stopwatch.GetElapsedTime(start) / done * (total - done))} left" : "";
        return Terminal.Invariant($"{what}: {done:N0} of {total:N0} {unit}{left}");
    }
}
