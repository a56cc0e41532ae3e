// A hub's answers that no honest hub gives: every one is refused with an error that says what was found.
using System.Text.Json;
using Fathom.Models.Hub;
using Fathom.Testing.Hub;

namespace Fathom.Models.Tests.Hub;

public sealed class HubListingTests : IDisposable
{
    readonly PullFixture at = new();

    public void Dispose() => at.Dispose();

    // The answer to the question for the commit or for the list.
    string Said(string where, string json)
    {
        at.Server.Fault = (request, response) => request.IsFor(where) && HubServer.Answer(response, 200, json);
        string message = at.Fails();
        Assert.Empty(at.Store.List());
        return message;
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("../../../../etc/cron.d/evil")]
    [InlineData("a/../../evil")]
    [InlineData("/etc/passwd")]
    [InlineData("a\\..\\evil")]
    [InlineData("C:\\evil")]
    [InlineData("C:evil")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a/")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u001b[2J")]
    public void Files_NameThatLeavesTheFolder_IsRefused(string path)
    {
        at.Model.With("x", "x").Commits[HubModel.FirstCommit]["x"].Entry["path"] = path;
        string message = at.Fails();
        Assert.Contains("found a file named '", message);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.Empty(at.Files());
    }

    [Fact]
    public void Files_LongName_IsRefusedAndShownShort()
    {
        at.Model.With("x", "x").Commits[HubModel.FirstCommit]["x"].Entry["path"] = new string('x', 300);
        Assert.InRange(at.Fails().Length, 300, 500);
    }

    [Theory]
    [InlineData("[]", "an entry without 'sha'")]
    [InlineData("{}", "an entry without 'sha'")]
    [InlineData("""{"sha": 3}""", "'sha' as JSON Number")]
    [InlineData("""{"sha": "../../x"}""", "sha '../../x', expected 40 or 64 hexadecimal digits")]
    [InlineData("<html>login</html>", "the answer is not JSON")]
    [InlineData("", "the answer is not JSON")]
    public void Commit_WrongAnswer_SaysWhatWasFound(string json, string message) => Assert.Contains(message, Said("/revision/", json));

    [Theory]
    [InlineData("{}", "JSON Object, expected a list of files")]
    [InlineData("[3]", "an entry without 'type'")]
    [InlineData("""[{"type": "file"}]""", "an entry without 'path'")]
    [InlineData("""[{"type": "file", "path": "a"}]""", "an entry without 'size'")]
    [InlineData("""[{"type": "file", "path": "a", "size": -1, "oid": ""}]""", "'a' with size -1")]
    [InlineData("""[{"type": "file", "path": "a", "size": 1e99, "oid": ""}]""", "'a' with size 1e99")]
    [InlineData("""[{"type": "file", "path": "a", "size": 99999999999999999999, "oid": ""}]""", "'a' with size 99999999999999999999")]
    [InlineData("""[{"type": "file", "path": "a", "size": "1", "oid": ""}]""", "'a' with size \"1\"")]
    [InlineData("""[{"type": "file", "path": "a", "size": 1, "oid": "xyz"}]""", "'a' with oid 'xyz', expected 40")]
    [InlineData("""[{"type": "file", "path": "a", "size": 1, "oid": "x", "lfs": {"size": 1, "oid": "../x"}}]""", "'a' with oid '../x', expected 64")]
    [InlineData("""[{"type": "file", "path": "a", "size": 1, "oid": "x", "lfs": 3}]""", "an entry without 'size'")]
    [InlineData("""[{"type": "file", "path": "\ud800", "size": 1, "oid": "x"}]""", "not JSON")]
    [InlineData("""[{"type": "file", "path": "a", "size": 1, "oid": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, {"type": "file", "path": "a", "size": 1, "oid": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]""", "'a' twice")]
    public void Files_WrongAnswer_SaysWhatWasFound(string json, string message) => Assert.Contains(message, Said("/tree/", json));

    [Fact]
    public void Files_DeepJson_IsRefused() => Assert.Contains("not JSON", Said("/tree/", new string('[', 100_000)));

    [Fact]
    public void Files_EndlessAnswer_IsCut() => Assert.Contains("an answer of more than 33554432 bytes", Said("/tree/", "[" + new string(' ', 40_000_000)));

    [Fact]
    public void Files_EndlessPages_AreCut()
    {
        at.Server.Fault = (request, response) => request.IsFor("/tree/") && HubServer.Answer(response, 200, "[]", ("Link", $"<{at.Server.Address}{request.Path}>; rel=\"next\""));
        Assert.Contains("more than 1000 pages", at.Fails());
    }

    [Fact]
    public void Files_LargerThanTheDisk_SaysBothNumbers()
    {
        string sum = new('c', 64);
        string json = JsonSerializer.Serialize(new[] { new { type = "file", path = "model.safetensors", size = 1L << 60, oid = sum, lfs = new { oid = sum, size = 1L << 60 } } });
        Assert.Matches("needs 1,152,921,504,606,846,976 more bytes; the disk of .* has [0-9,]+ free", Said("/tree/", json));
    }

    [Fact]
    public void Files_SizesBeyondALong_AreAnError()
    {
        string json = JsonSerializer.Serialize(new[] { "m-00001-of-00002.gguf", "m-00002-of-00002.gguf" }.Select((path, i) =>
            new { type = "file", path, size = long.MaxValue, oid = "", lfs = new { oid = new string((char)('c' + i), 64), size = long.MaxValue } }));
        Assert.Contains("files of more than 9223372036854775807 bytes together", Said("/tree/", json));
    }
}
