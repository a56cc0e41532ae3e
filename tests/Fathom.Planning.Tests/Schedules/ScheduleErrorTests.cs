// What schedules refuse, and that they say what would work.

using Fathom.Planning.Schedules;

namespace Fathom.Planning.Tests.Schedules;

public class ScheduleErrorTests
{
    [Theory]
    [InlineData("dualpipe", 7, 20, "6 or 8 would do")]
    [InlineData("dualpipe", 1, 20, "2 would do")]
    [InlineData("dualpipe", 8, 10, "at least 16, or at most 4 ranks")]
    [InlineData("dualpipe", 8, 17, "16 or 18 would do")]
    [InlineData("dualpipe", 2, 3, "at least 4")]
    [InlineData("dualpipev", 4, 7, "at least 8, or at most 3 ranks")]
    [InlineData("dualpipev", 4, 1, "at least 8.")]
    [InlineData("zbv", 4, 6, "at least 7, or at most 3 ranks")]
    [InlineData("interleaved", 4, 10, "12 would do")]
    [InlineData("1f1b", 0, 10, "1 to 4096")]
    [InlineData("1f1b", 5000, 10, "1 to 4096")]
    [InlineData("1f1b", 4, 0, "at least 1")]
    [InlineData("1f1b", 4, -3, "at least 1")]
    [InlineData("gpipe", 4096, int.MaxValue, "at most 256 micro-batches")]
    public void Create_ImpossibleNumbers_SaysWhatWouldWork(string name, int ranks, int microBatches, string advice) =>
        Assert.Contains(advice, Assert.Throws<ScheduleException>(() => ScheduleCatalog.Find(name).Create(ranks, microBatches)).Message);

    // The advice is good: the numbers it names are accepted.
    [Theory]
    [InlineData("dualpipe", 8, 16)]
    [InlineData("dualpipe", 4, 10)]
    [InlineData("dualpipe", 8, 18)]
    [InlineData("dualpipev", 4, 8)]
    [InlineData("dualpipev", 3, 7)]
    [InlineData("zbv", 4, 7)]
    [InlineData("zbv", 3, 6)]
    [InlineData("interleaved", 4, 12)]
    [InlineData("1f1b", 1, 1)]
    [InlineData("zb1p", 6, 2)]
    [InlineData("dualpipe", 2, 4)]
    [InlineData("dualpipev", 1, 2)]
    [InlineData("zbv", 1, 1)]
    public void Create_AdvisedNumbers_Run(string name, int ranks, int microBatches) =>
        Assert.True(ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(ranks, microBatches), StepTimes.Units).Makespan > 0);

    [Theory]
    [InlineData(0)]
    [InlineData(65)]
    public void Create_StagesPerRankOutOfRange_Throws(int stages) =>
        Assert.Contains("1 to 64", Assert.Throws<ScheduleException>(() => ScheduleCatalog.Find("interleaved").Create(4, 8, stages)).Message);

    [Theory]
    [InlineData(-1, 2, 1, 3, 0, "forward is -1")]
    [InlineData(1, double.NaN, 1, 3, 0, "backward is NaN")]
    [InlineData(1, 2, -0.5, 3, 0, "weight is -0.5")]
    [InlineData(1, 2, 1, 3, double.PositiveInfinity, "communication is Infinity")]
    [InlineData(1, 2, 1, 3, 1e-10, "communication is 1E-10; 0, or 1e-9 to 1e12")]
    [InlineData(0, 0, 0, 0, 0, "both 0")]
    [InlineData(1, 2, 2.5, 3, 0, "at least 2.5")]
    [InlineData(1, 2, 1, 1.5, 0, "at least 2 is possible")]
    public void Validate_ImpossibleTimes_SaysWhatIsAllowed(double forward, double backward, double weight, double overlapped, double communication, string part) =>
        Assert.Contains(part, Assert.Throws<ScheduleException>(() => ScheduleSimulator.Run(ScheduleCatalog.Find("1f1b").Create(2, 2), new(forward, backward, weight, overlapped, communication))).Message);

    [Fact]
    public void Find_UnknownName_NamesTheNearest() =>
        Assert.Contains("did you mean 'dualpipe'", Assert.Throws<ScheduleException>(() => ScheduleCatalog.Find("dualpip")).Message);
}
