// Serving plans and totals by the executable.
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public class PlanServeTests
{
    [Fact]
    public void Serve_PublishedDay_IsRightToTheDollar()
    {
        JsonElement plan = Executable.Run("plan", "serve", "--preset", "deepseek-day", "--explain", "--json").Ends(0).Json(), day = plan.GetProperty("published");
        Assert.Equal((87_072m, 562_100m, 562_027m), (day.GetProperty("cost").GetDecimal(), day.GetProperty("revenue").GetDecimal(), day.GetProperty("publishedRevenue").GetDecimal()));
        Assert.Equal((5.45m, 0.845m), (Math.Round(day.GetProperty("profitOverCost").GetDecimal(), 2), Math.Round(day.GetProperty("profitOverRevenue").GetDecimal(), 3)));
        Assert.Equal(24, plan.GetProperty("nodes").GetArrayLength());
        Assert.All(plan.GetProperty("explain").EnumerateArray(), figure => Assert.NotEmpty(figure.GetProperty("source").GetString()!));
    }

    [Fact]
    public void Serve_WronglyAsked_SaysWhatWouldWork()
    {
        Executable.Run("plan", "serve", "--input", "1B", "--device", "h801").Says(2, "'h801'", "'h800'");
        Executable.Run("plan", "serve", "--input", "1B", "--curve", "1,2").Says(2, "2 values", "24");
    }

    [Fact]
    public void Total_Preset_IsThePublishedEstimate()
    {
        JsonElement total = Executable.Run("plan", "total", "--preset", "semianalysis", "--failed-runs", "0", "--json").Ends(0).Json();
        Assert.Equal(2_572_560_000m, total.GetProperty("total").GetDecimal());
        Assert.Equal(["people", "ablations", "research", "data"], total.GetProperty("missing").EnumerateArray().Select(line => line.GetString()));
    }
}
