// Plain text for pre-training where the user gives none: short statements of arithmetic facts, the single steps that careful work is
// made of, in sentences.
using Fathom.Evaluation.Tasks;
using Fathom.Numerics.Random;

namespace Fathom.Training.Data;

/// <summary>Writes small texts about numbers.</summary>
static class MadeUpText
{
    /// <summary>One text: facts about random small numbers, or a worked problem told as prose.</summary>
    /// <param name="problems">Where prose takes its problem from; its own split, so held-out problems never appear.</param>
    /// <param name="random">The document's randomness.</param>
    /// <param name="index">The document's number.</param>
    public static Document Write(ProblemStream problems, ref RandomStream random, long index)
    {
        if (random.NextInt(2) == 0)
        {
            (ProceduralTask task, Problem problem) = problems[index];
            WorkedSolution solution = task.Worked(problem, WorkStyle.Careful, ref random);
            return new Document(null, null, $"Question: {problem.Prompt}\n{solution.Reasoning}\nAnswer: {solution.Answer}\n");
        }
        var facts = new List<string>();
        int count = random.NextInt(4, 10);
        for (int i = 0; i < count; i++)
        {
            int a = random.NextInt(10), b = random.NextInt(10), carry = random.NextInt(2);
            facts.Add(random.NextInt(5) switch
            {
                0 => $"{a}+{b}={a + b}",
                1 => $"{a}+{b}+{carry}={a + b + carry}",
                2 => $"{Math.Max(a, b)}-{Math.Min(a, b)}={Math.Abs(a - b)}",
                3 => $"{a}*{b}={a * b}",
                _ => a == b ? $"{a} equals {b}" : a < b ? $"{a} is less than {b}" : $"{a} is more than {b}",
            });
        }
        return new Document(null, null, string.Join('\n', facts) + "\n");
    }
}
