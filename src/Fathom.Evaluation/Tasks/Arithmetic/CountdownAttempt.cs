// A chain of operations over all given numbers: ((a . b) . c) . d. The larger operand always comes first in a difference or quotient, so
// no value is below zero, and a quotient must be whole.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <param name="order">The numbers in the order in which they enter.</param>
/// <param name="operations">One of + - * / between each two.</param>
sealed class CountdownAttempt(long[] order, string operations)
{
    /// <summary>The result, or null where a quotient is not whole.</summary>
    public long? Value
    {
        get
        {
            long value = order[0];
            for (int i = 0; i < operations.Length; i++)
            {
                (long left, long right) = (Math.Max(value, order[i + 1]), Math.Min(value, order[i + 1]));
                if (operations[i] == '/' && (right == 0 || left % right != 0))
                    return null;
                value = Apply(left, operations[i], right);
            }
            return value;
        }
    }

    /// <summary>The work with every intermediate value: `3*5=15 15+7=22`.</summary>
    public string Steps
    {
        get
        {
            long value = order[0];
            List<string> steps = [];
            for (int i = 0; i < operations.Length; i++)
            {
                long next = order[i + 1];
                bool swap = operations[i] is '-' or '/' && next > value;
                (long left, long right) = swap ? (next, value) : (value, next);
                value = Apply(left, operations[i], right);
                steps.Add($"{left}{operations[i]}{right}={value}");
            }
            return string.Join(' ', steps);
        }
    }

    /// <summary>The same as one expression with no needless brackets: `3*5+7`.</summary>
    public string Expression
    {
        get
        {
            string text = $"{order[0]}";
            char outer = ' ';
            long value = order[0];
            for (int i = 0; i < operations.Length; i++)
            {
                char operation = operations[i];
                long next = order[i + 1];
                bool swap = operation is '-' or '/' && next > value;
                // Brackets keep a sum together under * or /, and anything that a - or / to its left would tear apart.
                bool brackets = outer is '+' or '-' && (operation is '*' or '/' || swap) || outer is '*' or '/' && operation == '/' && swap;
                string chain = brackets ? $"({text})" : text;
                text = swap ? $"{next}{operation}{chain}" : $"{chain}{operation}{next}";
                value = Apply(Math.Max(value, next), operation, Math.Min(value, next));
                outer = operation;
            }
            return text;
        }
    }

    /// <summary>The four sums of three numbers with at most one sign turned, in the order in which a careful solver tries them.</summary>
    public static IEnumerable<CountdownAttempt> SignedSums(long[] given) => given is not [var a, var b, var c] ? [] :
    [
        new([a, b, c], "++"), new([a, b, c], "+-"), new([a, c, b], "+-"), new([b, c, a], "+-"),
    ];

    /// <summary>All chains over all numbers, in a fixed order.</summary>
    public static IEnumerable<CountdownAttempt> Chains(long[] given) =>
        from order in Orders(given) from operations in Choices(given.Length - 1) select new CountdownAttempt(order, operations);

    /// <summary>A random chain with a value.</summary>
    public static CountdownAttempt Random(long[] given, string allowed, ref RandomStream random)
    {
        long[] order = [.. given];
        Span<char> operations = stackalloc char[given.Length - 1];
        while (true)
        {
            random.Shuffle<long>(order);
            foreach (ref char operation in operations)
                operation = allowed[random.NextInt(allowed.Length)];
            CountdownAttempt attempt = new(order, new string(operations));
            if (attempt.Value is not null)
                return attempt;
        }
    }

    static long Apply(long left, char operation, long right) => operation switch
    {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        _ => left / right,
    };

    static IEnumerable<long[]> Orders(long[] items)
    {
        if (items.Length == 0)
            return [[]];
        return from i in Enumerable.Range(0, items.Length)
               from rest in Orders([.. items[..i], .. items[(i + 1)..]])
               select (long[])[items[i], .. rest];
    }

    static IEnumerable<string> Choices(int count) =>
        count == 0 ? [""] : from first in "+-*/" from rest in Choices(count - 1) select first + rest;
}
