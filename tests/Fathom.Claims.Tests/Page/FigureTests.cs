// The figures hold the numbers of the planner, the price book, the simulator and the tables, and nothing else.

using System.Globalization;
using System.Xml.Linq;
using Fathom.Claims.Page;
using Fathom.Evaluation.Benchmarks;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Planning.Prices;
using Fathom.Planning.Schedules;

namespace Fathom.Claims.Tests.Page;

public class FigureTests
{
    static readonly XDocument s_page = XDocument.Parse(PageClaims.Html);

    static XElement Figure(string title) =>
        s_page.Descendants("figure").Single(figure => figure.Element("figcaption")!.Element("h3")!.Value.StartsWith(title, StringComparison.Ordinal));

    static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    [Fact]
    public void PolicyOptimisation_PpoTrainsTwoModels_GrpoOne()
    {
        XElement figure = Figure("PPO and GRPO");
        XElement[] models = [.. figure.Descendants("g").Where(group => group.Attribute("data-model") is not null)];
        Assert.Equal(["policy", "reference", "reward", "value", "policy", "rule", "reference"], models.Select(model => (string)model.Attribute("data-model")!));
        // 16 bytes of each trained parameter, 2 of each frozen one: ZeRO, section 3.1.
        double parameters = new ModelCounts(Presets.DeepSeekV3).Parameters;
        Assert.Equal([16, 2, 2, 16, 16, 0, 2], models.Select(model => Number(model, "data-bytes") / parameters));
        double[] totals = [.. figure.Descendants("text").Where(text => text.Attribute("data-bytes") is not null).Select(text => Number(text, "data-bytes") / parameters)];
        Assert.Equal([36, 18], totals);
    }

    [Fact]
    public void PolicyOptimisation_OperationsAreThoseOfTheShape()
    {
        XElement[] models = [.. Figure("PPO and GRPO").Descendants("g").Where(group => group.Attribute("data-model") is not null)];
        ModelCounts counts = new(Presets.DeepSeekV3);
        double forward = counts.ForwardFlopsPerToken(4096);
        Assert.Equal([counts.DecodeFlopsPerToken(4096) + 3 * forward, forward, forward, 4 * forward], models[..4].Select(model => Number(model, "data-flops")));
        Assert.Equal(0, Number(models[5], "data-flops"));
    }

    [Fact]
    public void Distillation_MarksWhatDeepSeekPublished_AndSaysThatNothingIsMeasured()
    {
        XElement figure = Figure("Distillation");
        XElement[] rows = [.. figure.Descendants("tbody").Single().Elements("tr")];
        Assert.Equal(5, rows.Length);
        Assert.All(rows, row => Assert.Equal(4, row.Elements("td").Count()));
        (int, int)[] published = [.. from row in Enumerable.Range(0, 5) from column in Enumerable.Range(0, 4) where rows[row].Elements("td").ElementAt(column).Value.Contains("published by DeepSeek") select (row, column)];
        Assert.Equal([(0, 0), (2, 0)], published); // labelling and curation, with fine-tuning
        Assert.Contains("19 of 20 cells", figure.Value, StringComparison.Ordinal);
        Assert.Contains("None of them is measured here yet", figure.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Schedules_BubblesAreThoseOfTheTable()
    {
        // deepseek-ai/DualPipe's table with F = 1, B = 2, W = 1, F&B = 3: 7 x 3, 7 x 1, 3 x 2; DualPipeV has 16 stages half as long: 7 x 2 / 2.
        XElement table = s_page.Descendants("table").Single(table => table.Element("caption")!.Value.StartsWith("F = 1", StringComparison.Ordinal));
        string[][] rows = [.. table.Element("tbody")!.Elements("tr").Select(row => row.Elements("td").Select(cell => cell.Value).ToArray())];
        Assert.Equal(["1F1B", "ZB1P (ZB-H1)", "DualPipe", "DualPipeV"], rows.Select(row => row[0]));
        Assert.Equal(["21", "7", "6", "7"], rows.Select(row => row[1]));
        Assert.Equal(rows.Select(row => row[1]), rows.Select(row => row[2]));
        XElement picture = s_page.Descendants().Single(element => element.Name.LocalName == "svg" && (string?)element.Attribute("class") == "schedule");
        int cells = new[] { "1f1b", "zb1p", "dualpipe", "dualpipev" }.Sum(name =>
        {
            ScheduleTimeline timeline = ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(8, 20), StepTimes.Units);
            return Enumerable.Range(0, 8).Sum(rank => ScheduleCell.Of(timeline, rank).Count());
        });
        Assert.Equal(cells, picture.Descendants().Count(element => element.Name.LocalName == "title"));
    }

    [Fact]
    public void PriceLadder_EveryStepIsInTheBook()
    {
        string[] models = ["deepseek-chat", "deepseek-reasoner", "o3-mini"];
        TokenPrice[] rows = [.. models.SelectMany(model => PriceBook.Published.Of(model, "USD")).Where(row => row.Window is null)];
        XElement[] charts = [.. Figure("The price ladder").Descendants("svg")];
        Func<TokenPrice, decimal?>[] classes = [row => row.Hit, row => row.Miss, row => row.Output];
        Assert.Equal(classes.Length, charts.Length);
        foreach ((XElement chart, Func<TokenPrice, decimal?> of) in charts.Zip(classes))
        {
            XElement[] steps = [.. chart.Descendants("path").Where(path => path.Attribute("data-price") is not null)];
            Assert.Equal(rows.Select(of).Where(price => price is not null).Select(price => price!.Value), steps.Select(step => (decimal)step.Attribute("data-price")!));
            // From 0.01 at 270 to 10 at 46, logarithmic: three decades of 224 units; places are rounded to 0.1.
            foreach (XElement step in steps)
            {
                string d = (string)step.Attribute("d")!;
                string place = d.Contains('V') ? d[(d.IndexOf('V') + 1)..d.IndexOf('H')] : d[(d.IndexOf(',') + 1)..d.IndexOf('H')];
                Assert.Equal(270 - 224 * (Math.Log10((double)step.Attribute("data-price")!) + 2) / 3, double.Parse(place, CultureInfo.InvariantCulture), 0.051);
            }
        }
    }

    [Fact]
    public void Benchmarks_EveryScoreStandsInItsCell_AndTheBestAreCounted()
    {
        XElement table = Figure("R1 and five others").Descendants("table").First();
        string[] models = [.. table.Element("thead")!.Descendants("th").Select(head => head.Value)];
        int scores = 0;
        foreach (XElement row in table.Element("tbody")!.Elements("tr").Where(row => row.Attribute("class") is null))
        {
            foreach ((string model, XElement cell) in models.Zip(row.Elements("td")))
            {
                PublishedScore? score = PublishedScores.Evaluation.SingleOrDefault(score => score.Model == model && score.Title == row.Element("th")!.Value);
                string text = string.Concat(cell.Nodes().OfType<XText>().Select(node => node.Value));
                Assert.Equal(score is null ? "–" : score.Value.ToString(score.Metric == "rating" ? "0" : "0.0", CultureInfo.InvariantCulture), text.TrimStart('★', ' '));
                scores += score is null ? 0 : 1;
            }
        }
        Assert.Equal(PublishedScores.Evaluation.Count, scores);
        // Claim E2's counts: R1 6 of 10, o1-1217 3 of 5, R1 3 of 3, R1 2 of 3.
        XElement[] groups = [.. table.Descendants("tr").Where(row => (string?)row.Attribute("class") == "group")];
        int Wins(int group, string model) => int.Parse(groups[group].Elements("td").ElementAt(Array.IndexOf(models, model)).Value, CultureInfo.InvariantCulture);
        Assert.Equal([6, 3, 3, 2], [Wins(0, "DeepSeek-R1"), Wins(1, "OpenAI-o1-1217"), Wins(2, "DeepSeek-R1"), Wins(3, "DeepSeek-R1")]);
        Assert.Equal(21, groups.Sum(group => group.Elements("td").Sum(cell => int.Parse(cell.Value, CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void Benchmarks_Disagreements_AreNoted()
    {
        int differing = PublishedScores.Evaluation.Concat(PublishedScores.Distilled).Count(score => score.Other is not null);
        Assert.True(differing > 0);
        Assert.Equal(differing, s_page.Descendants("ol").Sum(list => list.Elements("li").Count()));
    }

    [Fact]
    public void Curves_EveryAxisPairIsAChart_WithItsLinesInside()
    {
        XElement row = s_page.Descendants("article").Single(article => (string?)article.Attribute("id") == "A6");
        XElement[] charts = [.. row.Descendants("svg")];
        Assert.Equal(3, charts.Length);
        Assert.Equal([2, 1, 1], charts.Select(chart => chart.Elements("polyline").Count()));
        XElement[] lines = [.. charts[0].Elements("polyline")];
        // Told apart without colour.
        Assert.Equal(lines.Length, lines.Select(line => (string?)line.Attribute("stroke-dasharray")).Distinct().Count());
        foreach (XElement line in charts.SelectMany(chart => chart.Elements("polyline")))
        {
            foreach (string[] point in ((string)line.Attribute("points")!).Split(' ').Select(point => point.Split(',')))
            {
                Assert.InRange(double.Parse(point[0], CultureInfo.InvariantCulture), 54, 408);
                Assert.InRange(double.Parse(point[1], CultureInfo.InvariantCulture), 24, 214);
            }
        }
        // 1e9 to 1e12 on a logarithmic axis: 1e10 stands at a third.
        double[] places = [.. ((string)charts[1].Element("polyline")!.Attribute("points")!).Split(' ').Select(point => double.Parse(point.Split(',')[0], CultureInfo.InvariantCulture))];
        Assert.Equal(1 / 3.0, (places[1] - places[0]) / (places[2] - places[0]), 0.001);
        Assert.Contains("logarithmic", charts[1].Value, StringComparison.Ordinal);
    }
}
