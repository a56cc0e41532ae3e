// Pulls that go well: what is fetched, from where, how, and what the store holds then.
using Fathom.Models.Hub;
using Fathom.Testing.Hub;

namespace Fathom.Models.Tests.Hub;

public sealed class ModelPullTests : IDisposable
{
    readonly PullFixture at = new();

    public void Dispose() => at.Dispose();

    [Fact]
    public void Pull_Model_StoresOnlyTheNeededFilesAsAnOrdinaryFolder()
    {
        PullResult result = at.Pull();
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], result.Model.Files.Select(file => file.Path).Order());
        at.AssertWhole(result.Model, at.Model);
        Assert.Equal(result.Model.Bytes, result.Transferred);
        Assert.Equal(at.Server.BodyBytes, result.Transferred);
        Assert.Equal(("main", HubModel.FirstCommit, "safetensors"), (result.Revision, result.Model.Commit, result.Model.Format));
        Assert.Equal(result.Model.Folder, at.Store.Find(ModelReference.Parse(PullFixture.Name)).Locate(null));
        string commit = HubModel.FirstCommit;
        Assert.Equal([$"{commit}/config.json", $"{commit}/model.safetensors", $"{commit}/tokenizer.json", "model.json"], at.Files());
    }

    [Fact]
    public void Pull_LargeFile_ComesInParallelRangesFromTheOtherHost()
    {
        at.Pull();
        HubRequest[] ranges = [.. at.Server.Requests.Where(request => request.OnCdn)];
        Assert.Equal([(0L, (1L << 20) - 1), (1 << 20, (2 << 20) - 1), (2 << 20, PullFixture.WeightBytes - 1)], ranges.Select(range => (range.From!.Value, range.To!.Value)).Order());
        Assert.All(at.Server.Requests.Where(request => !request.OnCdn && request.IsFor("config.json")), request => Assert.Null(request.From));
    }

    [Fact]
    public void Pull_Token_GoesToTheHubAndToNoOtherHost()
    {
        at.Server.Token = "hf_secret";
        at.Options = at.Options with { Token = "hf_secret" };
        at.Pull();
        Assert.All(at.Server.Requests, request => Assert.Equal(request.OnCdn ? null : "Bearer hf_secret", request.Authorization));
        Assert.Contains(at.Server.Requests, request => request.OnCdn);
    }

    [Fact]
    public void Pull_Again_TransfersNothing()
    {
        at.Pull();
        at.Server.Requests.Clear();
        Assert.Equal(0, at.Pull().Transferred);
        Assert.All(at.Server.Requests, request => Assert.Contains("/api/", request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public void Pull_FileThatIsGoneOrCutFromTheStore_FetchesItAlone()
    {
        string folder = at.Pull().Model.Folder;
        File.Delete(Path.Combine(folder, "config.json"));
        File.WriteAllText(Path.Combine(folder, "tokenizer.json"), "{");
        PullResult result = at.Pull();
        Assert.Equal(2 + 8, result.Transferred);
        at.AssertWhole(result.Model, at.Model);
    }

    [Fact]
    public void Pull_NewCommitWithTheSameWeights_FetchesTheChangeAlone()
    {
        at.Pull();
        string second = new('b', 40);
        at.Model.Commit(second).With("config.json", "{\"new\": 1}").With("model.safetensors", at.Weights, large: true);
        PullResult result = at.Pull();
        Assert.Equal(10, result.Transferred);
        at.AssertWhole(result.Model, at.Model);
        Assert.Equal(2, at.Store.List().Count);
        // Both commits stand on their own: removing the first leaves the second whole.
        Assert.Equal(2 + 8, at.Store.Remove(ModelReference.Parse($"{PullFixture.Name}@{HubModel.FirstCommit}")));
        at.AssertWhole(at.Store.Find(ModelReference.Parse(PullFixture.Name)), at.Model);
    }

    [Fact]
    public void Pull_NewCommitWhenTheStoredWeightsWereChanged_FetchesThemAnew()
    {
        string folder = at.Pull().Model.Folder;
        byte[] changed = [.. at.Weights];
        changed[1000] ^= 1;
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), changed);
        at.Model.Commit(new('b', 40)).With("config.json", "{}").With("model.safetensors", at.Weights, large: true);
        PullResult result = at.Pull();
        Assert.Equal(PullFixture.WeightBytes, result.Transferred);
        at.AssertWhole(result.Model, at.Model);
    }

    [Theory]
    [InlineData("v1.0")]
    [InlineData("refs/pr/3")]
    [InlineData("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")]
    public void Pull_Revision_FetchesItsCommit(string revision)
    {
        string second = new('b', 40);
        at.Model.Commit(second, "v1.0").Revisions["refs/pr/3"] = second;
        at.Model.Commits[second]["config.json"] = new HubFileContent("config.json", "{\"v\": 1}"u8.ToArray(), false);
        at.Model.Commits[second]["model.safetensors"] = new HubFileContent("model.safetensors", at.Weights, true);
        StoredModel stored = at.Pull($"{PullFixture.Name}@{revision}").Model;
        Assert.Equal((second, revision), (stored.Commit, stored.Revisions[0]));
        at.AssertWhole(stored, at.Model);
    }

    [Fact]
    public void Pull_ListOfManyPages_FindsAllFiles()
    {
        at.Server.PageSize = 2;
        for (int i = 0; i < 9; i++)
        {
            at.Model.With($"a{i}.bin", "x");
        }

        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.Equal(7, at.Server.Requests.Count(request => request.IsFor("/tree/")));
    }

    [Fact]
    public void Pull_SameContentTwiceAndEmptyFiles_AreFetchedOnceAndPlacedAll()
    {
        at.Model.With("chat_template.jinja", "").With("tokenizer_config.json", "{}").With("added_tokens.json", "{}");
        PullResult result = at.Pull();
        at.AssertWhole(result.Model, at.Model);
        Assert.Equal(6, result.Model.Files.Count);
        // config.json, tokenizer_config.json and added_tokens.json are all "{}".
        Assert.Equal(2 + 8 + PullFixture.WeightBytes, result.Transferred);
    }

    [Fact]
    public void Pull_Progress_GrowsToTheWhole()
    {
        at.Pull();
        Assert.Equal(at.Reports.Select(report => report.Transferred).Order(), at.Reports.Select(report => report.Transferred));
        PullProgress last = at.Reports[^1];
        Assert.Equal((last.TotalBytes, PullFixture.WeightBytes + 10L), (last.Bytes, last.TotalBytes));
    }

    [Fact]
    public async Task Pull_TwiceAtOnce_FetchesOnceAndBothHaveIt()
    {
        at.Server.ChunkDelay = TimeSpan.FromMilliseconds(2);
        var other = new ModelPull(at.Options, at.Store);
        List<string?> notes = [];
        PullResult[] results = await Task.WhenAll(
            Task.Run(() => at.Pull()),
            Task.Run(() => other.RunAsync(ModelReference.Parse(PullFixture.Name), null, report => notes.Add(report.Note), default)));
        Assert.Equal(PullFixture.WeightBytes + 10, results.Sum(result => result.Transferred));
        Assert.Equal(at.Server.BodyBytes, results.Sum(result => result.Transferred));
        at.AssertWhole(results[1].Model, at.Model);
        Assert.Contains(at.Reports.Select(report => report.Note).Concat(notes), note => note?.StartsWith("another process pulls", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Pull_Offline_GivesWhatIsStoredAndAsksNobody()
    {
        at.Pull();
        at.Server.Requests.Clear();
        at.Options = at.Options with { Offline = true };
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.Contains("has no 'v2'", Assert.Throws<ModelNameException>(() => at.Pull($"{PullFixture.Name}@v2")).Message);
        Assert.Contains("has no model 'deepseek-ai/other'", Assert.Throws<ModelNameException>(() => at.Pull("deepseek-ai/other")).Message);
        Assert.Contains("fits 'Q4_K_M'", Assert.Throws<ModelNameException>(() => at.Pull(file: "Q4_K_M")).Message);
        Assert.Empty(at.Server.Requests);
    }
}
