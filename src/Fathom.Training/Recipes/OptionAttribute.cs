// What marks a record's property as an option of recipes, and the facts about it that its type does not hold.

namespace Fathom.Training.Recipes;

/// <summary>
/// Marks a property as an option: a key that recipe files may set. The key is the property's name in camelCase, the default is what
/// a new record holds, the description is the property's XML summary; range and allowed values stand here. Reading, writing, the
/// schema and `--set` all follow from this one place.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute : Attribute
{
    /// <summary>Least allowed number (and least count of items for a list).</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>Greatest allowed number.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;

    /// <summary>Whether a number must be greater than <see cref="Minimum"/>, not only equal to it.</summary>
    public bool ExclusiveMinimum { get; init; }

    /// <summary>Whether a number must be less than <see cref="Maximum"/>, not only equal to it.</summary>
    public bool ExclusiveMaximum { get; init; }

    /// <summary>Whether a recipe must set the key.</summary>
    public bool Required { get; init; }

    /// <summary>Allowed texts; empty where any text is.</summary>
    public string[] Values { get; init; } = [];

    /// <summary>Whether a number lies in the range.</summary>
    internal bool Holds(double value) =>
        (ExclusiveMinimum ? value > Minimum : value >= Minimum) && (ExclusiveMaximum ? value < Maximum : value <= Maximum);

    /// <summary>The range in words, for error messages.</summary>
    internal string Range
    {
        get
        {
            string least = ExclusiveMinimum ? "greater than" : "at least";
            string most = ExclusiveMaximum ? "less than" : "at most";
            return (double.IsFinite(Minimum), double.IsFinite(Maximum)) switch
            {
                (true, true) => FormattableString.Invariant($"{least} {Minimum} and {most} {Maximum}"),
                (true, false) => FormattableString.Invariant($"{least} {Minimum}"),
                (false, true) => FormattableString.Invariant($"{most} {Maximum}"),
                _ => "any finite number",
            };
        }
    }
}
