// Recipes as users write them: built-in ones load, defaults fill in, and every mistake gets one message that helps.

using System.Globalization;
using Fathom.Models.Configs;
using Fathom.Training.Recipes;
using Fathom.Training.Reinforcement;

namespace Fathom.Training.Tests.Recipes;

public class RecipeFileTests
{
    const string Minimal = """
        {
          "name": "tiny", "model": "nano", "tasks": ["addition"],
          // A comment, and a trailing comma below.
          "stages": [ { "stage": "pretrain", "name": "base", "steps": 7 }, { "stage": "rl", "name": "rl" }, ]
        }
        """;

    static string Fails(string json, params string[] overrides) =>
        Assert.Throws<RecipeException>(() => RecipeFile.Parse(json, "tiny.jsonc", overrides.Select(RecipeOverride.Parse))).Message;

    static string WithStage(string stage) => $$"""{ "name": "t", "model": "nano", "tasks": ["addition"], "stages": [{{stage}}] }""";

    [Fact]
    public void BuiltIn_HoldsTheThreeRecipes() =>
        Assert.Equal(["nano-r1", "nano-r1-zero", "pico-r1"], RecipeFile.BuiltIn);

    [Theory]
    [InlineData("nano-r1")]
    [InlineData("nano-r1-zero")]
    [InlineData("pico-r1")]
    public void Load_BuiltIn_IsNamedLikeItsFileAndSurvivesWriting(string name)
    {
        Recipe recipe = RecipeFile.Load(name);
        Assert.Equal(name, recipe.Name);
        Recipe again = RecipeFile.Parse(recipe.ToJson(), "recipe.json");
        Assert.Equal(recipe, again);
        Assert.Equal(recipe.Hash(), again.Hash());
    }

    [Fact]
    public void Parse_Minimal_FillsDefaults()
    {
        Recipe recipe = RecipeFile.Parse(Minimal, "tiny.jsonc");
        Assert.Equal("nano", recipe.Model.Preset);
        Assert.Equal("addition", recipe.Tasks[0].Task);
        PretrainOptions pretrain = Assert.IsType<PretrainOptions>(recipe.Stages[0]);
        Assert.Equal(7, pretrain.Steps);
        Assert.Equal(new PretrainOptions().TokensPerStep, pretrain.TokensPerStep);
        RlOptions rl = Assert.IsType<RlOptions>(recipe.Stages[1]);
        Assert.Equal(new RlOptions { Name = "rl" }, rl);
        Assert.Equal(LearningRateSchedule.Constant, rl.Schedule); // a stage's own default, not its base type's
    }

    [Fact]
    public void ToJson_WritesEveryDefault()
    {
        string json = RecipeFile.Parse(Minimal, "tiny.jsonc").ToJson();
        Assert.Contains("\"aggregation\": \"sequence-mean\"", json, StringComparison.Ordinal);
        Assert.Contains("\"precision\": \"fp32\"", json, StringComparison.Ordinal);
        Assert.Contains("\"hastyErrorRate\": 0.5", json, StringComparison.Ordinal);
        Assert.Contains("\"stage\": \"pretrain\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_UnknownName_NamesTheNearest()
    {
        string message = Assert.Throws<RecipeException>(() => RecipeFile.Load("nano-r2")).Message;
        Assert.Equal("There is no recipe 'nano-r2'; the nearest is 'nano-r1' (allowed: nano-r1, nano-r1-zero, pico-r1). A file is named by its path.", message);
    }

    [Fact]
    public void Load_MissingFile_NamesIt() =>
        Assert.Equal("There is no recipe file 'no/such.jsonc'.", Assert.Throws<RecipeException>(() => RecipeFile.Load("no/such.jsonc")).Message);

    [Theory]
    [InlineData("""{ "stage": "pretrain", "name": "base", "stepps": 7 }""", "tiny.jsonc: $.stages[0]: unknown key 'stepps'; the nearest is 'steps'")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "data": { "hastyshare": 1 } }""", "tiny.jsonc: $.stages[0].data: unknown key 'hastyshare'; the nearest is 'hastyShare'")]
    [InlineData("""{ "stage": "pretrian", "name": "base" }""", "tiny.jsonc: $.stages[0].stage: 'pretrian' is not allowed; the nearest is 'pretrain' (allowed: pretrain, sft, rl, evaluate)")]
    [InlineData("""{ "name": "base" }""", "tiny.jsonc: $.stages[0]: the key 'stage' is missing or not a text; allowed are pretrain, sft, rl, evaluate")]
    [InlineData("""{ "stage": "pretrain" }""", "tiny.jsonc: $.stages[0]: the key 'name' is missing")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "steps": "many" }""", "tiny.jsonc: $.stages[0].steps: expected a whole number, found \"many\"")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "steps": 1.5 }""", "tiny.jsonc: $.stages[0].steps: expected a whole number, found 1.5")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "steps": null }""", "tiny.jsonc: $.stages[0].steps: expected a whole number, found null")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "steps": 0 }""", "tiny.jsonc: $.stages[0].steps: 0 is out of range; allowed is at least 1")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "steps": 3e9 }""", "tiny.jsonc: $.stages[0].steps: 3e9 is out of range; allowed is at least -2147483648 and at most 2147483647")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "steps": 1e300 }""", "tiny.jsonc: $.stages[0].steps: 1e300 is out of range")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "beta1": 1 }""", "tiny.jsonc: $.stages[0].beta1: 1 is out of range; allowed is at least 0 and less than 1")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "clipNorm": 0 }""", "tiny.jsonc: $.stages[0].clipNorm: 0 is out of range; allowed is greater than 0")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "peakLearningRate": 1e999 }""", "tiny.jsonc: $.stages[0].peakLearningRate: 1e999 is out of range")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "schedule": "cosin" }""", "tiny.jsonc: $.stages[0].schedule: 'cosin' is not allowed; the nearest is 'cosine' (allowed: constant, cosine)")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "steps": 5, "warmupSteps": 6 }""", "tiny.jsonc: $.stages[0]: warmupSteps 6 is greater than steps 5")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "data": 3 }""", "tiny.jsonc: $.stages[0].data: expected an object, found 3")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "data": { "files": "a.txt" } }""", "tiny.jsonc: $.stages[0].data.files: expected a list, found \"a.txt\"")]
    [InlineData("""{ "stage": "pretrain", "name": "base", "data": { "carefulShare": 0, "hastyShare": 0, "textShare": 0 } }""", "tiny.jsonc: $.stages[0].data: carefulShare, hastyShare and textShare are all 0")]
    [InlineData("""{ "stage": "rl", "name": "rl", "normalizeStd": 1 }""", "tiny.jsonc: $.stages[0].normalizeStd: expected true or false, found 1")]
    [InlineData("""{ "stage": "rl", "name": "rl", "rewards": [] }""", "tiny.jsonc: $.stages[0].rewards: the list has 0 items; allowed are at least 1")]
    [InlineData("""{ "stage": "rl", "name": "rl", "rewards": ["acuracy"] }""", "tiny.jsonc: $.stages[0].rewards[0].name: 'acuracy' is not allowed; the nearest is 'accuracy'")]
    [InlineData("""{ "stage": "rl", "name": "rl", "rewards": ["format", "format"] }""", "tiny.jsonc: $.stages[0]: the reward 'format' is listed twice")]
    [InlineData("""{ "stage": "rl", "name": "rl", "groupSize": 2, "questionsPerStep": 1, "minibatches": 3 }""", "tiny.jsonc: $.stages[0]: minibatches 3 is more than the step's 2 responses")]
    [InlineData("""{ "stage": "sft", "name": "s", "examples": 10, "epochs": 1, "examplesPerStep": 5, "warmupSteps": 3 }""", "tiny.jsonc: $.stages[0]: warmupSteps 3 is greater than the stage's 2 steps")]
    [InlineData("""{ "stage": "evaluate", "name": "seed" }""", "tiny.jsonc: $: the stage name 'seed' is taken")]
    [InlineData("""{ "stage": "evaluate", "name": "a b" }""", "tiny.jsonc: $: the stage name 'a b' is not allowed")]
    [InlineData("""{ "stage": "evaluate", "name": "e" }, { "stage": "evaluate", "name": "e" }""", "tiny.jsonc: $: the stage name 'e' is taken")]
    public void Parse_WrongStage_NamesPathValueAndWhatIsAllowed(string stage, string expected) =>
        Assert.StartsWith(expected, Fails(WithStage(stage)), StringComparison.Ordinal);

    [Theory]
    [InlineData("{ \"name\": ", "tiny.jsonc: line 1, column ")]
    [InlineData("[]", "tiny.jsonc: $: expected an object, found []")]
    [InlineData("{ \"name\": \"a\", \"name\": \"b\" }", "tiny.jsonc: ")]
    [InlineData("""{ "name": "t", "model": "nano", "tasks": [], "stages": [] }""", "tiny.jsonc: $.tasks: the list has 0 items; allowed are at least 1")]
    [InlineData("""{ "name": "t", "model": "nanno", "tasks": ["addition"], "stages": [] }""", "tiny.jsonc: $.model: there is no preset 'nanno'; the nearest is 'nano'")]
    [InlineData("""{ "name": "t", "model": { "preset": "bench-dense", "expertsPerToken": 2 }, "tasks": [], "stages": [] }""", "tiny.jsonc: $.model: the preset 'bench-dense' has no experts")]
    [InlineData("""{ "name": "t", "model": { "preset": "nano", "expertsPerToken": 9 }, "tasks": [], "stages": [] }""", "tiny.jsonc: $.model: model: key 'num_experts_per_tok': found 9")]
    [InlineData("""{ "name": "t", "model": "nano", "tasks": ["adition"], "stages": [] }""", "tiny.jsonc: $.tasks[0]: there is no task 'adition'; the nearest is 'addition'")]
    [InlineData("""{ "name": "t", "model": "nano", "tasks": [{ "task": "addition", "maxDifficulty": 6 }], "stages": [] }""", "tiny.jsonc: $.tasks[0]: maxDifficulty 6 is out of range; the task 'addition' has difficulty 1 to 5")]
    [InlineData("""{ "name": "t", "model": "nano", "tasks": [{ "task": "addition", "languages": ["german"] }], "stages": [] }""", "tiny.jsonc: $.tasks[0].languages[0]: 'german' is not allowed; the nearest is")]
    [InlineData("""{ "name": "t", "model": "nano", "tasks": ["addition"] }""", "tiny.jsonc: $: the key 'stages' is missing")]
    public void Parse_WrongFile_SaysWhere(string json, string expected) =>
        Assert.StartsWith(expected, Fails(json), StringComparison.Ordinal);

    [Fact]
    public void Set_StageTopLevelModelAndNested_AreApplied()
    {
        Recipe recipe = RecipeFile.Parse(Minimal, "tiny.jsonc",
            new[] { "rl.steps=50", "seed=3", "model.hiddenSize=128", "base.data.textShare=0.5", "rl.aggregation=dr-grpo", "rl.rewards=[\"accuracy\"]", "base.steps=1e2" }
                .Select(RecipeOverride.Parse));
        Assert.Equal(3, recipe.Seed);
        Assert.Equal(new ModelOptions { Preset = "nano", HiddenSize = 128 }, recipe.Model);
        RlOptions rl = (RlOptions)recipe.Stages[1];
        Assert.Equal(50, rl.Steps);
        Assert.Equal(LossAggregation.DrGrpo, rl.Aggregation);
        Assert.Equal("accuracy", Assert.Single(rl.Rewards).Name);
        PretrainOptions pretrain = (PretrainOptions)recipe.Stages[0];
        Assert.Equal(0.5, pretrain.Data.TextShare);
        Assert.Equal(new DataMixOptions().HastyShare, pretrain.Data.HastyShare);
        Assert.Equal(100, pretrain.Steps);
    }

    [Theory]
    [InlineData("steps", "--set steps: expected path=value")]
    [InlineData("=3", "--set =3: expected path=value")]
    [InlineData("rl..steps=3", "--set rl..steps=3: expected path=value")]
    [InlineData("rll.steps=3", "--set rll.steps=3: tiny.jsonc has no stage or key 'rll'; the nearest is 'rl'")]
    [InlineData("rl=3", "--set rl=3: 'rl' is a stage; name one of its keys")]
    [InlineData("rl.steps=-1", "tiny.jsonc: $.stages[1].steps: -1 is out of range; allowed is at least 1")]
    [InlineData("rl.stepz=1", "tiny.jsonc: $.stages[1]: unknown key 'stepz'; the nearest is 'steps'")]
    [InlineData("name.x=1", "--set name.x=1: 'name' is not an object in tiny.jsonc")]
    public void Set_Wrong_SaysWhy(string set, string expected) =>
        Assert.StartsWith(expected, Fails(Minimal, set), StringComparison.Ordinal);

    [Fact]
    public void ToConfig_Overrides_ReachTheConfigAndNothingElse()
    {
        ModelConfig config = new ModelOptions { Preset = "nano", HiddenSize = 64, RoutedExpertCount = 4 }.ToConfig(vocabularySize: 384);
        Assert.Equal(
            Presets.Nano with { HiddenSize = 64, VocabularySize = 384, Experts = Presets.Nano.Experts! with { RoutedExpertCount = 4 } }, config);
    }

    [Fact]
    public void WithDataFiles_ReachesPretrainingAlone()
    {
        Recipe recipe = RecipeFile.Parse(Minimal, "tiny.jsonc");
        Recipe changed = recipe.WithDataFiles(["a.txt"]);
        Assert.Equal("a.txt", Assert.Single(((PretrainOptions)changed.Stages[0]).Data.Files));
        Assert.Equal(recipe.Stages[1], changed.Stages[1]);
    }

    [Fact]
    public void RequireUnchanged_SameRecipeWrittenOtherwise_Passes() =>
        RecipeFile.RequireUnchanged(RecipeFile.Parse(Minimal, "a"), RecipeFile.Parse(RecipeFile.Parse(Minimal, "a").ToJson(), "b"), "runs/tiny");

    [Fact]
    public void RequireUnchanged_ChangedKeys_AreNamedWithBothValues()
    {
        Recipe began = RecipeFile.Parse(Minimal, "a");
        Recipe now = RecipeFile.Parse(Minimal, "a", [RecipeOverride.Parse("base.steps=8"), RecipeOverride.Parse("model.layerCount=2")]);
        string message = Assert.Throws<RecipeException>(() => RecipeFile.RequireUnchanged(began, now, "runs/tiny")).Message;
        Assert.Contains("'runs/tiny'", message, StringComparison.Ordinal);
        Assert.Contains("$.stages[0].steps: began with 7, now 8", message, StringComparison.Ordinal);
        Assert.Contains("$.model.layerCount: began with null, now 2", message, StringComparison.Ordinal);
        Assert.Equal(3, message.Split('\n').Length);
    }

    [Fact]
    public void Parse_GermanCulture_ReadsTheSameNumbers()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            Recipe recipe = RecipeFile.Parse(Minimal, "tiny.jsonc", [RecipeOverride.Parse("rl.temperature=0.7")]);
            Assert.Equal(0.7, ((RlOptions)recipe.Stages[1]).Temperature);
            Assert.Contains("allowed is at least 0 and less than 1", Fails(WithStage("""{ "stage": "rl", "name": "rl", "beta2": 1.5 }""")), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
