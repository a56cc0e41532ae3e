// Every experiment at a tiny scale: it runs, gives the same result again, and its models are of the sizes that it says.
using Fathom.Claims.Experiments;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Training.Recipes;

namespace Fathom.Claims.Tests.Experiments;

public sealed class ExperimentCatalogTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-experiments-").FullName;

    static readonly RecipeOverride[] s_short =
    [
        RecipeOverride.Parse("pretrain.steps=4"), RecipeOverride.Parse("pretrain.warmupSteps=1"), RecipeOverride.Parse("pretrain.tokensPerStep=128"),
        RecipeOverride.Parse("pretrain.validationEverySteps=2"), RecipeOverride.Parse("pretrain.validationTokens=256"),
    ];

    static readonly RecipeOverride[] s_shortRecipes =
    [
        RecipeOverride.Parse("base.steps=3"), RecipeOverride.Parse("base.warmupSteps=1"), RecipeOverride.Parse("base.tokensPerStep=128"),
        RecipeOverride.Parse("base.validationTokens=128"), RecipeOverride.Parse("base.validationEverySteps=3"),
        RecipeOverride.Parse("rl.steps=2"), RecipeOverride.Parse("rl.questionsPerStep=2"), RecipeOverride.Parse("rl.groupSize=2"), RecipeOverride.Parse("rl.maxNewTokens=8"),
        .. new[] { "evaluate-base", "evaluate-rl" }.SelectMany(stage => new[]
        {
            RecipeOverride.Parse(stage + ".problems=4"), RecipeOverride.Parse(stage + ".samples=2"), RecipeOverride.Parse(stage + ".maxNewTokens=8"),
        }),
    ];

    static readonly RecipeOverride[] s_shortColdStart =
    [
        RecipeOverride.Parse("cold-start.examples=4"), RecipeOverride.Parse("cold-start.epochs=1"), RecipeOverride.Parse("cold-start.examplesPerStep=4"),
        RecipeOverride.Parse("evaluate-cold-start.problems=4"), RecipeOverride.Parse("evaluate-cold-start.samples=2"), RecipeOverride.Parse("evaluate-cold-start.maxNewTokens=8"),
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_experiment_has_a_claim_of_its_own_and_others_are_refused()
    {
        Assert.Equal(["A1", "A4", "A5", "A6", "R2", "R4", "P4"], ExperimentCatalog.All.Select(experiment => experiment.Id));
        Assert.Same(ExperimentCatalog.All[1], ExperimentCatalog.Find("a4"));
        ArgumentException error = Assert.Throws<ArgumentException>(() => ExperimentCatalog.Find("Z9"));
        Assert.Contains("'Z9'", error.Message);
        Assert.Contains("A1, A4, A5, A6, R2, R4, P4", error.Message);
    }

    [Theory]
    [InlineData("A4", 3, 8)]
    [InlineData("A5", 3, 9)]
    [InlineData("A6", 3, 10)]
    public void Pretraining_experiments_give_the_same_result_from_runs_and_from_finished_runs(string id, int curves, int values)
    {
        var done = new List<double>();
        ExperimentSettings settings = new([1, 2], _folder) { Changes = s_short, Progress = (_, share) => done.Add(share) };
        Measurement first = ExperimentCatalog.Find(id).Run(settings);

        Assert.Equal(id, first.Id);
        Assert.Equal(curves, first.Series.Count);
        Assert.Equal(values, first.Values.Count);
        Assert.All(first.Values, value => Assert.True(double.IsFinite(value.Mean), value.Name));
        Assert.All(first.Series, series => Assert.True(series.Points.Count > 1 && series.Points.All(point => point.All(double.IsFinite)), series.Name));
        Assert.Equal(done.Order(), done);
        Assert.InRange(done[^1], 0.9, 1);
        Assert.Equal(6, Directory.GetDirectories(_folder).Length);

        // All runs are there now; nothing is trained again.
        Assert.Equal(first.ToJson(), ExperimentCatalog.Find(id).Run(settings).ToJson());
        // With other data the runs are not those of this experiment.
        Assert.Throws<RecipeException>(() => ExperimentCatalog.Find(id).Run(settings with { Changes = [.. s_short, RecipeOverride.Parse("pretrain.steps=5")] }));
    }

    [Fact]
    public void The_same_seeds_train_to_the_same_result()
    {
        Measurement[] twice = [.. new[] { "one", "two" }.Select(name => ExperimentCatalog.Find("A6").Run(
            new ExperimentSettings([1], Path.Combine(_folder, name)) { Changes = s_short }))];
        Assert.Equal(twice[0].ToJson(), twice[1].ToJson());
    }

    [Theory]
    [InlineData("R2")]
    [InlineData("R4")]
    public void Reinforcement_experiments_run_their_recipe_for_each_seed(string id)
    {
        ExperimentSettings settings = new([1, 2], _folder) { Changes = id == "R2" ? [.. s_shortRecipes, .. s_shortColdStart] : s_shortRecipes };
        Measurement result = ExperimentCatalog.Find(id).Run(settings);
        Assert.Equal([1UL, 2UL], result.Seeds);
        Assert.All(result.Values, value => Assert.Equal(2, value.Runs));
        Assert.All(result.Series, series => Assert.Equal(2, series.Points.Count));
        // A model of three steps solves nothing.
        Assert.Equal(Verdict.NotReproduced, result.Verdict);
        Assert.Equal(0, result.Values.Single(value => value.Name == "pass@1, base").Mean);
    }

    [Fact]
    public void A_cancelled_experiment_ends_between_steps_and_its_run_can_go_on()
    {
        using var cancellation = new CancellationTokenSource();
        ExperimentSettings settings = new([1], _folder) { Changes = s_short };
        Assert.Throws<OperationCanceledException>(() => ExperimentCatalog.Find("A6").Run(
            settings with { Cancellation = cancellation.Token, Progress = (_, _) => cancellation.Cancel() }));
        Measurement after = ExperimentCatalog.Find("A6").Run(settings);
        string other = Path.Combine(_folder, "whole");
        Assert.Equal(ExperimentCatalog.Find("A6").Run(settings with { Folder = other }).ToJson(), after.ToJson());
    }

    [Fact]
    public void A_repeated_prefix_hits_the_cache_by_whole_blocks_and_gives_the_same_answer()
    {
        Measurement result = CacheHits.Run(new ExperimentSettings([], ""), new CacheHits.Sizes(Presets.Nano, 256, 40, 2));
        double Value(string name) => result.Values.Single(value => value.Name == name).Mean;
        Assert.Equal(296, Value("input tokens"));
        Assert.Equal(256, Value("hit tokens"));
        Assert.Contains("The answer is the same", result.Summary);
        Assert.Equal(256.0 / 296 * (1 - 0.07 / 0.27), Value("money saved on input, deepseek-chat"), 9);
    }

    [Fact]
    public void Models_are_of_the_sizes_that_the_experiments_say()
    {
        double Flops(ModelOptions model) => MixtureAgainstDense.TrainingFlopsPerToken(Pretraining.Recipe("m", 1, model));
        long Parameters(ModelOptions model) => new ModelCounts(model.ToConfig(512)).Parameters;
        double mixture = Flops(Pretraining.FineAndShared);
        Assert.Equal(1.0, Flops(Pretraining.Dense(MixtureAgainstDense.EqualWidth)) / mixture, 0.01);
        Assert.Equal(2.5, Flops(Pretraining.Dense(MixtureAgainstDense.WideWidth)) / mixture, 0.025);
        // Routers differ in size; all else is the same: within 3% per token, 2% in all.
        foreach (ModelOptions other in (ModelOptions[])[Pretraining.FineOnly, Pretraining.GShardLike])
        {
            Assert.Equal(1.0, Flops(other) / mixture, 0.03);
            Assert.Equal(1.0, (double)Parameters(other) / Parameters(Pretraining.FineAndShared), 0.02);
        }
    }
}
