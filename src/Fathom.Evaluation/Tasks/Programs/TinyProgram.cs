// Programs of a few lines that read as Python: assignments, conditions and loops over x and y. A program is a list of numbers, five per
// statement, so that it can be drawn, hashed and stored like any other problem; this file words it, runs it and writes its trace.
using System.Text;

namespace Fathom.Evaluation.Tasks.Programs;

/// <summary>What a statement does. {t} is its target, {s} its source, {c} its constant.</summary>
enum Operation
{
    /// <summary>t = c</summary>
    Set,

    /// <summary>t = s + c</summary>
    Add,

    /// <summary>t = s - c</summary>
    Subtract,

    /// <summary>t = s * c</summary>
    Multiply,

    /// <summary>t = t + s</summary>
    AddVariable,

    /// <summary>if s > c: the next statements, as many as its length says</summary>
    If,

    /// <summary>else: the next statements; follows the body of an if</summary>
    Else,

    /// <summary>for i in range(c): the next statements</summary>
    For,

    /// <summary>while s &lt; c: the next statements</summary>
    While,

    /// <summary>if s % c == 0: the next statements</summary>
    IfDivisible,
}

/// <summary>One statement.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="Target">The variable it sets: 0 is x, 1 is y.</param>
/// <param name="Source">The variable it reads: x, y, or 2 for i.</param>
/// <param name="Constant">Its number.</param>
/// <param name="Length">Statements in its body.</param>
readonly record struct Statement(Operation Operation, long Target, long Source, long Constant, long Length);

sealed class TinyProgram(IReadOnlyList<Statement> statements)
{
    public const int NumbersPerStatement = 5;

    // More than any drawn program needs; what runs longer is not handed out.
    const int MaxSteps = 200;

    static readonly string[] s_variables = ["x", "y", "i"];

    readonly long[] _values = new long[3];
    readonly List<string> _trace = [];
    int _steps;
    string _truth = "", _lie = "";

    public static TinyProgram Of(long[] numbers) =>
        new([.. numbers.Chunk(NumbersPerStatement).Select(n => new Statement((Operation)n[0], n[1], n[2], n[3], n[4]))]);

    public static long[] Numbers(IEnumerable<Statement> statements) =>
        [.. statements.SelectMany(s => (long[])[(long)s.Operation, s.Target, s.Source, s.Constant, s.Length])];

    /// <summary>The program as text, one statement in a line; it prints x at its end.</summary>
    public string Text()
    {
        StringBuilder text = new();
        Write(text, 0, statements.Count, 0);
        return text.Append("print(x)").ToString();
    }

    /// <summary>Runs it: x at the end, or null where it takes too long.</summary>
    /// <param name="trace">Every assignment and every condition; empty where they are not asked for.</param>
    /// <param name="yes">How a condition that holds is written.</param>
    /// <param name="no">How one that does not hold is written.</param>
    public long? Run(out IReadOnlyList<string> trace, string yes = "yes", string no = "no")
    {
        (_truth, _lie, _steps) = (yes, no, 0);
        _trace.Clear();
        Array.Clear(_values);
        trace = _trace;
        return Run(0, statements.Count) ? _values[0] : null;
    }

    void Write(StringBuilder text, int from, int to, int depth)
    {
        for (int at = from; at < to; at++)
        {
            Statement s = statements[at];
            (string target, string source) = (s_variables[s.Target], s_variables[s.Source]);
            text.Append(' ', 2 * depth).Append(s.Operation switch
            {
                Operation.Set => $"{target}={s.Constant}",
                Operation.Add => $"{target}={source}+{s.Constant}",
                Operation.Subtract => $"{target}={source}-{s.Constant}",
                Operation.Multiply => $"{target}={source}*{s.Constant}",
                Operation.AddVariable => $"{target}={target}+{source}",
                Operation.If => $"if {source}>{s.Constant}:",
                Operation.Else => "else:",
                Operation.For => $"for i in range({s.Constant}):",
                Operation.While => $"while {source}<{s.Constant}:",
                _ => $"if {source}%{s.Constant}==0:",
            }).Append('\n');
            Write(text, at + 1, at + 1 + (int)s.Length, depth + 1);
            at += (int)s.Length;
        }
    }

    // False where the steps are used up.
    bool Run(int from, int to)
    {
        for (int at = from; at < to; at++)
        {
            if (++_steps > MaxSteps)
                return false;
            Statement s = statements[at];
            int body = at + 1, end = body + (int)s.Length;
            switch (s.Operation)
            {
                case Operation.If:
                case Operation.IfDivisible:
                    bool holds = Holds(s);
                    bool hasElse = end < to && statements[end].Operation == Operation.Else;
                    if (holds && !Run(body, end))
                        return false;
                    if (hasElse)
                    {
                        int other = end + 1;
                        end = other + (int)statements[end].Length;
                        if (!holds && !Run(other, end))
                            return false;
                    }
                    break;
                case Operation.For:
                    for (long i = 0; i < s.Constant; i++)
                    {
                        _values[2] = i;
                        _trace.Add($"i={i}");
                        if (!Run(body, end))
                            return false;
                    }
                    break;
                case Operation.While:
                    while (Holds(s))
                        if (++_steps > MaxSteps || !Run(body, end))
                            return false;
                    break;
                default:
                    Assign(s);
                    break;
            }
            at = end - 1;
        }
        return true;
    }

    bool Holds(Statement s)
    {
        long value = _values[s.Source];
        // Python's remainder: it has the divisor's sign.
        long remainder = s.Operation == Operation.IfDivisible ? (value % s.Constant + s.Constant) % s.Constant : 0;
        bool holds = s.Operation switch { Operation.If => value > s.Constant, Operation.While => value < s.Constant, _ => remainder == 0 };
        string condition = s.Operation switch { Operation.If => $"{value}>{s.Constant}", Operation.While => $"{value}<{s.Constant}", _ => $"{value}%{s.Constant}={remainder}" };
        _trace.Add($"{condition} {(holds ? _truth : _lie)}");
        return holds;
    }

    void Assign(Statement s)
    {
        long source = _values[s.Source], before = _values[s.Target];
        (long value, string term) = s.Operation switch
        {
            Operation.Set => (s.Constant, ""),
            Operation.Add => (source + s.Constant, $"{source}+{s.Constant}="),
            Operation.Subtract => (source - s.Constant, $"{source}-{s.Constant}="),
            Operation.Multiply => (source * s.Constant, $"{source}*{s.Constant}="),
            _ => (before + source, $"{before}+{source}="),
        };
        _values[s.Target] = value;
        _trace.Add($"{s_variables[s.Target]}={term}{value}");
    }
}
