// The rules of a constraint while it is read.

namespace Fathom.Inference.Constraints;

/// <summary>Named rules; the first one added is the root.</summary>
sealed class Grammar
{
    /// <summary>Most nodes that one expression, and all of them together, may need.</summary>
    public const int MaxNodes = 1 << 17;

    /// <summary>Most rules.</summary>
    public const int MaxRules = 1 << 14;

    /// <summary>Longest source text, in UTF-16 units.</summary>
    public const int MaxSourceLength = 1 << 20;

    /// <summary>Most groups inside one another.</summary>
    public const int MaxNesting = 128;

    readonly List<Expression?> bodies = [];

    public int RuleCount => bodies.Count;

    /// <summary>Makes room for a rule that is defined later.</summary>
    public int Declare(string place)
    {
        if (bodies.Count == MaxRules)
            throw new ConstraintException(place, $"more than {MaxRules} rules; at most {MaxRules} are allowed");
        bodies.Add(null);
        return bodies.Count - 1;
    }

    public void Define(int rule, Expression body) => bodies[rule] = body;

    public int Add(Expression body, string place)
    {
        int rule = Declare(place);
        Define(rule, body);
        return rule;
    }

    public Expression Body(int rule) => bodies[rule] ?? throw new InvalidOperationException($"Rule {rule} was declared and never defined.");

    /// <summary>A repetition whose size is checked where it stands. Large bodies are made small by giving their rarer part a rule.</summary>
    public Expression Repeat(Expression body, int min, int max, string place)
    {
        int most = Math.Max(min, max);
        if (body.Size * Math.Min(most, MaxNodes) > LargeRepetition && most > 1 && body is Choice choice && body.Size > 2)
        {
            List<Expression> bytes = [], rest = [];
            foreach (Expression item in choice.Items)
                (item is AnyByte ? bytes : rest).Add(item);
            if (rest.Count > 0)
                body = new Choice([.. bytes, new RuleCall(Add(new Choice([.. rest]), place))]);
        }
        Repeat repeat = new(body, min, max);
        if (repeat.Size > MaxNodes)
            throw new ConstraintException(place,
                $"a repetition of up to {most} times would need {repeat.Size} nodes; at most {MaxNodes} are allowed");
        return repeat;
    }

    // Below it everything stands in line and is walked fastest.
    const int LargeRepetition = 1 << 13;
}
