// Pictures of schedules: well formed, self-contained, and every cell where the simulation says.

using System.Globalization;
using System.Xml.Linq;
using Fathom.Planning.Schedules;

namespace Fathom.Planning.Tests.Schedules;

public class SchedulePictureTests
{
    static ScheduleTimeline Run(string name, int ranks, int microBatches, StepTimes times) => ScheduleSimulator.Run(ScheduleCatalog.Find(name).Create(ranks, microBatches), times);

    [Fact]
    public void Svg_AllSchedules_HasACellPerWorkAndNothingFromOutside()
    {
        ScheduleTimeline[] timelines = [.. ScheduleCatalog.All.Select(kind => Run(kind.Name, 4, 8, StepTimes.Units with { Overlapped = 2.5 }))];
        XElement svg = XDocument.Parse(SchedulePicture.Svg(timelines)).Root!;
        int cells = timelines.Sum(timeline => Enumerable.Range(0, 4).Sum(rank => ScheduleCell.Of(timeline, rank).Count()));
        Assert.Equal(cells, svg.Descendants().Count(element => element.Name.LocalName == "title"));
        int pairs = timelines.Sum(timeline => timeline.Schedule.Steps.Sum(steps => steps.Count(step => step.Operation == Operation.Overlapped)));
        Assert.True(pairs > 0);
        Assert.Equal(pairs + 1, svg.Elements().Count(element => (string?)element.Attribute("stroke") == "#000")); // and the legend's
        Assert.DoesNotContain(svg.Descendants().Attributes(), attribute => attribute.Name.LocalName is "href" or "src" or "style");
        double width = double.Parse(svg.Attribute("width")!.Value, CultureInfo.InvariantCulture);
        Assert.All(svg.Elements().Where(element => element.Attribute("x") is not null && element.Attribute("width") is not null), rectangle =>
            Assert.InRange((double)rectangle.Attribute("x")! + (double)rectangle.Attribute("width")!, 0, width));
    }

    [Fact]
    public void Cells_OverlappedPair_AreNeighboursInProportion()
    {
        ScheduleTimeline timeline = Run("dualpipe", 4, 10, new(1, 3, 1, 3.5));
        ScheduleCell[] cells = [.. ScheduleCell.Of(timeline, 0)];
        int first = Array.FindIndex(cells, cell => cell.IsOverlapped);
        Assert.Equal(Operation.Forward, cells[first].Operation);
        Assert.Equal(Operation.Backward, cells[first + 1].Operation);
        Assert.Equal(3.5 / 4, cells[first].End - cells[first].Start, 12);
        Assert.Equal(cells[first].End, cells[first + 1].Start);
        Assert.Equal(3.5, cells[first + 1].End - cells[first].Start, 12);
        for (int i = 1; i < cells.Length; i++)
            Assert.True(cells[i].Start >= cells[i - 1].End);
    }

    [Fact]
    public void Svg_TooManySteps_SaysSo() =>
        Assert.Contains("at most 100000", Assert.Throws<ScheduleException>(() => SchedulePicture.Svg([Run("gpipe", 100, 501, StepTimes.Units)])).Message);
}
