// What does a small program print?
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Programs;

/// <summary>A program in Python, the same in both languages: level 1 has assignments, level 2 a condition, level 3 a loop over a range, level 4
/// a condition in a loop or a loop with a condition. Numbers: five per statement (<c>TinyProgram</c>).</summary>
public sealed class ProgramOutput : ProceduralTask
{
    const int X = 0, Y = 1, I = 2;
    const int MaxTrace = 17;

    /// <inheritdoc/>
    public override string Name => "program-output";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        while (true)
        {
            List<Statement> program = [new(Operation.Set, X, X, random.NextInt(1, 10), 0)];
            switch (difficulty)
            {
                case 1:
                    program.Add(Change(Y, X, ref random));
                    program.Add(Change(X, random.NextInt(2) == 0 ? X : Y, ref random));
                    program.Add(random.NextInt(2) == 0 ? new(Operation.AddVariable, X, Y, 0, 0) : Change(X, Y, ref random));
                    break;
                case 2:
                    program.Add(Change(X, X, ref random));
                    program.Add(new(Operation.If, X, X, random.NextInt(2, 30), 1));
                    program.Add(Change(X, X, ref random));
                    program.Add(new(Operation.Else, X, X, 0, 1));
                    program.Add(Change(X, X, ref random));
                    break;
                case 3:
                    program.Add(new(Operation.For, X, X, random.NextInt(2, 5), 1));
                    program.Add(random.NextInt(3) == 0 ? new(Operation.AddVariable, X, I, 0, 0) : Change(X, X, ref random));
                    program.Add(Change(X, X, ref random));
                    break;
                default:
                    if (random.NextInt(2) == 0)
                    {
                        program.Add(new(Operation.For, X, X, random.NextInt(3, 6), 2));
                        program.Add(new(random.NextInt(2) == 0 ? Operation.If : Operation.IfDivisible, X, random.NextInt(2) == 0 ? X : I, random.NextInt(2, 5), 1));
                        program.Add(Change(X, X, ref random));
                        program.Add(new(Operation.AddVariable, X, I, 0, 0));
                    }
                    else
                    {
                        program.Add(new(Operation.Set, Y, Y, random.NextInt(0, 5), 0));
                        program.Add(new(Operation.While, X, X, random.NextInt(15, 50), 2));
                        program.Add(new(Operation.Add, Y, Y, random.NextInt(1, 4), 0));
                        program.Add(random.NextInt(2) == 0 ? new(Operation.AddVariable, X, Y, 0, 0) : new(Operation.Multiply, X, X, 2, 0));
                        program.Add(new(Operation.AddVariable, X, Y, 0, 0));
                    }
                    break;
            }
            long? value = new TinyProgram(program).Run(out IReadOnlyList<string> trace);
            if (value is > -100 and < 1000 && trace.Count <= MaxTrace)
                return TinyProgram.Numbers(program);
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string question = language == Language.Chinese ? "这个程序输出什么？" : "What does this program print?";
        return $"{question}\n{TinyProgram.Of(numbers).Text()}";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{TinyProgram.Of(numbers).Run(out _)}";

    /// <summary>The trace: every value that is set and every condition.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        bool chinese = problem.Language == Language.Chinese;
        TinyProgram.Of([.. problem.Numbers]).Run(out IReadOnlyList<string> trace, chinese ? "是" : "yes", chinese ? "否" : "no");
        lines.AddRange(trace);
    }

    static Statement Change(long target, long source, ref RandomStream random) => random.NextInt(3) switch
    {
        0 => new(Operation.Add, target, source, random.NextInt(1, 10), 0),
        1 => new(Operation.Subtract, target, source, random.NextInt(1, 6), 0),
        _ => new(Operation.Multiply, target, source, random.NextInt(2, 4), 0),
    };
}
