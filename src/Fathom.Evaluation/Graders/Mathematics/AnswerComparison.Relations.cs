// Equations and inequalities, also against answers that only give one side of them.
namespace Fathom.Evaluation.Graders.Mathematics;

internal sealed partial class AnswerComparison
{
    bool? SameRelations(Expression reference, Expression answer)
    {
        if (reference is Enumeration { Items.Count: > 1 } || answer is Enumeration { Items.Count: > 1 })
            return SameAssignments(reference, answer);
        if (reference is not Relation && answer is not Relation)
            return null;
        if (SetsOfReals(reference, answer) is bool same)
            return same;
        return (reference, answer) switch
        {
            (Relation left, Relation right) => SameRelation(left, right),
            (Relation left, _) => Solution(left, isReference: true) is { } side && Same(side, answer),
            (_, Relation right) => SameAsValue(reference, right),
            _ => null,
        };
    }

    // What an equation says something is: the right side of "x = 5" or "f(x) = 2x".
    static Expression? Solution(Relation relation, bool isReference)
    {
        if (relation.Operators.Any(name => name is not ("=" or "~" or "in")))
            return null;
        Expression first = relation.Sides[0], last = relation.Sides[^1];
        if (last is Symbol && first is Number or Quotient)
            return first;
        return !isReference || IsName(first) || relation.Sides.Count > 2 || !ExpressionComparison.HasSymbols(first) && !ExpressionComparison.HasSymbols(last) ? last : null;
    }

    // What a value has as its name: x, f(x), Area, AB, |AB|, \angle ABC, AC/BC, \cos A.
    static bool IsName(Expression expression) => expression switch
    {
        Symbol or Words => true,
        Call call => call.Function.StartsWith("function ", StringComparison.Ordinal) || call.Arguments.All(IsPointName),
        Product product => product.Factors.All(factor => factor is Symbol),
        Quotient quotient => IsPointName(quotient.Numerator) && IsPointName(quotient.Denominator),
        _ => false,
    };

    // Points, lengths and angles have capital letters.
    static bool IsPointName(Expression expression) => expression switch
    {
        Symbol symbol => symbol.Name[0] == '\\' || char.IsAsciiLetterUpper(symbol.Name[0]),
        Product product => product.Factors.All(IsPointName),
        Call call => call.Arguments.All(IsPointName),
        _ => false,
    };

    // "x = 1/3 ≈ 0.333" gives 1/3, and 0.333 as well.
    bool SameAsValue(Expression reference, Relation answer)
    {
        if (Solution(answer, isReference: false) is not { } value)
            return false;
        if (Same(reference, value))
            return true;
        for (int i = 0; i < answer.Operators.Count; i++)
        {
            if (answer.Operators[i] == "~" && Same(reference, answer.Sides[i]))
                return true;
        }
        return false;
    }

    bool SameRelation(Relation reference, Relation answer)
    {
        if (reference.Operators.All(IsEquality) && answer.Operators.All(IsEquality))
        {
            Expression left = reference.Sides[0], right = answer.Sides[0];
            if (IsName(left) && IsName(right) && SameName(left, right) && Same(reference.Sides[^1], answer.Sides[^1]))
                return true;
            return reference.Sides.Count == 2 && answer.Sides.Count == 2 && values.SameEquation(reference, answer);
        }
        if (reference.Operators is ["in"] && answer.Operators is ["in"])
            return Same(reference.Sides[1], answer.Sides[1]);
        return reference.Operators is [var name] && answer.Operators is [var other] && values.SameInequality(reference, name, answer, other);
    }

    static bool IsEquality(string name) => name is "=" or "~";

    static bool SameName(Expression left, Expression right) => (left, right) switch
    {
        (Symbol a, Symbol b) => a.Name == b.Name,
        (Words a, Words b) => AnswerText.Fold(a.Text) == AnswerText.Fold(b.Text),
        _ => true,
    };

    // "x = 1, x = 2" is the list 1, 2; "x = 1, y = 2" goes by name, or is the tuple (1, 2) in the order of the alphabet.
    bool? SameAssignments(Expression reference, Expression answer)
    {
        var (left, right) = (Assignments(reference), Assignments(answer));
        if (left is null && right is null)
            return null;
        if (left is not null && right is not null && (left.Count > 1 || right.Count > 1))
        {
            if (left.Select(pair => pair.Name).Distinct().Count() == left.Count)
            {
                return left.Count == right.Count && left.OrderBy(pair => pair.Name, StringComparer.Ordinal).Zip(right.OrderBy(pair => pair.Name, StringComparer.Ordinal))
                    .All(pair => pair.First.Name == pair.Second.Name && Same(pair.First.Value, pair.Second.Value));
            }
            return SameLists(new Enumeration([.. left.Select(pair => pair.Value)]), new Enumeration([.. right.Select(pair => pair.Value)]));
        }
        if (left is { Count: > 1 } && right is null)
            return AsLists(left).Any(list => Same(list, answer));
        return right is { Count: > 1 } && left is null ? AsLists(right).Any(list => Same(reference, list)) : null;
    }

    // One name (x, or x_1 and x_2): the list of its values. Several: the tuple in the order of the alphabet, or as written.
    static IEnumerable<Expression> AsLists(List<(string Name, Expression Value)> assignments)
    {
        if (assignments.TrueForAll(pair => pair.Name.Split('_')[0] == assignments[0].Name.Split('_')[0]))
            return [new Enumeration([.. assignments.Select(pair => pair.Value)])];
        return [new Bracketed('(', [.. assignments.OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => pair.Value)], ')'),
            new Bracketed('(', [.. assignments.Select(pair => pair.Value)], ')')];
    }

    static List<(string Name, Expression Value)>? Assignments(Expression expression)
    {
        var items = expression is Enumeration list ? list.Items : [expression];
        var result = new List<(string, Expression)>();
        string? name = null;
        foreach (var item in items)
        {
            if (item is Relation { Operators: ["="], Sides: [Symbol { Name: var symbol }, var value] })
                result.Add((name = symbol, value));
            // "x = 1, 2": the name goes on.
            else if (name is not null && item is not Relation)
                result.Add((name, item));
            else
                return null;
        }
        return result;
    }
}
