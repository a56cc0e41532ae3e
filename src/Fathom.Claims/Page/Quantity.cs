// Numbers as the page writes them: about three digits, with the unit's usual multiples.

using System.Globalization;

namespace Fathom.Claims.Page;

/// <summary>Writes numbers, by the invariant culture.</summary>
static class Quantity
{
    /// <summary>About four significant digits, without multiples.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1e15 => value.ToString("0.###e0", CultureInfo.InvariantCulture),
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.##", CultureInfo.InvariantCulture),
        >= 0.01 => value.ToString("0.####", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###e0", CultureInfo.InvariantCulture),
    };

    /// <summary>With the multiples K, M, B, T, as in 2.66M; powers of ten beyond them.</summary>
    public static string Multiple(double value, string unit = "")
    {
        if (Math.Abs(value) >= 1e15)
            return Number(value) + (unit.Length > 0 ? " " + unit : "");
        (double divisor, string sign) = Math.Abs(value) switch { >= 1e12 => (1e12, "T"), >= 1e9 => (1e9, "B"), >= 1e6 => (1e6, "M"), >= 1e4 => (1e3, "K"), _ => (1.0, "") };
        double share = value / divisor;
        string format = Math.Abs(share) switch { >= 1000 => "#,0", >= 100 => "0", >= 10 => "0.#", _ => "0.##" };
        return share.ToString(format, CultureInfo.InvariantCulture) + sign + (unit.Length > 0 ? " " + unit : "");
    }

    /// <summary>Device hours, in thousands from ten thousand on, as the reports write them: 2,664K h.</summary>
    public static string Hours(double hours) => hours >= 1e4
        ? (hours / 1000).ToString(hours < 1e5 ? "0.#" : "#,0", CultureInfo.InvariantCulture) + "K h"
        : hours.ToString(hours < 100 ? "0.#" : "#,0", CultureInfo.InvariantCulture) + " h";

    /// <summary>Dollars.</summary>
    public static string Dollars(decimal amount) => amount switch
    {
        >= 1_000_000 => (amount / 1_000_000).ToString("$0.00", CultureInfo.InvariantCulture) + "M",
        >= 10_000 => (amount / 1000).ToString("$#,0", CultureInfo.InvariantCulture) + "K",
        _ => amount.ToString("$#,0", CultureInfo.InvariantCulture),
    };

    /// <summary>Bytes in decimal multiples.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        >= 1e12 => (bytes / 1e12).ToString("0.00", CultureInfo.InvariantCulture) + " TB",
        >= 1e9 => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture) + " GB",
        _ => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture) + " MB",
    };

    /// <summary>Operations in the multiples G, T, P, E.</summary>
    public static string Flops(double flops)
    {
        (double divisor, string sign) = flops switch { >= 1e21 => (1e21, "Z"), >= 1e18 => (1e18, "E"), >= 1e15 => (1e15, "P"), >= 1e12 => (1e12, "T"), >= 1e9 => (1e9, "G"), _ => (1e6, "M") };
        return (flops / divisor).ToString(flops / divisor >= 100 ? "#,0" : "0.0#", CultureInfo.InvariantCulture) + " " + sign + "FLOP";
    }

    /// <summary>A share of 1 in percent.</summary>
    public static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    /// <summary>A difference in percent with its sign.</summary>
    public static string Change(double share) => (share * 100).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) + "%";
}
