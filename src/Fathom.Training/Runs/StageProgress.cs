// Where a stage stands, and its plain-text face. A stage hands StageProgress to whatever it was given; a terminal draws bars instead.

using System.Diagnostics;
using System.Globalization;

namespace Fathom.Training.Runs;

/// <summary>Where a stage stands.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Measure">What <paramref name="Value"/> is: one of <see cref="MetricNames"/>.</param>
/// <param name="Value">Loss, reward or share of right answers.</param>
/// <param name="TokensPerSecond">Tokens per second of late.</param>
/// <param name="Remaining">Time until the stage ends, if it goes on like this.</param>
public readonly record struct StageProgress(
    string Stage, long Step, long Steps, string Measure, double Value, double TokensPerSecond, TimeSpan Remaining);

/// <summary>Writes progress as plain lines, at most one in some interval; a stage's first and last step are always written.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="interval">Least time between two lines.</param>
public sealed class ProgressLines(TextWriter output, TimeSpan interval)
{
    long last;
    string? stage;

    /// <summary>Writes a line if it is time for one.</summary>
    public void Report(StageProgress progress)
    {
        bool always = progress.Stage != stage || progress.Step >= progress.Steps;
        if (!always && Stopwatch.GetElapsedTime(last) < interval)
            return;
        stage = progress.Stage;
        last = Stopwatch.GetTimestamp();
        output.WriteLine(Line(progress));
        output.Flush();
    }

    /// <summary>The line: <c>rl  step 12/200  reward 0.873  9,120 tokens/s  3:05 left</c>.</summary>
    public static string Line(StageProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"{progress.Stage}  step {progress.Step}/{progress.Steps}  {progress.Measure} {progress.Value:0.0000}  {progress.TokensPerSecond:N0} tokens/s  {Left(progress.Remaining)} left");

    static string Left(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
}
