// The store: names, what they find, what removing leaves, and records that are damaged.
using Fathom.Models.Hub;
using Fathom.Testing.Hub;

namespace Fathom.Models.Tests.Hub;

public sealed class ModelStoreTests : IDisposable
{
    readonly PullFixture at = new();

    public void Dispose() => at.Dispose();

    static readonly string Second = new('b', 40);

    void PullTwo()
    {
        at.Pull();
        at.Model.Commit(Second, "v2").Commits[Second]["model.safetensors"] = new HubFileContent("model.safetensors", at.Weights, true);
        at.Pull($"{PullFixture.Name}@v2");
    }

    StoredModel Find(string name) => at.Store.Find(ModelReference.Parse(name));

    string FindFails(string name) => Assert.Throws<ModelNameException>(() => Find(name)).Message;

    [Theory]
    [InlineData("a/b", "a/b", null, null)]
    [InlineData("a/b@main", "a/b", null, "main")]
    [InlineData("a/b@refs/pr/1", "a/b", null, "refs/pr/1")]
    [InlineData("a/b/c-Q4.gguf", "a/b", "c-Q4.gguf", null)]
    [InlineData("a/b/d/c.gguf@v1", "a/b", "d/c.gguf", "v1")]
    [InlineData("deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B", null, null)]
    public void Parse_Name_GivesItsParts(string text, string name, string? file, string? revision)
    {
        var reference = ModelReference.Parse(text);
        Assert.Equal(new ModelReference(name, file, revision), reference);
        Assert.Equal(text, $"{reference}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a/")]
    [InlineData("/b")]
    [InlineData("../b")]
    [InlineData("a/..")]
    [InlineData("./a")]
    [InlineData("a/.b")]
    [InlineData("-a/b")]
    [InlineData("a/b/c")]
    [InlineData("a/b/../c.gguf")]
    [InlineData("a/b@")]
    [InlineData("a/b@..")]
    [InlineData("a/b@x y")]
    [InlineData("a/b@/x")]
    [InlineData("a/b\n")]
    [InlineData("a\\b/c")]
    [InlineData("http://a/b")]
    public void Parse_NoName_Throws(string text) => Assert.StartsWith($"'{text}' is no model name", Assert.Throws<ModelNameException>(() => ModelReference.Parse(text)).Message);

    [Fact]
    public void Find_ByRevisionCommitAndPrefix_GivesTheCommit()
    {
        PullTwo();
        Assert.Equal(HubModel.FirstCommit, Find(PullFixture.Name).Commit);
        Assert.Equal(Second, Find($"{PullFixture.Name}@v2").Commit);
        Assert.Equal(Second, Find($"{PullFixture.Name}@{Second}").Commit);
        Assert.Equal(Second, Find($"{PullFixture.Name}@{Second[..12]}").Commit);
        Assert.Equal($"the store has no 'v3' of {PullFixture.Name}; it has {PullFixture.Name}@main, {PullFixture.Name}@v2.", FindFails($"{PullFixture.Name}@v3"));
        Assert.Contains($"has no model 'deepseek-ai/tinny'; did you mean '{PullFixture.Name}'?", FindFails("deepseek-ai/tinny"));
    }

    [Fact]
    public void Find_WithoutMain_TakesTheOnlyOneOrAsks()
    {
        PullTwo();
        at.Store.Remove(ModelReference.Parse($"{PullFixture.Name}@main"));
        Assert.Equal(Second, Find(PullFixture.Name).Commit);
        at.Model.Commit(new('c', 40), "v3").Commits[new('c', 40)]["model.safetensors"] = new HubFileContent("model.safetensors", at.Weights, true);
        at.Pull($"{PullFixture.Name}@v3");
        Assert.Contains($"has 2 revisions of {PullFixture.Name}; name one of {PullFixture.Name}@v2, {PullFixture.Name}@v3", FindFails(PullFixture.Name));
    }

    [Fact]
    public void Remove_OneOfTwo_NeedsItsRevision()
    {
        PullTwo();
        var name = ModelReference.Parse(PullFixture.Name);
        Assert.Contains("2 revisions", Assert.Throws<ModelNameException>(() => at.Store.Remove(name)).Message);
        // The weights are in the second too.
        Assert.Equal(10, at.Store.Remove(name with { Revision = "main" }));
        at.AssertWhole(Find(PullFixture.Name), at.Model);
        Assert.Equal(PullFixture.WeightBytes, at.Store.Remove(name));
        Assert.Empty(at.Files());
        Assert.False(Directory.Exists(Path.Combine(at.Store.Root, "deepseek-ai")));
        Assert.Empty(at.Store.List());
        Assert.Contains("it is empty", Assert.Throws<ModelNameException>(() => at.Store.Remove(name)).Message);
    }

    [Fact]
    public void Remove_UnknownOrAFile_ChangesNothing()
    {
        at.Pull();
        string[] before = at.Files();
        foreach (string name in new[] { "deepseek-ai/tinny", $"{PullFixture.Name}@v9", $"{PullFixture.Name}/x.gguf" })
        {
            Assert.Throws<ModelNameException>(() => at.Store.Remove(ModelReference.Parse(name)));
        }

        Assert.Equal(before, at.Files());
    }

    [Fact]
    public void Remove_WhileItIsPulled_IsRefused()
    {
        at.Pull();
        using StoreLock held = StoreLock.TryTake(at.Store.LockOf(PullFixture.Name))!;
        Assert.Contains("is being pulled by another process", Assert.Throws<HubException>(() => at.Store.Remove(ModelReference.Parse(PullFixture.Name))).Message);
        Assert.Single(at.Store.List());
    }

    [Fact]
    public void Remove_BrokenOffPull_FreesItsParts()
    {
        at.Server.CutAfter = request => request.OnCdn ? request.From > 0 ? 0 : 500_000 : null;
        Assert.Throws<HubException>(() => at.Pull());
        long unfinished = Assert.Single(at.Store.Unfinished()).Bytes;
        Assert.True(unfinished > 0);
        Assert.Empty(at.Store.List());
        Assert.Equal(unfinished, at.Store.Remove(ModelReference.Parse(PullFixture.Name)));
        Assert.Empty(at.Files());
    }

    [Fact]
    public void Sweep_FoldersOfKilledProcesses_AreGoneAfterTheNextPull()
    {
        string stray = Path.Combine(at.Store.Root, PullFixture.Name, new('d', 40));
        Directory.CreateDirectory(stray);
        File.WriteAllText(Path.Combine(stray, "x"), "x");
        // A file of this very commit that was placed but not recorded.
        string unrecorded = Path.Combine(at.Store.Root, PullFixture.Name, HubModel.FirstCommit, "config.json");
        Directory.CreateDirectory(Path.GetDirectoryName(unrecorded)!);
        File.WriteAllText(unrecorded, "damaged");
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.False(Directory.Exists(stray));
    }

    [Fact]
    public void Sweep_FilesThatKilledProcessesWereWriting_AreGoneAfterTheNextPull()
    {
        string model = Path.Combine(at.Store.Root, PullFixture.Name), record = Path.Combine(model, "model.json.123.0f.tmp");
        string part = Path.Combine(model, ".parts", new string('a', 64) + ".ranges.123.0f.tmp"), other = Path.Combine(model, ".parts", new string('b', 64) + ".part");
        Directory.CreateDirectory(Path.GetDirectoryName(part)!);
        Array.ForEach([record, part, other], path => File.WriteAllText(path, "x"));
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.False(File.Exists(record));
        // What another pull of the model left is not this one's.
        Assert.Equal([other], Directory.GetFiles(Path.GetDirectoryName(part)!));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"revisions": {"main": "../.."}, "snapshots": []}""")]
    [InlineData("""{"revisions": {}, "snapshots": [{"commit": "../..", "source": "", "pulled": "2026-01-01T00:00:00Z", "files": []}]}""")]
    [InlineData("""{"revisions": {}, "snapshots": [{"commit": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "source": "", "pulled": "2026-01-01T00:00:00Z", "files": [{"path": "../x", "size": 1, "checksum": "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]}]}""")]
    [InlineData("""{"revisions": {}, "snapshots": [{"commit": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "source": "", "pulled": "2026-01-01T00:00:00Z", "files": [{"path": "x", "size": 1, "checksum": "md5:0"}]}]}""")]
    public void Record_Damaged_NamesTheFile(string record)
    {
        at.Pull();
        string path = Path.Combine(at.Store.Root, PullFixture.Name, "model.json");
        File.WriteAllText(path, record);
        Assert.StartsWith($"{path}: the store's record of this model is damaged", Assert.Throws<HubException>(() => at.Store.List()).Message);
        Assert.Throws<HubException>(() => at.Store.Remove(ModelReference.Parse(PullFixture.Name)));
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void DefaultRoot_Environment_DecidesInOrder()
    {
        string Root(params (string, string)[] set) => ModelStore.DefaultRoot(name => set.FirstOrDefault(pair => pair.Item1 == name).Item2);
        Assert.Equal("/a", Root(("FATHOM_STORE", "/a"), ("XDG_CACHE_HOME", "/b"), ("HOME", "/c")));
        Assert.Equal(Path.Combine("/b", "fathom", "models"), Root(("XDG_CACHE_HOME", "/b"), ("HOME", "/c")));
        Assert.Equal(Path.Combine("/c", ".cache", "fathom", "models"), Root(("HOME", "/c")));
    }
}
