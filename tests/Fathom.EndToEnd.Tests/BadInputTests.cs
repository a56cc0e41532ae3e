// Everything a user can get wrong about recipes, data, run folders and models: one clear message, the right exit code, nothing lost.
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.EndToEnd.Tests;

public sealed class BadInputTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Recipe(string from = "\"seed\": 1", string to = "\"seed\": 1") =>
        _folder.Write("mini.jsonc", MiniRecipe.Json.Replace(from, to, StringComparison.Ordinal));

    string Run => _folder.In("run");

    [Fact]
    public void Train_UnknownRecipe_NamesTheNearest() => Executable.Run("train", "nano-r2").Says(2, "'nano-r2'", "'nano-r1'");

    [Fact]
    public void Train_UnknownKey_NamesFileAndNearest()
    {
        Executable.Run("train", Recipe("\"tokensPerStep\"", "\"tokensPerStpe\""), "--out", Run).Says(2, "mini.jsonc", "tokensPerStpe", "tokensPerStep");
        Assert.False(Directory.Exists(Run));
    }

    [Fact]
    public void Train_NotJson_NamesLineAndColumn() => Executable.Run("train", Recipe("\"tasks\":", "\"tasks\""), "--out", Run).Says(2, "mini.jsonc", "line 5");

    [Fact]
    public void Train_SetOfWrongType_SaysWhatIsExpected() => Executable.Run("train", Recipe(), "--out", Run, "--set", "base.steps=many").Says(2, "steps", "many");

    [Fact]
    public void Train_SetOutOfRange_SaysTheRange() => Executable.Run("train", Recipe(), "--out", Run, "--set", "rl.groupSize=1").Says(2, "groupSize", "1", "2");

    [Fact]
    public void Train_SetOfUnknownStage_NamesTheNearest() => Executable.Run("train", Recipe(), "--out", Run, "--set", "bsae.steps=3").Says(2, "bsae", "'base'");

    [Fact]
    public void Train_DataWithABrokenLine_NamesFileAndLine()
    {
        string data = _folder.Write("data.jsonl", "{\"text\": \"a\"}\n{\"text\": \"b\"}\n{\"text\": \n");
        Executable.Run("train", Recipe(), "--out", Run, "--data", data).Says(1, data, "line 3");
    }

    [Fact]
    public void Train_DataWithUnknownFields_SaysWhichAreNeeded()
    {
        string data = _folder.Write("data.jsonl", "{\"texd\": \"a\"}\n");
        Executable.Run("train", Recipe(), "--out", Run, "--data", data).Says(1, "line 1", "'texd'", "'text'");
    }

    [Fact]
    public void Train_MissingData_NamesTheFile() => Executable.Run("train", Recipe(), "--out", Run, "--data", _folder.In("none.txt")).Says(1, "none.txt");

    [Fact]
    public void Train_FolderInUse_NamesTheProcess()
    {
        string recipe = Recipe();
        using RunFolder held = RunFolder.Create(Run, RecipeFile.Load(recipe));
        Executable.Run("train", recipe, "--out", Run, "--resume").Says(1, "in use", $"{Environment.ProcessId}");
    }

    [Fact]
    public void Train_FolderWithARun_SuggestsResume()
    {
        string recipe = Recipe();
        RunFolder.Create(Run, RecipeFile.Load(recipe)).Dispose();
        Executable.Run("train", recipe, "--out", Run).Says(1, Run, "--resume");
    }

    [Fact]
    public void Train_ResumeWithAChangedRecipe_NamesTheChange()
    {
        string recipe = Recipe();
        RunFolder.Create(Run, RecipeFile.Load(recipe)).Dispose();
        string before = File.ReadAllText(Path.Combine(Run, RunFiles.Recipe));
        Executable.Run("train", recipe, "--out", Run, "--resume", "--seed", "2", "--set", "rl.steps=9").Says(2, "$.seed: began with 1, now 2", "steps: began with 2, now 9");
        Assert.Equal(before, File.ReadAllText(Path.Combine(Run, RunFiles.Recipe)));
    }

    [Fact]
    public void Chat_RunWithoutACheckpoint_SaysSo()
    {
        RunFolder.Create(Run, RecipeFile.Load(Recipe())).Dispose();
        Executable.Run("chat", Run).Says(1, "no checkpoint yet");
    }

    [Fact]
    public void Model_ThatDoesNotExist_IsWrongUsage() => Executable.Run("generate", _folder.In("none"), "-p", "hi").Says(2, "none", "no such folder");

    [Fact]
    public void Model_ThatIsAPreset_SaysHowToMakeOne() => Executable.Run("generate", "nano", "-p", "hi").Says(2, "preset", "fathom init nano -o DIR");

    [Fact]
    public void Init_UnknownPreset_NamesTheNearest() => Executable.Run("init", "nanno", "-o", _folder.In("m")).Says(2, "'nanno'", "'nano'");

    [Fact]
    public void Init_FolderWithThings_LeavesThemAlone()
    {
        _folder.Write("thesis.txt", "ten years");
        Executable.Run("init", "nano", "-o", _folder.Path).Says(2, "not an empty folder");
        Assert.Equal("ten years", File.ReadAllText(_folder.In("thesis.txt")));
    }

    [Fact]
    public void Init_ModelLargerThanMemory_SaysBothSizes() => Executable.Run("init", "deepseek-v3", "-o", _folder.In("m")).Says(1, "deepseek-v3", "2.73 TB");

    [Fact]
    public void Eval_UnknownTask_NamesTheNearest()
    {
        Executable.Run("init", "nano", "-o", _folder.In("m")).Ends(0);
        Executable.Run("eval", _folder.In("m"), "--task", "additon").Says(2, "'additon'", "'addition'");
        Executable.Run("eval", _folder.In("m"), "--task", "addition", "--difficulty", "0-2").Says(2, "--difficulty", "levels 1 to");
        Executable.Run("eval", _folder.In("m")).Says(2, "--task is needed");
    }

    [Fact]
    public void Inspect_CutCheckpoint_NamesTheFile()
    {
        string model = _folder.In("m"), weights = Path.Combine(model, "model.safetensors");
        Executable.Run("init", "nano", "-o", model).Ends(0);
        File.WriteAllBytes(weights, File.ReadAllBytes(weights)[..100_000]);
        Executable.Run("inspect", model).Says(1, weights);
    }
}
