// Every experiment at a tiny scale: it runs, gives the same result again, and its models are of the sizes that it says.
using Fathom.Claims.Experiments;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

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

    [Fact]
    public void Pretraining_experiments_share_runs_that_are_the_same_and_take_finished_ones_as_they_are()
    {
        foreach ((string id, int values) in new[] { ("A4", 9), ("A5", 9), ("A6", 10) })
        {
            var done = new List<double>();
            ExperimentSettings settings = new([1], _folder) { Changes = s_short, Progress = (_, share) => done.Add(share) };
            Measurement result = ExperimentCatalog.Find(id).Run(settings);
            Assert.Equal(id, result.Id);
            Assert.Equal(values, result.Values.Count);
            Assert.All(result.Values, value => Assert.True(double.IsFinite(value.Mean), value.Name));
            Assert.Equal(3, result.Series.Count);
            Assert.All(result.Series, series => Assert.True(series.Points.Count > 1 && series.Points.All(point => point.All(double.IsFinite)), series.Name));
            Assert.Equal(done.Order(), done);
            // One seed has no spread, and so decides nothing.
            Assert.Equal(Verdict.NotReproduced, result.Verdict);
            // All its runs are there now; nothing is trained again.
            Assert.Equal(result.ToJson(), ExperimentCatalog.Find(id).Run(settings).ToJson());
        }
        // Seven models: the mixture is the same in all three.
        Assert.Equal(7, Directory.GetDirectories(_folder).Length);
        // With other steps the runs are not those of this experiment.
        Assert.Throws<RecipeException>(() => ExperimentCatalog.Find("A6").Run(new([1], _folder) { Changes = [.. s_short, RecipeOverride.Parse("pretrain.steps=5")] }));
    }

    [Fact]
    public void A_cancelled_run_goes_on_to_the_bits_of_a_whole_one()
    {
        using var cancellation = new CancellationTokenSource();
        ExperimentSettings settings = new([1], Path.Combine(_folder, "stopped")) { Changes = [.. s_short, RecipeOverride.Parse("pretrain.checkpointEverySteps=1")] };
        Recipe recipe = Pretraining.Recipe("dense", 1, Pretraining.Dense(32));
        Assert.Throws<OperationCanceledException>(() => RecipeRun.Of(
            settings with { Cancellation = cancellation.Token, Progress = (_, share) => { if (share > 0.6) cancellation.Cancel(); } }, recipe, 0, 1));
        RecipeRun resumed = RecipeRun.Of(settings, recipe, 0, 1), whole = RecipeRun.Of(settings with { Folder = _folder }, recipe, 0, 1);
        Assert.Equal(4, whole.Metrics.Count);
        Assert.Equal(
            whole.Metrics.Select(step => (step.Step, step.Find(MetricNames.Loss), step.Find(MetricNames.BitsPerByte))),
            resumed.Metrics.Select(step => (step.Step, step.Find(MetricNames.Loss), step.Find(MetricNames.BitsPerByte))));
    }

    [Theory]
    [InlineData("R2")]
    [InlineData("R4")]
    public void Reinforcement_experiments_run_their_recipe(string id)
    {
        ExperimentSettings settings = new([2], _folder) { Changes = id == "R2" ? [.. s_shortRecipes, .. s_shortColdStart] : s_shortRecipes };
        Measurement result = ExperimentCatalog.Find(id).Run(settings);
        Assert.Equal([2UL], result.Seeds);
        Assert.All(result.Values, value => Assert.Equal(1, value.Runs));
        Assert.All(result.Series, series => Assert.Equal(2, series.Points.Count));
        // A model of three steps solves nothing.
        Assert.Equal(Verdict.NotReproduced, result.Verdict);
        Assert.Equal(0, result.Values.Single(value => value.Name == "pass@1, base").Mean);
    }

    [Fact]
    public void A_repeated_prefix_hits_the_cache_by_whole_blocks_and_gives_the_same_answer()
    {
        Measurement result = CacheHits.Run(new ExperimentSettings([], ""), new CacheHits.Sizes(Presets.Nano, 512, 40, 1));
        double Value(string name) => result.Values.Single(value => value.Name == name).Mean;
        Assert.Equal(552, Value("input tokens"));
        Assert.Equal(512, Value("hit tokens"));
        Assert.Contains("The answer is the same", result.Summary);
        Assert.Equal(512.0 / 552 * (1 - 0.07 / 0.27), Value("money saved on input, deepseek-chat"), 9);
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
