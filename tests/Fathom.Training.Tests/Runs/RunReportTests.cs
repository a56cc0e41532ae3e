// The report: made from the files alone, well-formed, escaped, and there at every stage of a run's life.

using System.Xml;
using System.Xml.Linq;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Training.Tests.Runs;

public sealed class RunReportTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Run => folder.In("run");

    static MetricRecord Metrics(string stage, string kind, long step, params Metric[] values) => new(stage, kind, step, step, 100, 1, values);

    static SampleRecord Sample(string stage, string prompt, string response, bool correct) => new(stage, "evaluate", 1, prompt, "4", response, correct, 3, []);

    /// <summary>The page as XML: everything between the style sheet and the end is written so that it parses.</summary>
    XElement Body()
    {
        string html = RunReport.Render(Run);
        int start = html.IndexOf("<main>", StringComparison.Ordinal), end = html.IndexOf("</body>", StringComparison.Ordinal);
        try
        {
            return XElement.Parse(html[start..end]);
        }
        catch (XmlException e)
        {
            throw new InvalidOperationException($"The page is not well-formed: {e.Message}", e);
        }
    }

    static IEnumerable<XElement> Charts(XElement body) => body.Descendants("figure");

    static string Title(XElement chart) => chart.Descendants("h3").Single().Value;

    [Fact]
    public void Render_RunThatHasJustBegun_IsAPageWithoutCharts()
    {
        RunFolder.Create(Run, RecipeFile.Load("pico-r1")).Dispose();
        XElement body = Body();
        Assert.Equal("pico-r1", body.Descendants("h1").Single().Value);
        Assert.Empty(Charts(body));
    }

    [Fact]
    public void Render_Metrics_DrawsAChartPerMetricWithItsLastValue()
    {
        using (RunFolder run = RunFolder.Create(Run, RecipeFile.Load("pico-r1")))
        {
            for (int step = 1; step <= 50; step++)
                run.AppendMetrics(Metrics("base", "pretrain", step, new(MetricNames.Loss, 5.0 / step), new(MetricNames.MaxVio, double.NaN)));
            run.AppendMetrics(Metrics("evaluate-base", "evaluate", 51, new(MetricNames.PassAt1, 0.125), new(MetricNames.StandardError, 0.01)));
        }
        XElement[] charts = [.. Charts(Body())];
        Assert.Equal(["pass@1 12.5%", "Loss 0.1"], charts.Select(Title));
        // 50 noisy points: a thin line of all and a thick one of their mean.
        Assert.Equal(2, charts[1].Descendants("polyline").Count());
        Assert.Equal(50, charts[1].Descendants("polyline").First().Attribute("points")!.Value.Split(' ').Length);
        Assert.Single(charts[0].Descendants("line"), line => line.Attribute("class")?.Value.StartsWith("error", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Render_AnyNumberOfPoints_StaysInsideTheFrame(int count)
    {
        using (RunFolder run = RunFolder.Create(Run, RecipeFile.Load("pico-r1")))
        {
            for (int step = 1; step <= count; step++)
            {
                run.AppendMetrics(Metrics("rl", "rl", step,
                    new(MetricNames.Reward, Math.Sin(step) * 1e-3 - 5), new(MetricNames.MaxLogProbGap, Math.Pow(10, -step % 9)), new(MetricNames.Kl, 0)));
            }
        }
        XElement[] charts = [.. Charts(Body())];
        Assert.Equal(3, charts.Length);
        foreach (XElement chart in charts)
        {
            double[] box = [.. chart.Element("svg")!.Attribute("viewBox")!.Value.Split(' ').Select(double.Parse)];
            var points = chart.Descendants("polyline").SelectMany(line => line.Attribute("points")!.Value.Split(' ')).Select(point => point.Split(',').Select(double.Parse).ToArray())
                .Concat(chart.Descendants("circle").Select(dot => new[] { (double)dot.Attribute("cx")!, (double)dot.Attribute("cy")! }));
            Assert.All(points, point => Assert.True(point[0] >= 0 && point[0] <= box[2] && point[1] >= 0 && point[1] <= box[3], $"{point[0]},{point[1]} outside {box[2]} x {box[3]}"));
        }
    }

    [Fact]
    public void Render_Samples_PairsStagesDimsReasoningAndEscapes()
    {
        const string nasty = "2 + 2 = <script>alert(\"x\")</script> & 'y'";
        using (RunFolder run = RunFolder.Create(Run, RecipeFile.Load("pico-r1")))
        {
            run.AppendSample(Sample("evaluate-base", "never learnt", "7", false));
            run.AppendSample(Sample("evaluate-base", nasty, "<b>5</b>", false));
            run.AppendSample(Sample("evaluate-rl", "never learnt", "7", false));
            run.AppendSample(Sample("evaluate-rl", nasty, "<think>2, 3, <i>4</think>4", true));
        }
        string html = RunReport.Render(Run);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        XElement[] samples = [.. Body().Descendants("div").Where(div => div.Attribute("class")?.Value == "card sample")];
        Assert.Equal([nasty, "never learnt"], samples.Select(sample => sample.Element("h3")!.Value));
        XElement[] responses = [.. samples[0].Descendants("pre")];
        Assert.Equal(["<b>5</b>", "<think>2, 3, <i>4</think>4"], responses.Select(response => response.Value));
        Assert.Equal("<think>2, 3, <i>4</think>", responses[1].Element("span")!.Value);
        Assert.Null(responses[0].Element("span"));
        Assert.Equal(["✗ wrong", "✓ right"], samples[0].Descendants("span").Where(span => span.Attribute("class")?.Value is "right" or "wrong").Select(span => span.Value));
    }

    [Fact]
    public void Render_LineBeingWritten_IsLeftOutAndADamagedLineIsNamed()
    {
        RunFolder.Create(Run, RecipeFile.Load("pico-r1")).Dispose();
        string metrics = Path.Combine(Run, RunFiles.Metrics);
        File.WriteAllText(metrics, """{"stage":"base","kind":"pretrain","step":1,"globalStep":1,"tokens":1,"seconds":1,"loss":2}""" + "\n{\"stage\":");
        Assert.Equal("Loss 2", Title(Assert.Single(Charts(Body()))));
        File.AppendAllText(metrics, "\n");
        Assert.StartsWith($"'{metrics}', line 2: damaged: ", Assert.Throws<RunException>(() => RunReport.Render(Run)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_NoRun_SaysSo() =>
        Assert.Equal($"The folder '{folder.Path}' holds no run: recipe.json is missing.", Assert.Throws<RunException>(() => RunReport.Render(folder.Path)).Message);
}
