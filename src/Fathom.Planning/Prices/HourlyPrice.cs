// What an hour of hardware costs, and who says so.

using Fathom.Planning.Hardware;

namespace Fathom.Planning.Prices;

/// <summary>A price per hour.</summary>
/// <param name="Amount">Money per hour.</param>
/// <param name="Currency">ISO 4217 code of the currency.</param>
/// <param name="Source">Where the price comes from.</param>
public sealed record HourlyPrice(decimal Amount, string Currency, string Source)
{
    /// <summary>The rental price that DeepSeek assumes for its H800s.</summary>
    public static HourlyPrice H800Rental { get; } = Of(Device.Find("h800").Rents[0]);

    /// <summary>A rent of the catalogue.</summary>
    public static HourlyPrice Of(DevicePrice rent) => new(rent.Amount, rent.Currency, rent.Source);

    /// <summary>Price of some hours; negative hours have no price.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="hours"/> is negative.</exception>
    public decimal For(decimal hours)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hours);
        return Amount * hours;
    }
}
