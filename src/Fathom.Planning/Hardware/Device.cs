// A kind of device as plans see it: what it computes, holds, moves, draws and costs. The known ones are in catalogue.json.

using Fathom.Models.Configs;

namespace Fathom.Planning.Hardware;

/// <summary>What matrices are multiplied in.</summary>
public enum Precision
{
    /// <summary>32-bit floating point.</summary>
    Fp32,
    /// <summary>32-bit operands, rounded to 19 bits.</summary>
    Tf32,
    /// <summary>bfloat16 (on devices older than it, binary16 at the same rate).</summary>
    Bf16,
    /// <summary>8-bit floating point, blocks scaled as in the DeepSeek-V3 report, section 3.3.</summary>
    Fp8,
    /// <summary>4-bit floating point.</summary>
    Fp4,
}

/// <summary>A price with the provider and the date it was seen.</summary>
/// <param name="Provider">Who asks it.</param>
/// <param name="Date">Year, month or day, as known.</param>
/// <param name="Amount">Money: per hour where rented.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="Source">Where it is from.</param>
public sealed record DevicePrice(string Provider, string Date, decimal Amount, string Currency, string Source);

/// <summary>A kind of device.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Title">Full name.</param>
/// <param name="Rates">Peak dense rate by precision, FLOP/s.</param>
/// <param name="MemoryBytes">Memory of one device.</param>
/// <param name="MemoryBandwidth">Bandwidth of that memory, bytes/s.</param>
/// <param name="NodeBandwidth">Bandwidth to the other devices of the node, bytes/s in one direction.</param>
/// <param name="NetworkBandwidth">Share of a device in the bandwidth between nodes, bytes/s in one direction.</param>
/// <param name="DevicesPerNode">Devices per node.</param>
/// <param name="Watts">Greatest power of one device.</param>
/// <param name="Rents">Prices per device hour, the one plans use first.</param>
/// <param name="Purchases">Prices of one device.</param>
public sealed record Device(
    string Name, string Title, IReadOnlyDictionary<Precision, Figure> Rates, Figure MemoryBytes, Figure MemoryBandwidth, Figure NodeBandwidth,
    Figure NetworkBandwidth, int DevicesPerNode, Figure Watts, IReadOnlyList<DevicePrice> Rents, IReadOnlyList<DevicePrice> Purchases)
{
    /// <summary>Peak dense rate in FLOP/s.</summary>
    /// <exception cref="PlanException">The device does not compute in this precision; the message has those it does.</exception>
    public double Rate(Precision precision) => Rates.TryGetValue(precision, out Figure? rate)
        ? rate.Value
        : throw new PlanException($"{Title} does not compute in {NameOf(precision)}; it has {string.Join(", ", Rates.Keys.Select(NameOf))}.");

    /// <summary>Name of a precision on the command line.</summary>
    public static string NameOf(Precision precision) => precision.ToString().ToLowerInvariant();

    /// <summary>All numbers of the device with their sources.</summary>
    public IEnumerable<Figure> Figures =>
        [.. Rates.Values, MemoryBytes, MemoryBandwidth, NodeBandwidth, NetworkBandwidth, Watts,
            .. Rents.Select(rent => Figure.Money($"rent per hour, {rent.Provider}, {rent.Date}", rent.Amount, rent.Currency, rent.Source)),
            .. Purchases.Select(price => Figure.Money($"price, {price.Provider}, {price.Date}", price.Amount, price.Currency, price.Source))];

    /// <summary>The device of that name in the catalogue.</summary>
    /// <exception cref="PlanException">There is none; the message has the nearest name and all of them.</exception>
    public static Device Find(string name) => HardwareCatalog.All.FirstOrDefault(device => device.Name == name.ToLowerInvariant())
        ?? throw new PlanException($"there is no device '{name}'; did you mean '{NearestName.Of(name, HardwareCatalog.All.Select(device => device.Name))}'? Devices: {string.Join(", ", HardwareCatalog.All.Select(device => device.Name))}.");
}
