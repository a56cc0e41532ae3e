// Recorded results: what comes with the program, and files that are none.

namespace Fathom.Claims.Tests;

public class MeasurementTests
{
    static readonly Measurement s_result = new()
    {
        Id = "A6",
        Date = "2026-11-22",
        Machine = "two cores",
        Command = "fathom claims --measure A6",
        Seeds = [1, 2],
        Method = "a model",
        Verdict = Verdict.Reproduced,
        Summary = "it is so",
        Values = [MeasuredValue.Of("loss", [1, 3], "nats")],
        Series = [new("loss", "steps", "nats", [[0, 3], [1, 1]])],
    };

    [Fact]
    public void ToJson_IsReadBack()
    {
        string json = s_result.ToJson();
        Measurement read = Measurement.Parse(json, "A6.json");
        Assert.Equal(json, read.ToJson());
        Assert.Equal([1.0, 1.0], read.Series[0].Points[1]);
    }

    [Fact]
    public void Of_HasMeanAndDeviationOverRuns()
    {
        Assert.Equal(new MeasuredValue("loss", 2, Math.Sqrt(2), 2, "nats"), s_result.Values[0]);
        Assert.Null(MeasuredValue.Of("loss", [1], "nats").Deviation);
    }

    [Theory]
    [InlineData("null", "is null")]
    [InlineData("[]", "is no recorded result")]
    [InlineData("{\"id\":\"A6\"}", "date")]
    public void Parse_OfOtherText_NamesFileAndWhatIsWrong(string json, string part)
    {
        var error = Assert.Throws<InvalidDataException>(() => Measurement.Parse(json, "A6.json"));
        Assert.Contains("A6.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_OfAnUnknownVerdict_SaysWhatIsAllowed()
    {
        var error = Assert.Throws<InvalidDataException>(() => Measurement.Parse(s_result.ToJson().Replace("\"reproduced\"", "\"holds\"", StringComparison.Ordinal), "A6.json"));
        Assert.Contains("reproduced or notReproduced", error.Message, StringComparison.Ordinal);
    }
}
