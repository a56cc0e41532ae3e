// Reads catalogue.json, which is part of this assembly: a mistake in it is a mistake of ours and fails the tests, not the user.

using System.Text.Json;

namespace Fathom.Planning.Hardware;

/// <summary>The known devices.</summary>
public static class HardwareCatalog
{
    sealed record Entry(
        string Name, string Title, Dictionary<string, double> Rates, string RateSource, double MemoryBytes, double MemoryBandwidth, string MemorySource,
        double NodeBandwidth, string NodeSource, double NetworkBandwidth, string NetworkSource, int DevicesPerNode, double Watts,
        DevicePrice[] Rents, DevicePrice[] Purchases);

    sealed record Catalog(Dictionary<string, string> Sources, Entry[] Devices);

    /// <summary>Every device of the catalogue.</summary>
    public static IReadOnlyList<Device> All { get; } = Load();

    static Device[] Load()
    {
        using Stream stream = typeof(HardwareCatalog).Assembly.GetManifestResourceStream("Fathom.Planning.Hardware.catalogue.json")!;
        Catalog catalog = JsonSerializer.Deserialize<Catalog>(stream, JsonSerializerOptions.Web)!;
        return [.. catalog.Devices.Select(entry => Create(entry, catalog.Sources))];
    }

    static Device Create(Entry entry, Dictionary<string, string> sources) => new(
        entry.Name, entry.Title,
        entry.Rates.ToDictionary(rate => Enum.Parse<Precision>(rate.Key, ignoreCase: true), rate => new Figure($"peak rate in {rate.Key}", rate.Value, "FLOP/s", sources[entry.RateSource])),
        new("memory", entry.MemoryBytes, "bytes", sources[entry.MemorySource]),
        new("memory bandwidth", entry.MemoryBandwidth, "bytes/s", sources[entry.MemorySource]),
        new("bandwidth inside the node", entry.NodeBandwidth, "bytes/s", sources[entry.NodeSource]),
        new("bandwidth between nodes", entry.NetworkBandwidth, "bytes/s", sources[entry.NetworkSource]),
        entry.DevicesPerNode,
        new("power", entry.Watts, "W", sources[entry.RateSource]),
        entry.Rents, entry.Purchases);
}
