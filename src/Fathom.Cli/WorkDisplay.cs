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
    public static T Show<T>(string what, string unit, Func<Action<long, long>, T> work) =>
        Show(what, report => work((done, total) => report(Terminal.Invariant($"{what}: {done:N0} of {total:N0} {unit}"), done / Math.Max(1.0, total))));

    /// <summary>Runs <paramref name="work"/> and shows what it reports: what is being done, and the share that is done, 0 to 1.</summary>
    public static T Show<T>(string what, Func<Action<string, double>, T> work)
    {
        long start = Stopwatch.GetTimestamp();
        if (!Console.IsErrorRedirected)
        {
            return Terminal.Error.Progress().Columns(new ProgressBarColumn { Width = 24 }, new TaskDescriptionColumn { Alignment = Justify.Left }).Start(context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(what), maxValue: 1);
                return work((text, share) =>
                {
                    task.Description = Markup.Escape(Line(text, share, start));
                    task.Value = share;
                });
            });
        }
        long written = start;
        return work((text, share) =>
        {
            if (Stopwatch.GetElapsedTime(written) < s_lineInterval)
                return;
            written = Stopwatch.GetTimestamp();
            Console.Error.WriteLine(Line(text, share, start));
        });
    }

    // quantising: 120 of 339 tensors, 25 s left
    static string Line(string text, double share, long start) =>
        share > 0 ? $"{text}, {PullDisplay.Duration(Stopwatch.GetElapsedTime(start) * (1 / share - 1))} left" : text;
}
