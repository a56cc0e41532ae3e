// Whether an answer is its reference, form by form. What is a form of its own (interval, tuple, set, matrix, relation, words) must be one on both sides;
// numbers and expressions are compared by value (ExpressionComparison.cs).
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Compares two trees within one budget.</summary>
internal sealed partial class AnswerComparison(WorkBudget work)
{
    const int MaxItems = 200;

    readonly ExpressionComparison values = new(work);
    int depth;

    /// <summary>Whether the answer is the reference.</summary>
    /// <exception cref="WorkExceededException">That could not be found out within the budget.</exception>
    public bool Same(Expression reference, Expression answer)
    {
        work.Charge(1);
        if (++depth > ExpressionParser.MaxDepth)
            throw new WorkExceededException("nested deeper than " + ExpressionParser.MaxDepth);
        try
        {
            return SameMeasures(reference, answer)
                ?? SameMarks(reference, answer)
                ?? SameSigns(reference, answer)
                ?? SameRelations(reference, answer)
                ?? SameLists(reference, answer)
                ?? SameOthers(reference, answer);
        }
        finally
        {
            depth--;
        }
    }

    // Units are left aside, except where both are known, of one dimension and not the same.
    bool? SameMeasures(Expression reference, Expression answer)
    {
        if (reference is Measure { Unit: "am" or "pm" } early && answer is Measure { Unit: "am" or "pm" } late && early.Unit != late.Unit)
            return false;
        if (reference is Measure expected && answer is Measure given)
        {
            return UnitNames.Factor(given.Unit, expected.Unit) is { } factor && factor != Rational.One
                ? Same(expected.Value, new Product([new Number(factor), given.Value]))
                : Same(expected.Value, given.Value);
        }
        return reference is Measure r ? Same(r.Value, answer) : answer is Measure a ? Same(reference, a.Value) : null;
    }

    // Percent and degrees: with the sign on both sides the numbers count; with one sign, the number or its value (50% is 50 and 0.5, 60° is 60 and π/3).
    bool? SameMarks(Expression reference, Expression answer)
    {
        var (left, right) = (reference as Call, answer as Call);
        bool leftMark = left?.Function is "percent" or "degree", rightMark = right?.Function is "percent" or "degree";
        if (leftMark && rightMark)
            return left!.Function == right!.Function && Same(left.Arguments[0], right.Arguments[0]);
        if (leftMark)
            return Same(left!.Arguments[0], answer) || Same(Worth(left), answer);
        return rightMark ? Same(reference, right!.Arguments[0]) || Same(reference, Worth(right)) : null;
    }

    static Expression Worth(Call mark) => mark.Function == "percent"
        ? new Quotient(mark.Arguments[0], new Number(100)) : new Product([mark.Arguments[0], new Quotient(new Constant("pi"), new Number(180))]);

    // a ± b is the list a + b, a - b.
    bool? SameSigns(Expression reference, Expression answer)
    {
        bool left = Signs.HasBoth(reference), right = Signs.HasBoth(answer);
        if (!left && !right)
            return null;
        return Same(left ? Signs.Expand(reference) : reference, right ? Signs.Expand(answer) : answer);
    }

    bool? SameLists(Expression reference, Expression answer)
    {
        if (SetsOfReals(reference, answer) is bool same)
            return same;
        switch (reference, answer)
        {
            case (SetOf or Enumeration, SetOf or Enumeration):
                return SameUnordered(Distinct(Items(reference)), Distinct(Items(answer)));
            case (Enumeration list, Bracketed { Open: '(' or '[' } tuple) when tuple.Items.Count > 1:
                return SameOrdered(list.Items, tuple.Items);
            case (Bracketed tuple, Enumeration list):
                return SameOrdered(tuple.Items, list.Items);
            case (Bracketed { Items.Count: > 1 } left, Bracketed { Items.Count: > 1 } right):
                // Two items may be an interval, whose brackets count.
                return (left.Items.Count != 2 || left.Open == right.Open && left.Close == right.Close) && SameOrdered(left.Items, right.Items);
            case (Bracketed tuple, Matrix matrix):
                return Vector(matrix) is { } entries ? SameOrdered(tuple.Items, entries) : SameRows(tuple, matrix);
            case (Matrix matrix, Bracketed tuple):
                return Vector(matrix) is { } numbers ? SameOrdered(numbers, tuple.Items) : SameRows(tuple, matrix);
            case (Matrix left, Matrix right):
                return left.Rows.Count == right.Rows.Count && SameOrdered([.. left.Rows.SelectMany(row => row)], [.. right.Rows.SelectMany(row => row)])
                    && left.Rows[0].Count == right.Rows[0].Count;
            // A list of one value is that value.
            case (SetOf or Enumeration, not (Bracketed or Matrix)) when Distinct(Items(reference)) is [var only]:
                return Same(only, answer);
            case (not (Bracketed or Matrix), SetOf or Enumeration) when Distinct(Items(answer)) is [var only]:
                return Same(reference, only);
            case (Bracketed { Items: [var only] }, not (Bracketed or Matrix)):
                return Same(only, answer);
            case (not (Bracketed or Matrix), Bracketed { Items: [var only] }):
                return Same(reference, only);
            case (SetOperation left, SetOperation right):
                return left.Operator == right.Operator && (Same(left.Left, right.Left) && Same(left.Right, right.Right)
                    || left.Operator != "\\" && Same(left.Left, right.Right) && Same(left.Right, right.Left));
            case (SetOf or Enumeration or Bracketed or Matrix or SetOperation, _) or (_, SetOf or Enumeration or Bracketed or Matrix or SetOperation):
                return false;
            default:
                return null;
        }
    }

    static IReadOnlyList<Expression> Items(Expression list) => list switch
    {
        SetOf set => set.Items,
        Enumeration enumeration => enumeration.Items,
        Bracketed bracketed => bracketed.Items,
        _ => [list],
    };

    static IReadOnlyList<Expression>? Vector(Matrix matrix) =>
        matrix.Rows.Count == 1 ? matrix.Rows[0] : matrix.Rows[0].Count == 1 ? [.. matrix.Rows.Select(row => row[0])] : null;

    // ((1, 2), (3, 4)) is a matrix as well.
    bool SameRows(Bracketed tuple, Matrix matrix) => tuple.Items.Count == matrix.Rows.Count
        && tuple.Items.Zip(matrix.Rows).All(pair => pair.First is Bracketed row && SameOrdered(row.Items, pair.Second));

    bool SameOrdered(IReadOnlyList<Expression> reference, IReadOnlyList<Expression> answer)
    {
        if (reference.Count != answer.Count)
            return false;
        for (int i = 0; i < reference.Count; i++)
        {
            if (!Same(reference[i], answer[i]))
                return false;
        }
        return true;
    }

    // Every item of the reference takes one item of the answer. Items are distinct and sameness is nearly an equivalence, so taking the first that fits is enough.
    bool SameUnordered(IReadOnlyList<Expression> reference, IReadOnlyList<Expression> answer)
    {
        if (reference.Count != answer.Count)
            return false;
        Span<bool> taken = stackalloc bool[answer.Count];
        foreach (var expected in reference)
        {
            int found = -1;
            for (int i = 0; i < answer.Count && found < 0; i++)
            {
                if (!taken[i] && Same(expected, answer[i]))
                    found = i;
            }
            if (found < 0)
                return false;
            taken[found] = true;
        }
        return true;
    }

    // Items without repetitions: "1/2 or 0.5" is one value.
    List<Expression> Distinct(IReadOnlyList<Expression> items)
    {
        if (items.Count > MaxItems)
            throw new WorkExceededException("more than " + MaxItems + " items");
        var distinct = new List<Expression>(items.Count);
        foreach (var item in items)
        {
            if (!distinct.Exists(other => Same(other, item)))
                distinct.Add(item);
        }
        return distinct;
    }

    bool SameOthers(Expression reference, Expression answer)
    {
        switch (reference, answer)
        {
            case (Words left, Words right):
                return AnswerText.Fold(left.Text) == AnswerText.Fold(right.Text);
            case (Words words, Number number):
                return NumberWords.Value(words.Text) is { } written && number.Value == written;
            case (Number number, Words words):
                return NumberWords.Value(words.Text) is { } spelled && number.Value == spelled;
            case (Words, _) or (_, Words):
                return false;
            case (Ratio left, Ratio right):
                return SameOrdered(left.Parts, right.Parts);
            case (Ratio { Parts: [var top, var bottom] }, _):
                return Same(new Quotient(top, bottom), answer);
            case (_, Ratio { Parts: [var top, var bottom] }):
                return Same(reference, new Quotient(top, bottom));
            case (Ratio, _) or (_, Ratio):
                return false;
            case (BasedNumber left, BasedNumber right):
                return left.Base == right.Base && left.Digits.TrimStart('0') == right.Digits.TrimStart('0');
            // The base may be left out where the digits are those that were asked for.
            case (BasedNumber based, Number { Decimal: false } number):
                return number.Value.IsInteger && number.Value.ToString() == based.Digits.TrimStart('0');
            case (BasedNumber, _):
                return false;
            default:
                return values.Same(reference, answer);
        }
    }
}
