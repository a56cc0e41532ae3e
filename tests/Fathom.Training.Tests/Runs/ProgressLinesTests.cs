// Plain progress lines: first, last, and no more than one in an interval.

using Fathom.Training.Runs;

namespace Fathom.Training.Tests.Runs;

public class ProgressLinesTests
{
    static StageProgress At(string stage, long step) => new(stage, step, 200, MetricNames.Reward, 0.873, 9120.4, TimeSpan.FromSeconds(185));

    [Fact]
    public void Line_IsShortAndInvariant()
    {
        Assert.Equal("rl  step 12/200  reward 0.8730  9,120 tokens/s  3:05 left", ProgressLines.Line(At("rl", 12)));
        Assert.Equal("rl  step 12/200  reward 0.8730  9,120 tokens/s  26:00:01 left", ProgressLines.Line(At("rl", 12) with { Remaining = new TimeSpan(26, 0, 1) }));
    }

    [Fact]
    public void Report_LongInterval_WritesFirstAndLastOfEachStage()
    {
        using StringWriter output = new();
        ProgressLines lines = new(output, TimeSpan.FromHours(1));
        foreach (string stage in new[] { "base", "rl" })
        {
            for (int step = 1; step <= 200; step++)
                lines.Report(At(stage, step));
        }
        Assert.Equal(["base  step 1/", "base  step 200/", "rl  step 1/", "rl  step 200/"],
            output.ToString().TrimEnd().Split('\n').Select(line => line[..(line.IndexOf('/', StringComparison.Ordinal) + 1)]));
    }

    [Fact]
    public void Report_NoInterval_WritesEveryStep()
    {
        using StringWriter output = new();
        ProgressLines lines = new(output, TimeSpan.Zero);
        for (int step = 1; step <= 5; step++)
            lines.Report(At("rl", step));
        Assert.Equal(5, output.ToString().TrimEnd().Split('\n').Length);
    }
}
