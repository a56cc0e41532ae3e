// The catalogue is complete, consistent and sourced.

using Fathom.Planning.Hardware;

namespace Fathom.Planning.Tests;

public class HardwareCatalogTests
{
    [Fact]
    public void All_HasTheDevicesThatPlansName() =>
        Assert.Superset(new HashSet<string> { "a100", "h100", "h800", "h200", "h20", "b200", "mi300x", "v100" }, HardwareCatalog.All.Select(device => device.Name).ToHashSet());

    [Fact]
    public void All_NumbersArePositiveAndSourced()
    {
        foreach (Device device in HardwareCatalog.All)
        {
            Assert.All(device.Figures, figure => Assert.True(figure.Value > 0 && figure.Source.Length > 10, $"{device.Name}: {figure}"));
            Assert.NotEmpty(device.Rents);
            Assert.Equal(device.Rates.OrderBy(rate => rate.Key).Select(rate => rate.Value.Value), device.Rates.Select(rate => rate.Value.Value).Order());
            Assert.True(device.NetworkBandwidth.Value < device.NodeBandwidth.Value && device.NodeBandwidth.Value < device.MemoryBandwidth.Value, device.Name);
        }
    }

    [Fact]
    public void H800_IsAnH100_ButForItsLinks()
    {
        Device h800 = Device.Find("h800"), h100 = Device.Find("H100");
        Assert.Equal(h100.Rates.Values.Select(rate => rate.Value), h800.Rates.Values.Select(rate => rate.Value));
        // The V3 report's 3.2 experts per node for free.
        Assert.Equal(3.2, h800.NodeBandwidth.Value / h800.NetworkBandwidth.Value, 1e-12);
        Assert.Equal(9.0, h100.NodeBandwidth.Value / h100.NetworkBandwidth.Value, 1e-12);
    }

    [Fact]
    public void Find_Unknown_NamesTheNearestAndAll()
    {
        PlanException error = Assert.Throws<PlanException>(() => Device.Find("h900"));
        Assert.Contains("h800", error.Message, StringComparison.Ordinal);
        Assert.Contains("mi300x", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rate_OfAPrecisionItLacks_NamesThoseItHas() =>
        Assert.Contains("fp32, tf32, bf16", Assert.Throws<PlanException>(() => Device.Find("a100").Rate(Precision.Fp8)).Message, StringComparison.Ordinal);
}
