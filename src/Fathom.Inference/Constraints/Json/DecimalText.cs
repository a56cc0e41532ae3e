// Numbers of a schema, exactly.

using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Fathom.Inference.Constraints.Json;

/// <summary>The number <paramref name="Unscaled"/> / 10^<paramref name="Scale"/>.</summary>
readonly record struct DecimalText(BigInteger Unscaled, int Scale) : IComparable<DecimalText>
{
    /// <summary>Most digits before or behind the point.</summary>
    public const int MaxDigits = 64;

    public static DecimalText Parse(JsonElement number, string place)
    {
        string text = number.GetRawText();
        int exponentAt = text.IndexOfAny(['e', 'E']);
        string digits = exponentAt < 0 ? text : text[..exponentAt];
        int exponent = 0;
        if (exponentAt >= 0 && !int.TryParse(text[(exponentAt + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            || Math.Abs((long)exponent) > MaxDigits || digits.Length > 2 * MaxDigits)
            throw TooLong();
        int point = digits.IndexOf('.');
        int scale = (point < 0 ? 0 : digits.Length - point - 1) - exponent;
        BigInteger unscaled = BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        if (scale < 0)
            (unscaled, scale) = (unscaled * BigInteger.Pow(10, -scale), 0);
        while (scale > 0 && unscaled % 10 == 0)
            (unscaled, scale) = (unscaled / 10, scale - 1);
        return scale <= MaxDigits && BigInteger.Abs(unscaled) < BigInteger.Pow(10, 2 * MaxDigits) ? new DecimalText(unscaled, scale) : throw TooLong();

        ConstraintException TooLong() =>
            new(place, $"the number {(text.Length > 40 ? text[..40] + "…" : text)}; at most {MaxDigits} digits before and behind the point are allowed");
    }

    public DecimalText Negated => new(-Unscaled, Scale);

    /// <summary>The largest integer that is not larger.</summary>
    public BigInteger Floor
    {
        get
        {
            BigInteger quotient = BigInteger.DivRem(Unscaled, BigInteger.Pow(10, Scale), out BigInteger rest);
            return rest.Sign < 0 ? quotient - 1 : quotient;
        }
    }

    public bool IsInteger => Scale == 0;

    /// <summary>The digits behind the point of a number that is not negative; empty for an integer.</summary>
    public string Fraction => Scale == 0 ? "" : (Unscaled % BigInteger.Pow(10, Scale)).ToString(CultureInfo.InvariantCulture).PadLeft(Scale, '0');

    public int CompareTo(DecimalText other) =>
        (Unscaled * BigInteger.Pow(10, other.Scale)).CompareTo(other.Unscaled * BigInteger.Pow(10, Scale));

    public override string ToString() => Scale == 0 ? Unscaled.ToString(CultureInfo.InvariantCulture) : $"{Unscaled.ToString(CultureInfo.InvariantCulture)}e-{Scale}";
}

/// <summary>An end of a range of numbers.</summary>
/// <param name="Value">The number.</param>
/// <param name="Included">Whether it belongs to the range itself.</param>
readonly record struct Bound(DecimalText Value, bool Included);
