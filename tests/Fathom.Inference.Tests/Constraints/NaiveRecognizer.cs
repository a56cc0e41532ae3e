// The independent truth: which texts, and which beginnings of texts, a grammar describes, by tables that are filled until nothing changes.

using Fathom.Inference.Constraints;

namespace Fathom.Inference.Tests.Constraints;

/// <summary>Reads the same rules as the automaton is made of, with nothing in common but the definition of the expressions.</summary>
sealed class NaiveRecognizer(Grammar grammar)
{
    readonly bool[] productive = Productive(grammar);

    /// <summary>Whether the text is described, and whether it is the beginning of one that is.</summary>
    public (bool IsWhole, bool IsBeginning) Judge(byte[] text)
    {
        int n = text.Length;
        HashSet<int>[,] ends = new HashSet<int>[grammar.RuleCount, n + 1];
        bool[,] begins = new bool[grammar.RuleCount, n + 1];
        for (int r = 0; r < grammar.RuleCount; r++)
        {
            for (int i = 0; i <= n; i++)
                ends[r, i] = [];
        }
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int r = 0; r < grammar.RuleCount; r++)
            {
                for (int i = 0; i <= n; i++)
                {
                    foreach (int end in Ends(grammar.Body(r), i))
                        changed |= ends[r, i].Add(end);
                    if (!begins[r, i] && Begins(grammar.Body(r), i))
                        changed = begins[r, i] = true;
                }
            }
        }
        return (ends[0, 0].Contains(n), begins[0, 0]);

        // Where the expression can end that starts at i.
        HashSet<int> Ends(Expression expression, int i)
        {
            switch (expression)
            {
                case AnyByte any:
                    return i < n && any.Set.Contains(text[i]) ? [i + 1] : [];
                case Literal literal:
                    return text.AsSpan(i).StartsWith(literal.Bytes) ? [i + literal.Bytes.Length] : [];
                case Sequence sequence:
                    return sequence.Items.Aggregate(new HashSet<int> { i }, (from, item) => [.. from.SelectMany(f => Ends(item, f))]);
                case Choice choice:
                    return [.. choice.Items.SelectMany(item => Ends(item, i))];
                case RuleCall call:
                    return [.. ends[call.Rule, i]];
                default:
                    return [.. Unrolled(expression, i).SelectMany(e => Ends(e, i))];
            }
        }

        // Whether the rest of the text from i on is the beginning of something the expression describes.
        bool Begins(Expression expression, int i)
        {
            if (!IsProductive(expression, productive))
                return false;
            if (i == n)
                return true;
            switch (expression)
            {
                case AnyByte any:
                    return i + 1 == n && any.Set.Contains(text[i]);
                case Literal literal:
                    return literal.Bytes.AsSpan().StartsWith(text.AsSpan(i));
                case Sequence sequence:
                    HashSet<int> from = [i];
                    foreach (Expression item in sequence.Items)
                    {
                        if (from.Any(f => Begins(item, f)))
                            return true;
                        from = [.. from.SelectMany(f => Ends(item, f))];
                    }
                    return from.Contains(n);
                case Choice choice:
                    return choice.Items.Any(item => Begins(item, i));
                case RuleCall call:
                    return begins[call.Rule, i];
                default:
                    return Unrolled(expression, i).Any(e => Begins(e, i));
            }
        }

        // The longer forms as plain alternatives, as far as the text is long.
        IEnumerable<Expression> Unrolled(Expression expression, int i)
        {
            switch (expression)
            {
                case Repeat repeat:
                    int most = repeat.Max < 0 ? Math.Max(repeat.Min, n - i + 1) : repeat.Max;
                    for (int count = repeat.Min; count <= most; count++)
                        yield return new Sequence([.. Enumerable.Repeat(repeat.Body, count)]);
                    break;
                case Prefix prefix:
                    for (int count = prefix.Min; count <= prefix.Items.Length; count++)
                        yield return new Sequence(prefix.Items[..count]);
                    break;
                case SeparatedList list:
                    foreach (List<Expression> items in Selections(list, 0, n - i + 1))
                        yield return new Sequence([.. items.SelectMany((item, k) => k == 0 ? new[] { item } : [list.Separator, item])]);
                    break;
            }
        }
    }

    static IEnumerable<List<Expression>> Selections(SeparatedList list, int at, int most)
    {
        if (at == list.Items.Length)
        {
            yield return [];
            yield break;
        }
        ListItem item = list.Items[at];
        foreach (List<Expression> rest in Selections(list, at + 1, most))
        {
            for (int count = item.IsOptional ? 0 : 1; count <= (item.Repeats ? most : 1); count++)
                yield return [.. Enumerable.Repeat(item.Body, count), .. rest];
        }
    }

    static bool[] Productive(Grammar grammar)
    {
        bool[] found = new bool[grammar.RuleCount];
        for (int round = 0; round <= grammar.RuleCount; round++)
        {
            for (int r = 0; r < grammar.RuleCount; r++)
                found[r] |= IsProductive(grammar.Body(r), found);
        }
        return found;
    }

    static bool IsProductive(Expression expression, bool[] rules) => expression switch
    {
        AnyByte any => !any.Set.IsEmpty,
        Literal => true,
        Sequence sequence => sequence.Items.All(i => IsProductive(i, rules)),
        Choice choice => choice.Items.Any(i => IsProductive(i, rules)),
        RuleCall call => rules[call.Rule],
        Repeat repeat => repeat.Min == 0 || IsProductive(repeat.Body, rules),
        Prefix prefix => prefix.Items.Take(prefix.Min).All(i => IsProductive(i, rules)),
        SeparatedList list => list.Items.All(i => i.IsOptional || IsProductive(i.Body, rules)),
        _ => throw new NotSupportedException(expression.ToString()),
    };
}
