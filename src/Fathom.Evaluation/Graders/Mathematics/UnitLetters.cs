// Units of one letter, which look like variables: "5 m", "3 m/s^2".
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Takes letters that are units off an answer whose reference has no variables.</summary>
internal static class UnitLetters
{
    /// <summary>The number before the letters; null where the expression is not a number times letters of units.</summary>
    public static Expression? Strip(Expression expression)
    {
        switch (expression)
        {
            case Product { Factors: var factors } when factors.Skip(1).All(IsUnit):
                Expression first = factors[0];
                return ExpressionComparison.HasSymbols(first) ? Strip(first) : first;
            case Quotient quotient when IsUnit(quotient.Denominator):
                return ExpressionComparison.HasSymbols(quotient.Numerator) ? Strip(quotient.Numerator) : quotient.Numerator;
            case Negation negation:
                return Strip(negation.Operand) is { } inner ? new Negation(inner) : null;
            default:
                return null;
        }
    }

    static bool IsUnit(Expression expression) => expression switch
    {
        Symbol symbol => UnitNames.IsUnitLetter(symbol.Name) || UnitNames.IsUnit(symbol.Name),
        Power { Base: var inner, Exponent: Number or Negation { Operand: Number } } => IsUnit(inner),
        Quotient quotient => IsUnit(quotient.Numerator) && IsUnit(quotient.Denominator),
        Product product => product.Factors.All(IsUnit),
        _ => false,
    };
}
