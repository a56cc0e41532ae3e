// Whether two expressions have the same value everywhere: exactly where they are rational, otherwise to some seventy digits at several points.
using System.Numerics;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Compares numbers and expressions in variables.</summary>
internal sealed class ExpressionComparison(WorkBudget work)
{
    // Points that must agree, and points that are tried.
    const int MinPoints = 2, PositivePoints = 3, SignedPoints = 2, LargePoints = 2, IntegerPoints = 4;

    // Digits that make a decimal the print of a number and not a rounded answer.
    const int PrintedDigits = 10;

    // How far a value may be from a reference that is a rounded decimal, as a part of the reference.
    static readonly Rational decimalTolerance = Rational.Of(1, 9_990);

    // Significant digits that a decimal needs to be taken for a rounded one: 0.5 and 2.5 are exact.
    const int RoundedDigits = 3;

    /// <summary>Whether a variable occurs.</summary>
    public static bool HasSymbols(Expression expression) => expression switch
    {
        Symbol => true,
        Sum sum => sum.Terms.Any(HasSymbols),
        Product product => product.Factors.Any(HasSymbols),
        Quotient quotient => HasSymbols(quotient.Numerator) || HasSymbols(quotient.Denominator),
        Negation negation => HasSymbols(negation.Operand),
        Power power => HasSymbols(power.Base) || HasSymbols(power.Exponent),
        Call call => call.Arguments.Any(HasSymbols) || call.Function.StartsWith("function ", StringComparison.Ordinal),
        Measure measure => HasSymbols(measure.Value),
        Relation relation => relation.Sides.Any(HasSymbols),
        _ => false,
    };

    /// <summary>Whether both are the same.</summary>
    public bool Same(Expression reference, Expression answer)
    {
        if (HasSymbols(reference) || HasSymbols(answer))
        {
            if (!HasSymbols(reference) && UnitLetters.Strip(answer) is { } number)
                return Same(reference, number);
            return SameEverywhere(reference, answer);
        }
        var (left, right) = (new Evaluator(work, null), new Evaluator(work, null));
        Value expected = left.Evaluate(reference), given = right.Evaluate(answer);
        if (Value.MayBeEqual(expected, given))
            return !left.Absorbed && !right.Absorbed ? true : throw new WorkExceededException("numbers of too different sizes");
        if (!given.IsReal || !expected.IsReal)
            return false;
        return WithinRounding(expected, given, reference, answer) || IsPrinted(expected, given, reference, answer);
    }

    // The number an expression writes out in digits, with or without a sign.
    static Number? Written(Expression expression) => expression as Number ?? (expression as Negation)?.Operand as Number;

    // The reference is a decimal that may have been rounded (some digits, no whole number), and the answer says more and rounds to it: 0.33333 or 1/3 for
    // 0.3333. It may differ by half a unit of the last place and by 1e-4 of the value. Powers of ten (4.5e33) are taken as they are.
    static bool WithinRounding(Value expected, Value given, Expression reference, Expression answer)
    {
        if (Written(reference) is not { Decimal: true, Decimals: > 0, Value.IsInteger: false } rounded || Written(answer) is { } other && other.Decimals <= rounded.Decimals)
            return false;
        Rational unit = Unit(rounded);
        if ((rounded.Value.Abs() / unit).CompareTo(BigInteger.Pow(10, RoundedDigits - 1)) < 0)
            return false;
        Rational half = unit / 2, part = rounded.Value.Abs() * decimalTolerance;
        return IsWithin(expected, given, half.CompareTo(part) < 0 ? half : part);
    }

    // The answer is a reference of another form as a program prints it: a decimal of at least ten significant digits, all of them right.
    static bool IsPrinted(Value expected, Value given, Expression reference, Expression answer)
    {
        if (Written(reference) is not null || Written(answer) is not { Decimal: true, Decimals: > 0 } printed)
            return false;
        Rational unit = Unit(printed);
        return (printed.Value.Abs() / unit).CompareTo(BigInteger.Pow(10, PrintedDigits - 1)) >= 0 && IsWithin(expected, given, unit);
    }

    // The value of the last decimal.
    static Rational Unit(Number number) => ((Rational)10).Pow(-number.Decimals);

    static bool IsWithin(Value expected, Value given, Rational limit)
    {
        Ball rest = (expected.Ball.Re - given.Ball.Re).Abs() - Ball.Of(limit);
        return rest.ContainsZero || rest.Sign < 0;
    }

    bool SameEverywhere(Expression reference, Expression answer)
    {
        var tally = new Tally();
        foreach (var point in Points(tally))
        {
            if (Evaluate(reference, point) is not { } expected || Evaluate(answer, point) is not { } given)
                continue;
            if (expected.Value.IsUndefined || given.Value.IsUndefined)
                continue;
            if (!tally.Add(Value.MayBeEqual(expected.Value, given.Value), expected.Branches || given.Branches, expected.Absorbed || given.Absorbed))
                return false;
        }
        return tally.IsEqual;
    }

    // Points until enough of them have spoken: positive ones, signed ones, large ones, and integers where others have no value.
    static IEnumerable<Func<string, Rational>> Points(Tally tally)
    {
        for (int i = 0; i < PositivePoints; i++)
            yield return At(SamplePoint.Of, i);
        for (int i = 0; i < SignedPoints; i++)
            yield return At(SamplePoint.Signed, PositivePoints + i);
        if (tally.Clean >= MinPoints)
            yield break;
        for (int i = 0; i < LargePoints; i++)
            yield return At((name, sample) => SamplePoint.Of(name, sample) + 24, 10 + i);
        if (tally.Clean >= MinPoints)
            yield break;
        for (int i = 0; i < IntegerPoints; i++)
            yield return At(SamplePoint.Integer, 20 + i);
    }

    static Func<string, Rational> At(Func<string, int, Rational> value, int sample) => name => value(name, sample);

    readonly record struct Sample(Value Value, bool Branches, bool Absorbed);

    // The value at a point, or null where it is too large there.
    Sample? Evaluate(Expression expression, Func<string, Rational> point)
    {
        var evaluator = new Evaluator(work, point);
        try
        {
            Value value = evaluator.Evaluate(expression);
            return new(value, evaluator.LeftReals, evaluator.Absorbed);
        }
        catch (WorkExceededException) when (work.Used < WorkBudget.DefaultOperations)
        {
            return null;
        }
    }

    /// <summary>Whether two equations have the same solutions: their differences of sides are multiples of each other.</summary>
    public bool SameEquation(Relation reference, Relation answer)
    {
        if (Ratios(reference, answer) is not { Count: >= MinPoints } ratios)
            return false;
        if (ratios.TrueForAll(ratio => !ratio.IsUndefined && Value.MayBeEqual(ratio, ratios[0])))
            return true;
        // y = f(x) against an equation that is linear in y: at equal x the ratio must not depend on y.
        if (reference.Sides[0] is not Symbol { Name: var solved })
            return false;
        int agreements = 0;
        for (int i = 0; i < PositivePoints; i++)
        {
            int outer = i;
            Value? one = Ratio(reference, answer, name => SamplePoint.Of(name, outer)), two = Ratio(reference, answer, name => SamplePoint.Of(name, name == solved ? outer + 50 : outer));
            if (one is null || two is null)
                continue;
            if (!Value.MayBeEqual(one.Value, two.Value))
                return false;
            agreements++;
        }
        return agreements >= MinPoints;
    }

    /// <summary>Whether two inequalities say the same: their differences of sides are positive multiples of each other.</summary>
    public bool SameInequality(Relation reference, string name, Relation answer, string other)
    {
        bool up = name is ">" or ">=", otherUp = other is ">" or ">=";
        if (name is not ("<" or ">" or "<=" or ">=") || other is not ("<" or ">" or "<=" or ">=") || name.Length != other.Length)
            return false;
        return Ratios(reference, answer) is { Count: >= MinPoints } ratios && ratios.TrueForAll(ratio => Value.MayBeEqual(ratio, ratios[0]))
            && ratios[0].Sign == (up == otherUp ? 1 : -1);
    }

    List<Value> Ratios(Relation reference, Relation answer)
    {
        var ratios = new List<Value>();
        for (int i = 0; i < PositivePoints + SignedPoints; i++)
        {
            int sample = i;
            if (Ratio(reference, answer, name => i < PositivePoints ? SamplePoint.Of(name, sample) : SamplePoint.Signed(name, sample)) is { } ratio)
                ratios.Add(ratio);
        }
        return ratios;
    }

    // (answer's left - right) / (reference's left - right) at a point; null where there is none, undefined where only the reference is 0.
    Value? Ratio(Relation reference, Relation answer, Func<string, Rational> point)
    {
        if (Evaluate(Difference(reference), point) is not { Branches: false } left || Evaluate(Difference(answer), point) is not { Branches: false } right
            || left.Value.IsUndefined || right.Value.IsUndefined || left.Value.IsInfinite || right.Value.IsInfinite)
            return null;
        bool leftZero = Value.MayBeEqual(left.Value, Rational.Zero), rightZero = Value.MayBeEqual(right.Value, Rational.Zero);
        if (leftZero || rightZero)
            return leftZero && rightZero ? Rational.One : Value.Undefined;
        work.Charge(4);
        return left.Value.IsExact && right.Value.IsExact ? right.Value.Exact / left.Value.Exact : right.Value.Ball / left.Value.Ball;
    }

    static Sum Difference(Relation relation) => new([relation.Sides[0], new Negation(relation.Sides[1])]);

    // Counts the points that agree. Where a root or logarithm left the real line, the branches of both sides may differ without the expressions doing so:
    // such points only count where there are no others.
    sealed class Tally
    {
        int branched, unequalBranches;
        bool absorbed;

        public int Clean { get; private set; }

        // False where the two are different.
        public bool Add(bool equal, bool branches, bool absorbed)
        {
            if (branches)
            {
                branched++;
                unequalBranches += equal ? 0 : 1;
                return true;
            }
            this.absorbed |= equal && absorbed;
            Clean += equal ? 1 : 0;
            return equal;
        }

        public bool IsEqual => (Clean >= MinPoints || branched >= MinPoints && unequalBranches == 0) && (!absorbed ? true : throw new WorkExceededException("numbers of too different sizes"));
    }
}
