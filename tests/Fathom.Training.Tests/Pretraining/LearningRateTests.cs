// The learning rate's way: up in a line, then level or down half a cosine.

using Fathom.Training.Recipes;

namespace Fathom.Training.Tests.Pretraining;

public sealed class LearningRateTests
{
    static readonly PretrainOptions s_cosine = new() { Name = "base", PeakLearningRate = 1, FinalLearningRate = 0.1, WarmupSteps = 4, Schedule = LearningRateSchedule.Cosine };

    [Fact]
    public void WarmUp_RisesLinearly_AndReachesThePeakAtItsLastStep()
        => Assert.Equal([0.25, 0.5, 0.75, 1], Enumerable.Range(0, 4).Select(step => s_cosine.LearningRate(step, 15)));

    [Fact]
    public void Cosine_FallsFromPeakToFinal_ThroughTheMiddle()
    {
        Assert.Equal(1, s_cosine.LearningRate(4, 15), 1e-15);
        Assert.Equal(0.55, s_cosine.LearningRate(9, 15), 1e-15); // half way of steps 4 to 14
        Assert.Equal(0.1 + 0.9 * 0.5 * (1 + Math.Cos(Math.PI * 0.3)), s_cosine.LearningRate(7, 15), 1e-15);
        Assert.Equal(0.1, s_cosine.LearningRate(14, 15), 1e-15);
        for (int step = 5; step < 15; step++)
            Assert.True(s_cosine.LearningRate(step, 15) < s_cosine.LearningRate(step - 1, 15));
    }

    [Fact]
    public void Constant_StaysAtThePeak()
    {
        PretrainOptions constant = s_cosine with { Schedule = LearningRateSchedule.Constant };
        Assert.Equal(0.5, constant.LearningRate(1, 15));
        Assert.All(Enumerable.Range(4, 11), step => Assert.Equal(1, constant.LearningRate(step, 15)));
    }

    [Fact]
    public void ShortStages_StayFinite()
    {
        PretrainOptions plain = s_cosine with { WarmupSteps = 0 };
        Assert.Equal(0.1, plain.LearningRate(0, 1), 1e-15);
        Assert.Equal(0.1, s_cosine.LearningRate(4, 5), 1e-15);
        Assert.Equal(1, s_cosine.LearningRate(3, 4), 1e-15);
    }
}
