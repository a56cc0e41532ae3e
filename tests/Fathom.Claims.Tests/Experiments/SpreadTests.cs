// The rules that give verdicts, on made-up numbers worked out by hand.
using Fathom.Claims.Experiments;

namespace Fathom.Claims.Tests.Experiments;

public sealed class SpreadTests
{
    static readonly PairedDifference s_below = PairedDifference.Of([1.0, 1.1, 0.9], [2.0, 2.1, 2.0]);
    static readonly PairedDifference s_above = PairedDifference.Of([2.0, 2.1, 2.0], [1.0, 1.1, 0.9]);
    static readonly PairedDifference s_unclear = PairedDifference.Of([1.0, 2.0, 3.0], [2.0, 1.0, 3.1]);

    [Fact]
    public void A_difference_is_decided_beyond_two_standard_errors()
    {
        // Differences -1, -1, -1.1: mean -1.0333, deviation 0.057735, standard error 0.033333.
        Assert.Equal(-1.0333333, s_below.Mean, 6);
        Assert.Equal(0.0333333, s_below.StandardError, 6);
        Assert.True(s_below.IsBelow);
        Assert.False(s_below.IsAbove);
        Assert.True(s_above.IsAbove);
        Assert.False(s_unclear.IsBelow || s_unclear.IsAbove);
    }

    [Fact]
    public void One_seed_decides_nothing()
    {
        var one = PairedDifference.Of([1.0], [9.0]);
        Assert.Equal(-8, one.Mean);
        Assert.False(one.IsBelow || one.IsAbove);
        Assert.Equal("-8.0000, one seed", one.ToString());
        Assert.Equal("-103.3 ± 3.3", s_below.In("0.0", 100));
    }

    [Fact]
    public void Curves_are_means_over_runs_and_neighbours()
    {
        MeasuredSeries mean = Curves.Mean("c", "x", "y", [[(1, 2), (2, 4), (3, 9)], [(1, 4), (2, 8)]]);
        Assert.Equal([[1.0, 3.0], [2.0, 6.0]], mean.Points);
        Assert.Equal([(1.5, 15.0), (3.0, 30.0)], Curves.Thin([(1, 10), (2, 20), (3, 30)], 2));
    }

    [Fact]
    public void Mixture_holds_only_where_its_loss_is_lower()
    {
        Assert.True(MixtureAgainstDense.IsReproduced(s_below));
        Assert.False(MixtureAgainstDense.IsReproduced(s_above));
        Assert.False(MixtureAgainstDense.IsReproduced(s_unclear));
    }

    [Fact]
    public void Compute_at_equal_loss_lies_on_the_line_between_two_dense_models()
    {
        // From 100 at loss 2 to 400 at loss 1: halfway down is 200; nothing is read beyond the two.
        Assert.Equal(200, MixtureAgainstDense.DenseFlopsAtLoss(1.5, (100, 2), (400, 1)), 6);
        Assert.Equal(400, MixtureAgainstDense.DenseFlopsAtLoss(0, (100, 2), (400, 1)), 6);
        Assert.Equal(100, MixtureAgainstDense.DenseFlopsAtLoss(3, (100, 2), (400, 1)), 6);
        Assert.Equal(0.625, MixtureAgainstDense.ShareToReach(2.5, [(10, 5), (20, 3), (30, 2), (40, 1)]), 6);
        Assert.Equal(0.25, MixtureAgainstDense.ShareToReach(7, [(10, 5), (40, 1)]), 6);
        Assert.Equal(1, MixtureAgainstDense.ShareToReach(0.5, [(10, 5), (40, 1)]));
    }

    [Fact]
    public void Small_experts_hold_only_with_lower_loss_and_more_specialisation()
    {
        Assert.True(ExpertGranularity.IsReproduced(s_below, s_above));
        Assert.False(ExpertGranularity.IsReproduced(s_unclear, s_above));
        Assert.False(ExpertGranularity.IsReproduced(s_below, s_below));
    }

    [Fact]
    public void Information_between_task_and_expert_is_a_bit_when_one_tells_the_other_of_two()
    {
        Assert.Equal(1, ExpertGranularity.MutualInformation([[10, 0], [0, 30]]), 12);
        Assert.Equal(0, ExpertGranularity.MutualInformation([[10, 10], [30, 30]]), 12);
        // Half of each task's tokens go to an expert of its own, half to a common one.
        Assert.Equal(0.5, ExpertGranularity.MutualInformation([[5, 5, 0], [0, 7, 7]]), 12);
    }

    [Fact]
    public void Balance_holds_only_with_less_violation_no_higher_loss_and_nothing_dropped()
    {
        Assert.True(LoadBalance.IsReproduced(s_below, s_unclear, 0));
        Assert.True(LoadBalance.IsReproduced(s_below, s_below, 0));
        Assert.False(LoadBalance.IsReproduced(s_below, s_above, 0));
        Assert.False(LoadBalance.IsReproduced(s_unclear, s_below, 0));
        Assert.False(LoadBalance.IsReproduced(s_below, s_below, 1));
        Assert.Equal(0.25, LoadBalance.IdleShare([100, 100, 100, 3]));
    }

    [Fact]
    public void Pure_reinforcement_holds_only_where_accuracy_and_length_grow()
    {
        PureReinforcement.Change grew = new([1, 2, 1], [5, 6, 5]), fell = new([5, 6, 5], [1, 2, 1]), one = new([1], [2]);
        Assert.True(PureReinforcement.IsReproduced(grew, one));
        Assert.False(PureReinforcement.IsReproduced(grew, fell));
        Assert.False(PureReinforcement.IsReproduced(fell, grew));
        Assert.Contains("did not appear", PureReinforcement.Words(0, 0));
        Assert.Contains("grew from 0.100 to 0.500", PureReinforcement.Words(0.1, 0.5));
        Assert.True(RuleRewards.IsReproduced(s_above));
        Assert.False(RuleRewards.IsReproduced(s_unclear));
    }

    [Fact]
    public void Cache_hits_hold_only_with_hits_the_same_answer_and_savings_every_time()
    {
        Assert.True(CacheHits.IsReproduced(10, true, [0.5, 0.9], 0.1m, 0.1m));
        Assert.False(CacheHits.IsReproduced(0, true, [0.5, 0.9], 0.1m, 0.1m));
        Assert.False(CacheHits.IsReproduced(10, false, [0.5, 0.9], 0.1m, 0.1m));
        Assert.False(CacheHits.IsReproduced(10, true, [0.5, 1.1], 0.1m, 0.1m));
        Assert.False(CacheHits.IsReproduced(10, true, [0.5], 0, 0.1m));
        // February 2025: 0.07 and 0.27 dollars a million, 0.14 and 0.55.
        Assert.Equal(0.75m * (1 - 0.07m / 0.27m), CacheHits.Saved("deepseek-chat", 3000, 4000), 12);
        Assert.Equal(0.75m * (1 - 0.14m / 0.55m), CacheHits.Saved("deepseek-reasoner", 3000, 4000), 12);
    }
}
