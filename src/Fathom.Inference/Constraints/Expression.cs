// The one form that JSON schemas, regular expressions and grammars are turned into: expressions over bytes that call one another's rules.

namespace Fathom.Inference.Constraints;

/// <summary>What a text, as bytes, may look like.</summary>
abstract record Expression
{
    /// <summary>The empty text.</summary>
    public static readonly Expression Empty = new Sequence();

    /// <summary>No text at all.</summary>
    public static readonly Expression Never = new Choice();

    /// <summary>About the nodes that the expression needs, rules that it calls not counted in; saturates.</summary>
    public abstract long Size { get; }

    /// <summary>Whether this is certainly <see cref="Never"/>.</summary>
    public virtual bool IsNever => false;

    public static Expression Text(string text) => new Literal(System.Text.Encoding.UTF8.GetBytes(text));

    public Expression Optional() => new Repeat(this, 0, 1);

    protected static long Add(IEnumerable<long> sizes)
    {
        long sum = 1;
        foreach (long size in sizes)
            sum = Math.Min(sum + size, long.MaxValue / 4);
        return sum;
    }
}

/// <summary>One byte of a set.</summary>
sealed record AnyByte(ByteSet Set) : Expression
{
    public override long Size => 1;
    public override bool IsNever => Set.IsEmpty;
}

/// <summary>These bytes.</summary>
sealed record Literal(byte[] Bytes) : Expression
{
    public override long Size => Bytes.Length;
}

/// <summary>One behind the other.</summary>
sealed record Sequence(params Expression[] Items) : Expression
{
    public override long Size { get; } = Add(Items.Select(i => i.Size));
    public override bool IsNever { get; } = Items.Any(i => i.IsNever);
}

/// <summary>One of these.</summary>
sealed record Choice(params Expression[] Items) : Expression
{
    public override long Size { get; } = Add(Items.Select(i => i.Size));
    public override bool IsNever { get; } = Items.All(i => i.IsNever);
}

/// <summary>A body over and over.</summary>
/// <param name="Body">What is repeated.</param>
/// <param name="Min">At least so often.</param>
/// <param name="Max">At most so often; <see cref="Unlimited"/> for any number.</param>
sealed record Repeat(Expression Body, int Min, int Max) : Expression
{
    public const int Unlimited = -1;

    public override long Size { get; } = checked((Body.Size + 1) < long.MaxValue / 4 / int.MaxValue
        ? (Body.Size + 1) * Math.Max(1, Math.Max(Min, Max)) : long.MaxValue / 4);

    public override bool IsNever => Min > 0 && Body.IsNever;
}

/// <summary>The first items of a list, at least <paramref name="Min"/> of them.</summary>
sealed record Prefix(Expression[] Items, int Min) : Expression
{
    public override long Size { get; } = Add(Items.Select(i => i.Size));
    public override bool IsNever { get; } = Items.Take(Min).Any(i => i.IsNever);
}

/// <summary>Some of the items in their order, with the separator between any two.</summary>
sealed record SeparatedList(ListItem[] Items, Expression Separator) : Expression
{
    public override long Size { get; } = Add(Items.Select(i => i.Body.Size + 2));
    public override bool IsNever { get; } = Items.Any(i => !i.IsOptional && i.Body.IsNever);
}

/// <summary>An item of a <see cref="SeparatedList"/>.</summary>
/// <param name="Body">What it looks like.</param>
/// <param name="IsOptional">It may be left out.</param>
/// <param name="Repeats">It may come more than once.</param>
readonly record struct ListItem(Expression Body, bool IsOptional, bool Repeats = false);

/// <summary>What a rule of the grammar describes.</summary>
sealed record RuleCall(int Rule) : Expression
{
    public override long Size => 1;
}
