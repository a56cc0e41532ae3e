// Intervals, unions, inequalities in one variable: what they say is a set of real numbers.
namespace Fathom.Evaluation.Graders.Mathematics;

internal sealed partial class AnswerComparison
{
    // Both as sets of reals, where at least one is written as one and the other can be read as one; null where that is not so.
    bool? SetsOfReals(Expression reference, Expression answer)
    {
        if (!IsSetLike(reference) && !IsSetLike(answer))
            return null;
        return ToSet(reference) is { } left && ToSet(answer) is { } right ? left.Same(right) : null;
    }

    static bool IsSetLike(Expression e) => e switch
    {
        SetOperation => true,
        Bracketed { Items.Count: 2 } pair => pair.Open == '[' ^ pair.Close == ']' || pair.Items.Any(IsInfinity),
        Relation relation => relation.Operators.Any(name => name is "<" or ">" or "<=" or ">=" or "!=" or "in"),
        Enumeration list => list.Items.Any(IsSetLike),
        Symbol { Name: "R" } => true,
        _ => false,
    };

    static bool IsInfinity(Expression e) => e is Constant { Name: "infinity" } || e is Negation { Operand: Constant { Name: "infinity" } } || e is Sum { Terms: [Constant { Name: "infinity" }] };

    RealSet? ToSet(Expression expression)
    {
        work.Charge(1);
        switch (expression)
        {
            case Symbol { Name: "R" }:
                return RealSet.All;
            case Bracketed { Items: [var low, var high] } pair:
                return End(low, pair.Open == '[') is { } from && End(high, pair.Close == ']') is { } to ? RealSet.Interval(from, to) : null;
            case SetOf set:
                return Points(set.Items);
            case SetOperation operation:
                if (ToSet(operation.Left) is not { } left || ToSet(operation.Right) is not { } right)
                    return null;
                work.Charge(operation.Operator == "cup" ? 16 * (left.Count + right.Count) : 64 * (left.Count + 1) * (right.Count + 1) * (left.Count + right.Count + 1));
                return operation.Operator switch { "cup" => left.Union(right), "cap" => left.Intersection(right), _ => left.Intersection(right.Complement()) };
            case Relation { Operators: ["in"], Sides: [Symbol or Call, var set] }:
                return ToSet(set);
            case Relation relation:
                return Inequality(relation);
            case Enumeration { Items: [Relation first, Relation second] } when first.Operators is ["!="] && second.Operators is ["!="]:
                return ToSet(first) is { } one && ToSet(second) is { } two ? one.Intersection(two) : null;
            case Enumeration list when list.Items.All(item => item is Relation or Bracketed { Items.Count: 2 } or SetOperation):
                var union = RealSet.Empty;
                foreach (var item in list.Items)
                {
                    if (ToSet(item) is not { } piece)
                        return null;
                    work.Charge(16 * (union.Count + piece.Count));
                    union = union.Union(piece);
                }
                return union;
            default:
                return null;
        }
    }

    Endpoint? End(Expression expression, bool closed) => Real(expression) is { } value ? new(value, closed) : null;

    Value? Real(Expression expression)
    {
        if (expression is Bracketed or SetOf or Enumeration or Words || ExpressionComparison.HasSymbols(expression))
            return null;
        Value value = new Evaluator(work, null).Evaluate(expression);
        return value.IsUndefined || !value.IsInfinite && !value.IsReal ? null : value;
    }

    RealSet? Points(IReadOnlyList<Expression> items)
    {
        var union = RealSet.Empty;
        foreach (var item in items)
        {
            if (End(item, true) is not { } point || point.Value.IsInfinite)
                return null;
            work.Charge(16 * union.Count);
            union = union.Union(RealSet.Interval(point, point));
        }
        return union;
    }

    // a < x <= b, x > a, a >= x, x = a, x != a. The other sides are constants.
    RealSet? Inequality(Relation relation)
    {
        int at = relation.Sides.ToList().FindIndex(side => side is Symbol or Call { Function: ['f', 'u', 'n', ..] });
        if (at < 0)
            return null;
        var set = RealSet.All;
        for (int i = 0; i < relation.Sides.Count; i++)
        {
            if (i == at)
                continue;
            if (Math.Abs(i - at) != 1 || Real(relation.Sides[i]) is not { } bound)
                return null;
            string name = relation.Operators[Math.Min(i, at)];
            // Read with the variable on the left.
            string turned = i > at ? name : name switch { "<" => ">", ">" => "<", "<=" => ">=", ">=" => "<=", _ => name };
            RealSet? half = turned switch
            {
                "<" or "<=" => RealSet.Interval(new(Value.NegativeInfinity, false), new(bound, turned == "<=")),
                ">" or ">=" => RealSet.Interval(new(bound, turned == ">="), new(Value.PositiveInfinity, false)),
                "=" => RealSet.Interval(new(bound, true), new(bound, true)),
                "!=" => RealSet.Interval(new(bound, true), new(bound, true)).Complement(),
                _ => null,
            };
            if (half is null)
                return null;
            set = set.Intersection(half);
        }
        return set;
    }
}
