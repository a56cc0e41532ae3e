// cons@k against going through all choices of k answers.
using System.Numerics;
using Fathom.Evaluation.Metrics;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tests.Metrics;

public sealed class ConsensusTests
{
    [Fact]
    public void At_EqualsEnumerationOfAllChoices()
    {
        RandomStream random = new(9, 1);
        int cases = 0;
        for (int n = 1; n <= 10; n++)
            for (int trial = 0; trial < 30; trial++)
            {
                // Answers 1 to `kinds`, 0 missing; some are right, sometimes two of them (a grader that knows more than the equality).
                int kinds = random.NextInt(1, 5);
                int[] answers = new int[n];
                for (int i = 0; i < n; i++)
                    answers[i] = random.NextInt(kinds + 1);
                int rightest = random.NextInt(1, kinds + 1), also = random.NextInt(3) == 0 ? random.NextInt(1, kinds + 1) : rightest;
                bool?[] right = [.. answers.Select(answer => answer == 0 ? (bool?)null : answer == rightest || answer == also)];
                for (int k = 1; k <= n; k++, cases++)
                {
                    double sum = 0;
                    int choices = 0;
                    for (uint choice = 0; choice < 1u << n; choice++)
                        if (BitOperations.PopCount(choice) == k)
                        {
                            choices++;
                            sum += VoteByHand(answers, right, choice);
                        }
                    // Sums of up to a few hundred terms below one, from logarithms with an error of a few units in the last place of 15.
                    Assert.Equal(sum / choices, Consensus.At(k, right, (i, j) => answers[i] == answers[j]), 1e-12);
                }
            }
        Assert.Equal(30 * 55, cases);
    }

    static double VoteByHand(int[] answers, bool?[] right, uint choice)
    {
        int[] votes = new int[6];
        for (int i = 0; i < answers.Length; i++)
            if ((choice >> i & 1) == 1 && answers[i] != 0)
                votes[answers[i]]++;
        int most = votes.Max();
        if (most == 0)
            return 0;
        int[] winners = [.. Enumerable.Range(1, 5).Where(answer => votes[answer] == most)];
        return winners.Average(winner => right[Array.IndexOf(answers, winner)] == true ? 1.0 : 0);
    }

    [Theory]
    [InlineData("aab", "a", 1)]
    [InlineData("aabb", "a", 0.5)]
    [InlineData("aabbcc", "c", 1 / 3.0)]
    [InlineData("abbb", "a", 0)]
    [InlineData("...a", "a", 1)]      // three missing answers are no majority
    [InlineData("....", "a", 0)]
    [InlineData("..ab", "a", 0.5)]
    public void At_AllAnswers_IsTheVote_TiesShared(string answers, string right, double expected) =>
        Assert.Equal(expected, Consensus.At(answers.Length, [.. answers.Select(a => a == '.' ? (bool?)null : right.Contains(a, StringComparison.Ordinal))], (i, j) => answers[i] == answers[j]), 1e-15);

    [Fact]
    public void At_OneAnswer_IsPassAt1()
    {
        bool?[] right = [true, false, null, true, false];
        Assert.Equal(0.4, Consensus.At(1, right, (i, j) => right[i] == right[j]), 1e-12);
    }

    [Fact]
    public void At_ManySamples_StaysInRange_AndGrowsWithTheMajority()
    {
        // 64 answers as in the paper: 26 right ones against 38 scattered over 19 candidates; the more vote, the surer the right one wins.
        int[] answers = [.. Enumerable.Range(0, 64).Select(i => i < 26 ? 0 : 1 + (i - 26) / 2)];
        bool?[] right = [.. answers.Select(answer => (bool?)(answer == 0))];
        double last = 0;
        foreach (int k in new[] { 1, 4, 8, 16, 32, 63, 64 })
        {
            double value = Consensus.At(k, right, (i, j) => answers[i] == answers[j]);
            Assert.InRange(value, last, 1);
            last = value;
        }
        Assert.Equal(1, last);
        Assert.Equal(26 / 64.0, Consensus.At(1, right, (i, j) => answers[i] == answers[j]), 1e-12);
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Consensus.At(0, [true], (_, _) => true));
        Assert.Throws<ArgumentOutOfRangeException>(() => Consensus.At(2, [true], (_, _) => true));
    }
}
