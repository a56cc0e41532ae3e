// The page as a whole: well formed, self-contained, complete, and safe from what stands in its data.

using System.Globalization;
using System.Xml.Linq;
using Fathom.Claims.Page;
using Fathom.Planning.Training;

namespace Fathom.Claims.Tests.Page;

public class ClaimsPageTests
{
    static readonly XDocument s_page = XDocument.Parse(PageClaims.Html);

    static IEnumerable<XElement> All(string name) => s_page.Descendants().Where(element => element.Name.LocalName == name);

    static double[] Data(string attribute) =>
        [.. s_page.Descendants().Attributes(attribute).Select(value => double.Parse(value.Value, CultureInfo.InvariantCulture))];

    [Fact]
    public void Page_EveryClaim_IsThereWithAllItHas()
    {
        foreach (Claim claim in PageClaims.Topics.SelectMany(topic => topic.Claims))
        {
            XElement row = Assert.Single(All("article"), article => (string?)article.Attribute("id") == claim.Id);
            foreach (string text in new[] { claim.Statement, claim.Value, claim.Command, claim.VerdictText, claim.KindText, claim.Figures[0].Name, claim.Figures[0].Source })
                Assert.Contains(text, row.Value, StringComparison.Ordinal);
            Assert.Contains(All("a"), link => (string?)link.Attribute("href") == "#" + claim.Id);
        }
    }

    [Fact]
    public void Page_Summary_CountsEveryVerdict()
    {
        string[] tiles = [.. All("div").Where(div => (string?)div.Attribute("class") == "tile").Select(tile => tile.Descendants("b").Single().Nodes().OfType<XText>().Single().Value)];
        Assert.Equal(["4", "1", "1", "1", "1", "3"], tiles);
    }

    [Fact]
    public void Page_Measurement_ShowsMeanDeviationRunsAndSeeds()
    {
        string row = All("article").Single(article => (string?)article.Attribute("id") == "A6").Value;
        foreach (string text in new[] { "0.4125", "± 0.0375", "nats", "seeds 1, 2, 3", "fathom claims --measure A6", "a method", "a summary" })
            Assert.Contains(text, row, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_NothingFromOutside()
    {
        string[] places = ["src", "srcset", "action", "data", "xlink:href", "poster", "background"];
        Assert.DoesNotContain(s_page.Descendants().Attributes(), attribute => places.Contains(attribute.Name.LocalName));
        Assert.All(s_page.Descendants().Attributes("href"), link => Assert.StartsWith("#", link.Value, StringComparison.Ordinal));
        Assert.DoesNotContain(s_page.Descendants(), element => element.Name.LocalName is "script" or "link" or "iframe" or "object" or "embed" or "img" or "image" or "base");
        Assert.DoesNotContain(s_page.Descendants().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        foreach (XElement style in All("style"))
        {
            Assert.DoesNotContain("url(", style.Value, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("@import", style.Value, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Page_HostileText_IsTextOnly()
    {
        // What an element or attribute of the hostile text would leave in the parsed page; its text must be there unchanged.
        XElement row = All("article").Single(article => (string?)article.Attribute("id") == "E1");
        Assert.Equal(PageClaims.Hostile, row.Descendants("h3").First().Value);
        Assert.Contains(All("h2"), heading => heading.Value == PageClaims.Hostile);
        Assert.DoesNotContain("<script", PageClaims.Html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", PageClaims.Html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Page_Pictures_AreNamedAndInTheirFrames()
    {
        Assert.NotEmpty(All("svg"));
        Assert.All(All("svg"), picture => Assert.NotEqual("", (string?)picture.Attribute("aria-label") ?? ""));
        Assert.All(All("figure"), figure => Assert.NotEqual("", figure.Element("figcaption")!.Element("h3")!.Value));
    }

    [Fact]
    public void Page_NoBrokenNumbers()
    {
        foreach (string broken in new[] { "NaN", "∞", "Infinity" })
            Assert.DoesNotContain(broken, PageClaims.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void Topics_WithoutClaims_StillMakeAPage() =>
        Assert.Contains("Nothing yet", XDocument.Parse(ClaimsPage.Html([new("Nothing yet", [])])).Root!.Value, StringComparison.Ordinal);

    [Fact]
    public void CostByPart_PiecesAreThePlansParts()
    {
        StagePlan stage = TrainingPresets.Plan("deepseek-v3").Stages[0];
        double[] pieces = [.. All("figure").First().Descendants("rect").Attributes("data-hours").Select(value => double.Parse(value.Value, CultureInfo.InvariantCulture))];
        Assert.Equal(stage.Parts.Select(part => part.Value), pieces);
        // Their lengths are in the same proportion: together the whole width of 1160, each rounded to 0.01.
        double width = All("figure").First().Descendants("rect").Where(rect => rect.Attribute("data-hours") is not null).Sum(rect => (double)rect.Attribute("width")!);
        Assert.Equal(1160, width, pieces.Length * 0.005);
    }

    [Fact]
    public void PublishedHours_DotsAreThePlans()
    {
        string[] presets = ["deepseek-v3", "deepseek-v2", "deepseek-67b", "llama-3.1-405b", "r1-zero"];
        Assert.Equal(presets.Select(preset => TrainingPresets.Plan(preset).Stages[0].Hours), Data("data-planned"));
    }

    [Fact]
    public void StagePipeline_BoxesAreThePlansStages()
    {
        TrainingPlan v3 = TrainingPresets.Plan("deepseek-v3"), zero = TrainingPresets.Plan("r1-zero"), r1 = TrainingPresets.Plan("r1");
        double[] boxes = [.. All("g").Attributes("data-hours").Select(value => double.Parse(value.Value, CultureInfo.InvariantCulture))];
        Assert.Equal(6, boxes.Length);
        // V3-Base, then R1's four stages in order, then R1-Zero; sums of a few hours each, in double.
        Assert.Equal(v3.Stages.Where(stage => stage.Kind != "sft").Sum(stage => stage.Hours), boxes[0], 1e-6);
        Assert.Equal(r1.Hours, boxes[1..5].Sum(), 1e-6);
        Assert.Equal(zero.Hours, boxes[5], 1e-6);
    }

    [Fact]
    public void Write_MakesTheFile()
    {
        string path = Path.Combine(Path.GetTempPath(), $"fathom-claims-{Guid.NewGuid():N}.html");
        try
        {
            ClaimsPage.Write(path, []);
            Assert.Equal(ClaimsPage.Html([]), File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
