// Tokens and money per solved problem, and choices by likelihood.
using Fathom.Evaluation.Metrics;

namespace Fathom.Evaluation.Tests.Metrics;

public sealed class SolvingCostTests
{
    [Fact]
    public void PerSolved_CountsWrongResponsesToo()
    {
        SolvingCost cost = new(Responses: 10, Right: 4, Truncated: 3, Tokens: 1000, Money: 0.10m);
        Assert.Equal(250, cost.TokensPerSolved);
        Assert.Equal(0.025m, cost.MoneyPerSolved);
        Assert.Equal(0.3, cost.TruncatedShare);
    }

    [Fact]
    public void PerSolved_NothingSolvedOrNoPrice_HasNoValue()
    {
        Assert.Null((new SolvingCost(10, 0, 0, 1000, 1m)).TokensPerSolved);
        Assert.Null((new SolvingCost(10, 0, 0, 1000, 1m)).MoneyPerSolved);
        Assert.Null((new SolvingCost(10, 1, 0, 1000, null)).MoneyPerSolved);
        Assert.Equal(0, new SolvingCost(0, 0, 0, 0, null).TruncatedShare);
    }

    [Fact]
    public void LikelihoodChoice_PerByte_TakesTheLengthOut()
    {
        // -6 over 2 bytes is 3 per byte, -7 over 7 bytes is 1 per byte; one Chinese character has 3 bytes.
        Assert.Equal(0, LikelihoodChoice.Likeliest([-6, -7]));
        Assert.Equal(1, LikelihoodChoice.LikeliestPerByte([-6, -7], ["no", "perhaps"]));
        Assert.Equal(1, LikelihoodChoice.LikeliestPerByte([-6, -7], ["no", "能"]));
        Assert.Equal(0, LikelihoodChoice.Likeliest([-5, -5]));
    }

    [Fact]
    public void LikelihoodChoice_WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => LikelihoodChoice.Likeliest([]));
        Assert.Throws<ArgumentException>(() => LikelihoodChoice.Likeliest([double.NaN, 1]));
        Assert.Throws<ArgumentException>(() => LikelihoodChoice.LikeliestPerByte([1, 2], ["a"]));
        Assert.Throws<ArgumentException>(() => LikelihoodChoice.LikeliestPerByte([1, 2], ["a", ""]));
    }
}
