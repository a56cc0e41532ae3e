// `plan schedule` and `plan experts` as they are called.
using System.Text.Json;
using System.Xml.Linq;

namespace Fathom.EndToEnd.Tests;

public sealed class PlanScheduleTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plan schedule")]
    [InlineData("plan experts")]
    public void Help_DescribesTheVerbAndGivesExamples(string verb)
    {
        Outcome help = Executable.Run([.. verb.Split(' '), "--help"]).Ends(0);
        Assert.Contains($"  fathom {verb} ", help.Output[help.Output.IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void Schedule_Json_HasStepsBubbleActivationsAndAPicture()
    {
        string picture = _folder.In("picture.svg");
        JsonElement json = Executable.Run("plan", "schedule", "--schedule", "dualpipe", "--ranks", "4", "--micro-batches", "10", "--overlapped", "2.5", "--svg", picture, "--json").Ends(0).Json();
        Assert.Equal(1.5, json.GetProperty("bubble").GetDouble());
        Assert.Equal(5, json.GetProperty("peakActivations").GetInt32());
        Assert.True(json.GetProperty("published").GetProperty("holds").GetBoolean());
        string[] steps = [.. json.GetProperty("ranks")[3].GetProperty("steps").EnumerateArray().Select(step => JsonSerializer.Serialize(step))];
        Assert.Equal("""{"op":"F","phase":0,"dir":1,"chunk":0,"step":1}""", steps[0]);
        Assert.Contains("""{"op":"W","dir":0,"chunk":0,"step":3}""", steps);
        Assert.Contains("""{"op":"FB","f":{"phase":0,"dir":1,"chunk":3},"b":{"phase":1,"dir":0,"chunk":1},"step":4}""", steps);
        Assert.Equal(steps.Length, json.GetProperty("ranks")[3].GetProperty("times").GetArrayLength());
        Assert.Equal("svg", XDocument.Load(picture).Root!.Name.LocalName);
    }

    [Fact]
    public void Schedule_Redirected_DrawsALinePerRankWithoutEscapes()
    {
        // 1F1B on 2 ranks with 2 micro-batches takes (2 + 1) x 3 = 9 units; a unit gets 6 columns at most.
        Outcome outcome = Executable.Run("plan", "schedule", "--schedule", "1f1b", "--ranks", "2", "--micro-batches", "2").Ends(0);
        string[] lines = outcome.Output.Split('\n');
        Assert.Equal(" 0 F0----F1----............B0----------......B1----------", lines[0].TrimEnd());
        Assert.Equal(" 1 ......F0----B0----------F1----B1----------............", lines[1].TrimEnd());
        Assert.DoesNotContain('\u001b', outcome.Output);
    }

    [Fact]
    public void Schedule_All_ComparesThemAndSaysWhatIsLeftOut()
    {
        JsonElement json = Executable.Run("plan", "schedule", "--ranks", "8", "--micro-batches", "20", "--json").Ends(0).Json();
        Dictionary<string, double> bubbles = json.GetProperty("schedules").EnumerateArray().ToDictionary(one => one.GetProperty("schedule").GetString()!, one => one.GetProperty("bubble").GetDouble());
        Assert.Equal(new Dictionary<string, double> { ["gpipe"] = 21, ["1f1b"] = 21, ["zb1p"] = 7, ["zbv"] = 3.5, ["dualpipe"] = 6, ["dualpipev"] = 7 }, bubbles);
        Assert.Contains("24 would do", json.GetProperty("refused")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Schedule_TooFewMicroBatches_SaysWhatWouldDo() =>
        Executable.Run("plan", "schedule", "--schedule", "dualpipe", "--ranks", "8", "--micro-batches", "10").Says(2, "10 are too few for 8 ranks", "at least 16");

    [Fact]
    public void Schedule_NegativeTime_SaysWhatIsAllowed() => Executable.Run("plan", "schedule", "--forward", "-1").Says(2, "forward is -1", "0, or 1e-9 to 1e12");

    [Fact]
    public void Schedule_StagesPerRankOfAnotherSchedule_IsRefused() => Executable.Run("plan", "schedule", "--schedule", "zbv", "--stages-per-rank", "3").Says(2, "--stages-per-rank", "zbv");

    [Fact]
    public void Experts_Json_HasTheBalancersThreeTables()
    {
        string file = _folder.Write("loads.json", """{"weight": [[90, 2, 2, 2]], "num_replicas": 8, "num_groups": 1, "num_nodes": 1, "num_gpus": 4, "note": "x"}""");
        JsonElement json = Executable.Run("plan", "experts", file, "--json").Ends(0).Json();
        Assert.Equal("[[5,1,1,1]]", json.GetProperty("logcnt").GetRawText());
        Assert.Equal(8, json.GetProperty("phy2log")[0].GetArrayLength());
        Assert.Equal(5, json.GetProperty("log2phy")[0][1].GetArrayLength());
        Assert.Equal("[[36,20,20,20]]", json.GetProperty("loadsOfGpus").GetRawText());
    }

    [Fact]
    public void Experts_BrokenFile_NamesFileAndPlace()
    {
        Executable.Run("plan", "experts", _folder.Write("a.json", "{\"weight\": [[1, }")).Says(1, "a.json", "not JSON");
        Executable.Run("plan", "experts", _folder.Write("b.json", """{"weight": [[1]], "num_replicas": 3, "num_groups": 1, "num_nodes": 1, "num_gpus": 2}""")).Says(1, "b.json", "num_replicas is 3", "from 2");
        Executable.Run("plan", "experts", _folder.In("none.json")).Says(2, "none.json");
    }
}
