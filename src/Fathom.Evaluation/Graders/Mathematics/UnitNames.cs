// Units that answers carry. Units are not part of what is compared, except that two measures in units of one dimension are brought to the same unit.
using System.Collections.Frozen;
using System.Numerics;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Knows units by their names.</summary>
internal static class UnitNames
{
    // dimension: (name, how many base units it is, as numerator and denominator)
    static readonly (string Dimension, (string Names, long Numerator, long Denominator)[] Units)[] table =
    [
        ("length", [("m meter meters metre metres", 1, 1), ("cm centimeter centimeters centimetre centimetres", 1, 100), ("mm millimeter millimeters millimetre millimetres", 1, 1000), ("km kilometer kilometers kilometre kilometres", 1000, 1), ("dm decimeter decimeters", 1, 10),
            ("ft foot feet", 3048, 10000), ("inch inches", 254, 10000), ("yd yard yards", 9144, 10000), ("mi mile miles", 1609344, 1000)]),
        ("mass", [("g gram grams gm", 1, 1), ("kg kilogram kilograms kgs", 1000, 1), ("mg milligram milligrams", 1, 1000), ("lb lbs pound pounds", 45359237, 100000), ("oz ounce ounces", 45359237, 1600000)]),
        ("time", [("s second seconds sec secs", 1, 1), ("min minute minutes mins", 60, 1), ("h hr hrs hour hours", 3600, 1), ("day days", 86400, 1), ("week weeks", 604800, 1)]),
        ("volume", [("l liter liters litre litres", 1, 1), ("ml milliliter milliliters millilitre millilitres", 1, 1000)]),
        ("money", [("dollar dollars usd", 1, 1), ("cent cents", 1, 100)]),
    ];

    static readonly FrozenSet<string> others = new[]
    {
        "mph", "kmph", "kph", "rpm", "hz", "khz", "mhz", "kpa", "ev", "kev", "mev", "kj", "kw", "kwh", "mol", "mole", "moles", "rad", "rads", "radian", "radians", "sq", "cc", "amu", "atm", "erg", "ergs", "nm", "unit", "units", "percent", "gal", "gallon", "gallons", "acre", "acres", "year", "years", "yr", "yrs", "month", "months",
        "rupees", "pesos", "euros", "yuan", "bits", "bit",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    static readonly FrozenDictionary<string, (string Dimension, Rational Factor)> known = table
        .SelectMany(row => row.Units.SelectMany(unit => unit.Names.Split(' ').Select(name => (name, (row.Dimension, Rational.Of(unit.Numerator, unit.Denominator))))))
        .ToFrozenDictionary(pair => pair.name, pair => pair.Item2, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a word of two or more letters is a unit.</summary>
    public static bool IsUnit(string word) => word.Length > 1 && (known.ContainsKey(word) || others.Contains(word));

    /// <summary>Whether one letter is often a unit: m, s, g, h, l.</summary>
    public static bool IsUnitLetter(string letter) => letter is "m" or "s" or "g" or "h" or "l" or "L" or "V" or "J" or "N" or "W" or "A" or "K" or "C" or "F";

    /// <summary>The factor that brings a measure in one unit to another unit of the same dimension; null where one of them is not known or they are of different
    /// dimensions.</summary>
    public static Rational? Factor(string from, string to) =>
        known.TryGetValue(from.Trim(), out var a) && known.TryGetValue(to.Trim(), out var b) && a.Dimension == b.Dimension ? a.Factor / b.Factor : null;
}
