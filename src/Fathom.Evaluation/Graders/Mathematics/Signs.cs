// a ± b written out: one tree with every upper sign, one with every lower sign.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Resolves ± and ∓.</summary>
internal static class Signs
{
    /// <summary>Whether an expression, or an item of a list, has ± in it. Lists within expressions are not looked into.</summary>
    public static bool HasBoth(Expression expression) => expression switch
    {
        Enumeration list => list.Items.Any(IsOpen),
        SetOf set => set.Items.Any(IsOpen),
        _ => IsOpen(expression),
    };

    // Looks where Choose decides, so that nothing is open after it.
    static bool IsOpen(Expression expression) => expression switch
    {
        PlusMinus => true,
        Sum sum => sum.Terms.Any(IsOpen),
        Product product => product.Factors.Any(IsOpen),
        Quotient quotient => IsOpen(quotient.Numerator) || IsOpen(quotient.Denominator),
        Negation negation => IsOpen(negation.Operand),
        Power power => IsOpen(power.Base) || IsOpen(power.Exponent),
        Call call => call.Arguments.Any(IsOpen),
        Relation relation => relation.Sides.Any(IsOpen),
        _ => false,
    };

    /// <summary>The list of both readings; in lists each item with ± becomes two.</summary>
    public static Expression Expand(Expression expression) => expression switch
    {
        Enumeration list => new Enumeration([.. list.Items.SelectMany(Both)]),
        SetOf set => new SetOf([.. set.Items.SelectMany(Both)]),
        _ => new Enumeration([.. Both(expression)]),
    };

    static IEnumerable<Expression> Both(Expression item) => IsOpen(item) ? [Choose(item, upper: true), Choose(item, upper: false)] : [item];

    static Expression Choose(Expression expression, bool upper)
    {
        switch (expression)
        {
            case PlusMinus both:
                Expression right = Choose(both.Right, upper), term = upper != both.Inverted ? right : new Negation(right);
                return both.Left is null ? term : new Sum([Choose(both.Left, upper), term]);
            case Sum sum:
                return new Sum([.. sum.Terms.Select(part => Choose(part, upper))]);
            case Product product:
                return new Product([.. product.Factors.Select(part => Choose(part, upper))]);
            case Quotient quotient:
                return new Quotient(Choose(quotient.Numerator, upper), Choose(quotient.Denominator, upper));
            case Negation negation:
                return new Negation(Choose(negation.Operand, upper));
            case Power power:
                return new Power(Choose(power.Base, upper), Choose(power.Exponent, upper));
            case Call call:
                return new Call(call.Function, [.. call.Arguments.Select(part => Choose(part, upper))]);
            case Relation relation:
                return new Relation([.. relation.Sides.Select(part => Choose(part, upper))], relation.Operators);
            default:
                return expression;
        }
    }
}
