// Simulated schedules against the published bubbles and activations, against the naive simulation, and against what every schedule must keep.

using Fathom.Planning.Schedules;

namespace Fathom.Planning.Tests.Schedules;

public class ScheduleSimulatorTests
{
    // Multiples of 1/8: all sums of these tests are exact, so equal means equal.
    static readonly StepTimes[] s_times =
    [
        StepTimes.Units, new(1, 2, 1, 2.25), new(1, 2, 1, 2), new(2, 3, 1, 4.5), new(1.5, 2.25, 0.75, 3), new(1, 1.5, 0.5, 2.5), // F = B - W, W <= F
        new(1, 2.5, 1, 3.5), new(2, 4, 1, 5), new(3, 4, 2, 7), new(1, 2, 1, 4), new(0.5, 4, 3, 4.25), // not for every formula
        new(1, 2, 0, 3), new(0, 1, 0.5, 1), new(2, 2, 2, 4),
    ];

    public static TheoryData<string> Names => [.. ScheduleCatalog.All.Select(kind => kind.Name)];

    static IEnumerable<int> MicroBatches(string name, int ranks) => name switch
    {
        "interleaved" => [ranks, 2 * ranks, 3 * ranks],
        _ => [2 * ranks, 2 * ranks + 2, 3 * ranks + 2],
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Bubble_EvenRanksTo32_EqualsThePublishedFormula(string name)
    {
        ScheduleKind kind = ScheduleCatalog.Find(name);
        int compared = 0;
        for (int ranks = 2; ranks <= 32; ranks += 2)
        {
            foreach (int microBatches in MicroBatches(name, ranks))
            {
                PipelineSchedule schedule = kind.Create(ranks, microBatches);
                foreach (StepTimes times in s_times)
                {
                    ScheduleTimeline timeline = ScheduleSimulator.Run(schedule, times);
                    if (!timeline.PublishedBubbleHolds)
                        continue;
                    Assert.Equal(timeline.PublishedBubble, timeline.Bubble);
                    // Nothing is gained by overlapping: then all ranks do the same work, and wait the same.
                    if (times.Overlapped == times.Forward + times.Backward)
                        Assert.All(timeline.Ranks, rank => Assert.Equal(timeline.PublishedBubble, rank.Bubble));
                    compared++;
                }
            }
        }
        Assert.True(compared >= 16 * 3 * (name == "zbv" ? 3 : 6), $"only {compared} cases met the conditions");
    }

    // The table of the README of deepseek-ai/DualPipe with F = 1, B = 2, W = 1, F&B = 3, worked out by hand.
    [Theory]
    [InlineData("1f1b", 8, 21)]
    [InlineData("1f1b", 16, 45)]
    [InlineData("zb1p", 8, 7)]
    [InlineData("zb1p", 16, 15)]
    [InlineData("dualpipe", 8, 6)]
    [InlineData("dualpipe", 16, 14)]
    [InlineData("dualpipev", 4, 6)]
    [InlineData("dualpipev", 8, 14)]
    [InlineData("gpipe", 8, 21)]
    [InlineData("interleaved", 8, 21)]
    [InlineData("zbv", 8, 7)]
    public void Bubble_Units_IsTheTables(string name, int ranks, double bubble)
    {
        ScheduleTimeline timeline = ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(ranks, 4 * ranks), StepTimes.Units);
        Assert.True(timeline.PublishedBubbleHolds);
        Assert.Equal(bubble, timeline.PublishedBubble);
        Assert.Equal(bubble, timeline.Bubble);
    }

    // Outside its conditions a formula must be seen to fail, or the conditions would say nothing.
    [Theory]
    [InlineData("zb1p", 1, 3, 2, 4)]
    [InlineData("zbv", 1, 2.5, 1, 3.5)]
    [InlineData("dualpipe", 1, 3, 1, 4)]
    [InlineData("dualpipe", 1, 2, 1, 4)]
    [InlineData("dualpipev", 1, 1.5, 1, 2.5)]
    public void Bubble_OutsideTheConditions_DiffersFromTheFormula(string name, double forward, double backward, double weight, double overlapped)
    {
        ScheduleTimeline timeline = ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(8, 32), new(forward, backward, weight, overlapped));
        Assert.False(timeline.PublishedBubbleHolds);
        Assert.NotEqual(timeline.PublishedBubble, timeline.Bubble);
    }

    [Fact]
    public void Bubble_Zb1pWithFewMicroBatches_DiffersFromTheFormula()
    {
        ScheduleTimeline timeline = ScheduleSimulator.Run(ScheduleCatalog.Find("zb1p").Create(8, 7), StepTimes.Units);
        Assert.False(timeline.PublishedBubbleHolds);
        Assert.True(timeline.Bubble > timeline.PublishedBubble);
    }

    // From the published table: PP for 1F1B and ZB1P, PP + 1 for DualPipe and DualPipeV; 1F1B falls by one from rank to rank.
    [Theory]
    [InlineData("gpipe", 20, 20)]
    [InlineData("1f1b", 8, 1)]
    [InlineData("zb1p", 8, 8)]
    [InlineData("zbv", 16, 16)]
    [InlineData("dualpipe", 9, 9)]
    [InlineData("dualpipev", 17, 17)]
    public void PeakActivations_EightRanks_AreTheTables(string name, int first, int last)
    {
        ScheduleTimeline timeline = ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(8, 20), StepTimes.Units);
        Assert.Equal(first, timeline.Ranks[0].PeakActivations);
        Assert.Equal(last, timeline.Ranks[^1].PeakActivations);
        Assert.Equal(first, timeline.PeakActivations);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void PeakActivations_EvenRanksTo32_AreThoseOfTheConstruction(string name)
    {
        ScheduleKind kind = ScheduleCatalog.Find(name);
        for (int ranks = 2; ranks <= 32; ranks += 2)
        {
            foreach (int microBatches in MicroBatches(name, ranks))
            {
                PipelineSchedule schedule = kind.Create(ranks, microBatches);
                ScheduleTimeline timeline = ScheduleSimulator.Run(schedule, StepTimes.Units);
                for (int rank = 0; rank < ranks; rank++)
                    Assert.Equal(kind.PeakActivations(schedule, rank), timeline.Ranks[rank].PeakActivations);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_StartsAreThoseOfTheNaiveSimulation(string name)
    {
        foreach (int ranks in new[] { 2, 4, 6, 8 })
        {
            foreach (int microBatches in MicroBatches(name, ranks))
            {
                foreach (int stages in name == "interleaved" ? [1, 2, 3] : new[] { 2 })
                {
                    PipelineSchedule schedule = ScheduleCatalog.Find(name).Create(ranks, microBatches, stages);
                    foreach (StepTimes times in s_times.Concat([StepTimes.Units with { Communication = 0.25 }, new(1, 2.5, 0.75, 3, 1.5)]))
                    {
                        double[][] expected = NaiveSimulation.Starts(schedule, times)!;
                        ScheduleTimeline timeline = ScheduleSimulator.Run(schedule, times);
                        for (int rank = 0; rank < ranks; rank++)
                            Assert.Equal(expected[rank], timeline.Ranks[rank].Steps.Select(step => step.Start));
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Steps_EveryStage_DoesForwardBackwardAndWeightOfEveryMicroBatchOnce(string name)
    {
        foreach (int ranks in new[] { 2, 4, 10, 16 })
        {
            foreach (int microBatches in MicroBatches(name, ranks))
            {
                PipelineSchedule schedule = ScheduleCatalog.Find(name).Create(ranks, microBatches);
                Dictionary<(int, int, int), string> done = [];
                for (int rank = 0; rank < ranks; rank++)
                {
                    foreach (ScheduleStep step in schedule.Steps[rank])
                    {
                        (int, int, int) work = NaiveSimulation.Place(schedule, rank, step.Work), paired = NaiveSimulation.Place(schedule, rank, step.Paired);
                        string before = done.GetValueOrDefault(work, "");
                        done[work] = before + step.Operation switch { Operation.Forward or Operation.Overlapped => "F", Operation.Backward => "BW", Operation.InputBackward => "B", _ => "W" };
                        if (step.Operation == Operation.Overlapped)
                            done[paired] += "BW";
                    }
                }
                int copies = name == "dualpipe" ? 2 : 1, parts = ranks * (name is "dualpipev" or "zbv" or "interleaved" ? 2 : 1);
                Assert.Equal(parts * microBatches, done.Count);
                Assert.All(done.Values, word => Assert.Equal("FBW", word));
                Assert.All(done.Keys, key => Assert.InRange(key.Item3, 0, microBatches / copies - 1));
            }
        }
    }

    // An optimal schedule cannot be faster than the work of the busiest rank after the first micro-batch has reached it; a utilisation is a share.
    [Theory]
    [MemberData(nameof(Names))]
    public void Utilisation_IsBusyTimeOverAllTime(string name)
    {
        ScheduleTimeline timeline = ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(4, 8), StepTimes.Units);
        double perRank = 3.0 * timeline.Schedule.MicroBatchesPerRoute * timeline.Schedule.StagesPerRank;
        Assert.All(timeline.Ranks, rank => Assert.Equal(perRank, rank.Busy));
        Assert.Equal(perRank + timeline.Bubble, timeline.Makespan);
        Assert.Equal(perRank / timeline.Makespan, timeline.Utilisation, 12);
    }

    [Fact]
    public void InnerBubble_ZbvWithEqualTimes_IsZero()
    {
        ScheduleTimeline timeline = ScheduleSimulator.Run(ScheduleCatalog.Find("zbv").Create(8, 24), StepTimes.Units);
        Assert.All(timeline.Ranks, rank => Assert.Equal(0, rank.InnerBubble));
        Assert.All(ScheduleSimulator.Run(ScheduleCatalog.Find("1f1b").Create(8, 24), StepTimes.Units).Ranks.SkipLast(1), rank => Assert.NotEqual(0, rank.InnerBubble));
    }

    [Fact]
    public void Run_ScheduleWhoseRanksWaitForEachOther_Throws()
    {
        PipelineSchedule schedule = ScheduleCatalog.Find("1f1b").Create(2, 2);
        ScheduleStep[] reversed = [.. schedule.Steps[0].Reverse()];
        ScheduleException error = Assert.Throws<ScheduleException>(() => ScheduleSimulator.Run(schedule with { Steps = [reversed, schedule.Steps[1]] }, StepTimes.Units));
        Assert.Contains("rank 0 waits for ever", error.Message);
        Assert.Null(NaiveSimulation.Starts(schedule with { Steps = [reversed, schedule.Steps[1]] }, StepTimes.Units));
    }

    // 0.2 + 0.1 is not 0.3 in binary; a condition that holds on paper holds here.
    [Theory]
    [InlineData("dualpipe")]
    [InlineData("zb1p")]
    [InlineData("1f1b")]
    public void Bubble_DecimalTimes_EqualsTheFormulaUpToRounding(string name)
    {
        ScheduleTimeline timeline = ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(8, 32), new(0.2, 0.3, 0.1, 0.5));
        Assert.True(timeline.PublishedBubbleHolds);
        // A few hundred sums below 20: 200 x 20 x 2^-53.
        Assert.Equal(timeline.PublishedBubble, timeline.Bubble, 5e-13);
    }

    [Fact]
    public void DualPipe_OverlapGain_IsItsWholeGainOverZb1p()
    {
        double Bubble(string name, StepTimes times) => ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(16, 64), times).Bubble;
        Assert.Equal(15, Bubble("zb1p", StepTimes.Units));
        Assert.Equal(14, Bubble("dualpipe", StepTimes.Units));
        Assert.Equal(7, Bubble("dualpipe", StepTimes.Units with { Overlapped = 2 }));
        Assert.Equal(15, Bubble("zb1p", StepTimes.Units with { Overlapped = 2 }));
    }
}
