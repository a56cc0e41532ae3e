// What goes wrong between a hub and a store: each fault ends in the right bytes or in one error that says what happened, never in a wrong file.
using System.Diagnostics;
using System.Net;
using Fathom.Models.Hub;
using Fathom.Testing.Hub;

namespace Fathom.Models.Tests.Hub;

public sealed class PullFaultTests : IDisposable
{
    readonly PullFixture at = new();

    public void Dispose() => at.Dispose();

    // Answers so for the first requests that fit.
    void Answer(int times, Func<HubRequest, bool> fits, int status, params (string, string)[] headers) => at.Server.Fault =
        (request, response) => fits(request) && Interlocked.Decrement(ref times) >= 0 && HubServer.Answer(response, status, "busy", headers);

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(408)]
    [InlineData(429)]
    public void Pull_FailuresThatPass_AreTriedAgain(int status)
    {
        Answer(5, _ => true, status);
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.Contains(at.Reports, report => report.Note?.Contains($"answers {status} (busy); trying again", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Pull_FailuresThatDoNotPass_EndInAnError()
    {
        Answer(int.MaxValue, request => request.OnCdn, 503);
        string message = at.Fails();
        Assert.Contains($"{PullFixture.Name}@{HubModel.FirstCommit}, model.safetensors: 6 failures in a row", message);
        Assert.Contains("answers 503", message);
        Assert.Empty(at.Store.List());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pull_TooManyRequests_WaitsAsLongAsTheServerAsks(bool date)
    {
        // A date has whole seconds, so two of them are one to two seconds away.
        Answer(1, request => request.IsFor("/tree/"), 429, ("Retry-After", date ? DateTimeOffset.UtcNow.AddSeconds(2).ToString("R") : "1"));
        var clock = Stopwatch.StartNew();
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(0.95), $"{clock.Elapsed}");
    }

    [Fact]
    public void Pull_ServerAsksForAnHour_SaysSoAtOnce()
    {
        Answer(1, request => request.IsFor("/tree/"), 429, ("Retry-After", "3600"));
        Assert.Contains("answers 429 (busy), and the server asks to come back in 3600 seconds", at.Fails());
    }

    [Fact]
    public void Pull_CutConnections_GoOnWhereTheyWereCut()
    {
        // Every answer is cut after 100,000 bytes, which no retry limit would survive without progress counting.
        at.Server.CutAfter = request => request.OnCdn ? 100_000 : null;
        PullResult result = at.Pull();
        at.AssertWhole(result.Model, at.Model);
        // What was sent before a cut may not all have arrived, but what arrived is not asked for again.
        Assert.Equal(PullFixture.WeightBytes + 10, result.Transferred);
    }

    [Fact]
    public void Pull_ServerThatIgnoresRanges_FetchesTheWholeFile()
    {
        at.Server.IgnoresRanges = true;
        at.AssertWhole(at.Pull().Model, at.Model);
    }

    [Fact]
    public void Pull_ServerThatIgnoresRangesAndCutsTwice_FetchesTheWholeFile()
    {
        at.Server.IgnoresRanges = true;
        int cuts = 0;
        at.Server.CutAfter = request => request.OnCdn && (cuts > 0 || request.From is null) && Interlocked.Increment(ref cuts) <= 2 ? 1_500_000 : null;
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.True(cuts > 2);
    }

    [Fact]
    public void Pull_SilentServer_IsGivenUpAndTriedAgain()
    {
        at.Options = at.Options with { Patience = TimeSpan.FromSeconds(0.5) };
        int silent = 2;
        at.Server.Fault = (request, response) => request.OnCdn && Interlocked.Decrement(ref silent) >= 0;
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.Contains(at.Reports, report => report.Note?.Contains("nothing came for 0.5 seconds", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Pull_SlowServer_IsWaitedForAsLongAsBytesCome()
    {
        // Each range takes 64 waits of 40 ms, more than the patience, but no single one does.
        at.Options = at.Options with { Patience = TimeSpan.FromSeconds(2) };
        at.Server.ChunkDelay = TimeSpan.FromMilliseconds(40);
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.Equal(PullFixture.WeightBytes + 10, at.Server.BodyBytes);
    }

    [Fact]
    public void Pull_WrongContent_NamesBothSumsAndLeavesNothing()
    {
        at.Server.Change = (request, content) => request.IsFor("model.safetensors") ? [.. content[..^1], (byte)~content[^1]] : content;
        string message = at.Fails();
        string expected = (string)((Dictionary<string, object>)at.Model.Commits[HubModel.FirstCommit]["model.safetensors"].Entry["lfs"])["oid"];
        Assert.Matches($"^model\\.safetensors: the {PullFixture.WeightBytes} bytes fetched have sha256:[0-9a-f]{{64}}, expected sha256:{expected}\\. They were deleted", message);
        Assert.DoesNotContain(at.Files(), path => path.Contains(expected, StringComparison.Ordinal));
        Assert.Empty(at.Store.List());
        at.Server.Change = null;
        at.AssertWhole(at.Pull().Model, at.Model);
    }

    [Fact]
    public void Pull_WrongSmallFile_NamesTheGitSum()
    {
        at.Server.Change = (request, content) => request.IsFor("config.json") ? "[]"u8.ToArray() : content;
        Assert.Matches("^config\\.json: the 2 bytes fetched have git-sha1:[0-9a-f]{40}, expected git-sha1:", at.Fails());
    }

    [Theory]
    [InlineData("config.json", -1, "the server sends 1 bytes; expected the 2 of the hub's own list")]
    [InlineData("config.json", 5, "the server sends 7 bytes; expected the 2 of the hub's own list")]
    [InlineData("model.safetensors", -1, "found Content-Range 'bytes 0-1048575/3145722', expected bytes from 0 of 3145723")]
    [InlineData("model.safetensors", 5, "found Content-Range 'bytes 0-1048575/3145728', expected bytes from 0 of 3145723")]
    public void Pull_OtherLengthThanListed_SaysBoth(string path, int more, string message)
    {
        // Only the first range is answered, so that the message is about it.
        using var failed = new ManualResetEventSlim();
        at.Server.Change = (request, content) => request.IsFor(path) ? more < 0 ? content[..^-more] : [.. content, .. new byte[more]] : content;
        at.Server.Fault = (request, _) =>
        {
            if (request.From > 0)
                failed.Wait();
            return false;
        };
        Assert.Contains(message, at.Fails());
        failed.Set();
    }

    [Fact]
    public void Pull_FewerBytesThanTheAnswerSays_AreAskedForAgain()
    {
        // Content-Length is right, the body ends early: a cut connection.
        int cuts = 0;
        at.Server.CutAfter = request => request.IsFor("tokenizer.json") && Interlocked.Increment(ref cuts) == 1 ? 3 : null;
        at.AssertWhole(at.Pull().Model, at.Model);
        Assert.True(cuts >= 2);
    }

    [Theory]
    [InlineData(401, null, null, "There is no such model, or it is private or gated and needs an access token: set HF_TOKEN.")]
    [InlineData(401, "hf_x", null, "There is no such model, or the access token given does not open it.")]
    [InlineData(401, null, "GatedRepo", "The model is gated: accept its terms at ")]
    [InlineData(403, "hf_x", "GatedRepo", "The model is gated: accept its terms at ")]
    [InlineData(403, "hf_x", null, "the access token given does not open it.")]
    public void Pull_Refused_SaysWhatHelpsAndKeepsTheToken(int status, string? token, string? code, string message)
    {
        at.Options = at.Options with { Token = token };
        Answer(int.MaxValue, request => request.IsFor("/revision/"), status, code is null ? ("X-Error-Message", "no") : ("X-Error-Code", code));
        string said = at.Fails();
        Assert.StartsWith($"{PullFixture.Name}@main: 127.0.0.1 answers {status} (", said);
        Assert.Contains(message, said);
        Assert.DoesNotContain("hf_x", said);
        Assert.Single(at.Server.Requests);
    }

    [Fact]
    public void Pull_GatedFile_IsAnErrorOfTheFile()
    {
        Answer(int.MaxValue, request => request.IsFor("/resolve/") && request.IsFor("model.safetensors"), 403, ("X-Error-Code", "GatedRepo"), ("X-Error-Message", "Access to model is restricted."));
        Assert.Contains("model.safetensors: 127.0.0.1 answers 403 (Access to model is restricted.). The model is gated: accept its terms at " + at.Server.Address + "/" + PullFixture.Name, at.Fails());
    }

    [Fact]
    public void Pull_ExpiredAddressOnTheOtherHost_AsksTheHubAnew()
    {
        Answer(2, request => request.OnCdn, 403);
        at.AssertWhole(at.Pull().Model, at.Model);
    }

    [Theory]
    [InlineData("deepseek-ai/tinny", "There is no model 'deepseek-ai/tinny'.")]
    [InlineData("deepseek-ai/tiny@v9", "The model 'deepseek-ai/tiny' has no revision 'v9'.")]
    public void Pull_Unknown_NamesModelOrRevision(string name, string message) => Assert.EndsWith(message, at.Fails(name));

    [Fact]
    public void Pull_ListedFileThatIsNotThere_NamesIt()
    {
        Answer(int.MaxValue, request => request.IsFor("tokenizer.json"), 404, ("X-Error-Code", "EntryNotFound"));
        Assert.Contains("tokenizer.json: 127.0.0.1 answers 404 (busy). The model has no file 'tokenizer.json' at this revision.", at.Fails());
    }

    [Fact]
    public void Pull_EndlessRedirects_AreAnError()
    {
        at.Server.Fault = (request, response) => request.IsFor("/revision/") && HubServer.Answer(response, 302, "", ("Location", request.Path));
        Assert.Contains("more than 10 redirects", at.Fails());
        at.Server.Fault = (request, response) => request.IsFor("/revision/") && HubServer.Answer(response, 302, "", ("Location", "file:///etc/passwd"));
        Assert.Contains("a redirect from 127.0.0.1 to 'file:///etc/passwd'", at.Fails());
    }

    [Fact]
    public void Pull_RedirectOnTheHubItself_KeepsTheToken()
    {
        // As for a model that was renamed.
        at.Options = at.Options with { Token = "t" };
        at.Server.Token = "t";
        at.Server.Fault = (request, response) => request.IsFor("old/name") && HubServer.Answer(response, 307, "", ("Location", request.Path.Replace("old/name", PullFixture.Name, StringComparison.Ordinal)));
        PullResult result = at.Pull("old/name");
        Assert.Equal("old/name", result.Model.Name);
        at.AssertWhole(result.Model, at.Model);
    }

    [Fact]
    public void Pull_NoServer_SaysTheConnectionFailed()
    {
        at.Server.Dispose();
        Assert.Contains("6 failures in a row, the last: Connection refused", at.Fails());
    }

    [Fact]
    public void Pull_Cancelled_KeepsWhatCame()
    {
        using var cancel = new CancellationTokenSource();
        at.Server.ChunkDelay = TimeSpan.FromMilliseconds(20);
        at.Reported = report =>
        {
            if (report.Bytes > 400_000)
                cancel.Cancel();
        };
        Assert.ThrowsAny<OperationCanceledException>(() => at.Pull(cancel: cancel.Token));
        (string name, long bytes) = Assert.Single(at.Store.Unfinished());
        Assert.Equal(PullFixture.Name, name);
        Assert.True(bytes > 0);
        long present = at.Reports[^1].Bytes;
        at.Server.ChunkDelay = TimeSpan.Zero;
        PullResult result = at.Pull();
        at.AssertWhole(result.Model, at.Model);
        // More may have come after the last report.
        Assert.InRange(result.Transferred, 1, PullFixture.WeightBytes + 10 - present);
        Assert.Empty(at.Store.Unfinished());
    }

    [Theory]
    [InlineData("not ranges")]
    [InlineData("[[0,99999999]]")]
    [InlineData("[[5,2]]")]
    [InlineData("[[-5,2]]")]
    [InlineData("[[1]]")]
    public void Pull_DamagedRecordOfRanges_FetchesTheFileAnew(string record)
    {
        string sum = Leave(record, HubModel.Bytes(1000, seed: 9));
        PullResult result = at.Pull();
        Assert.Equal(PullFixture.WeightBytes + 10, result.Transferred);
        at.AssertWhole(result.Model, at.Model);
        Assert.DoesNotContain(at.Files(), path => path.Contains(sum, StringComparison.Ordinal));
    }

    [Fact]
    public void Pull_RecordOfRangesThatAreThere_FetchesTheRestAlone()
    {
        Leave("[[0,1000],[5000,6000]]", at.Weights[..6000]);
        PullResult result = at.Pull();
        Assert.Equal(PullFixture.WeightBytes + 10 - 2000, result.Transferred);
        at.AssertWhole(result.Model, at.Model);
    }

    [Fact]
    public void Pull_PartThatIsOfAnotherContent_IsFoundByItsSumAndDeleted()
    {
        Leave("[[0,1000]]", HubModel.Bytes(1000, seed: 9));
        Assert.Contains("They were deleted; pull again", at.Fails());
        at.AssertWhole(at.Pull().Model, at.Model);
    }

    [Fact]
    public void Pull_WholePartOfAKilledProcess_IsCheckedAndTaken()
    {
        Leave($"[[0,{PullFixture.WeightBytes}]]", at.Weights);
        PullResult result = at.Pull();
        Assert.Equal(10, result.Transferred);
        at.AssertWhole(result.Model, at.Model);
    }

    // What an earlier process left of the weights; gives their sum.
    string Leave(string record, byte[] bytes)
    {
        string parts = Path.Combine(at.Store.Root, PullFixture.Name, ".parts"), sum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(at.Weights));
        Directory.CreateDirectory(parts);
        File.WriteAllText(Path.Combine(parts, sum + ".ranges"), record);
        File.WriteAllBytes(Path.Combine(parts, sum + ".part"), bytes);
        return sum;
    }
}
