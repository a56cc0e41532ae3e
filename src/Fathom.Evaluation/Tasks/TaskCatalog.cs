// The list of procedural tasks.
using Fathom.Evaluation.Tasks.Algebra;
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Evaluation.Tasks.Lists;
using Fathom.Evaluation.Tasks.Logic;
using Fathom.Evaluation.Tasks.Measures;
using Fathom.Evaluation.Tasks.NumberTheory;
using Fathom.Evaluation.Tasks.Programs;
using Fathom.Evaluation.Tasks.Stories;
using Fathom.Evaluation.Tasks.Words;
using Fathom.Models.Configs;

namespace Fathom.Evaluation.Tasks;

/// <summary>All procedural tasks by name.</summary>
public static class TaskCatalog
{
    /// <summary>Every procedural task, area by area.</summary>
    public static IReadOnlyList<ProceduralTask> All { get; } =
    [
        new Addition(), new Subtraction(), new Multiplication(), new Division(), new Modulo(), new Comparison(), new Fractions(), new MixedExpression(), new Countdown(),
        new LinearEquation(), new TwoEquations(), new Quadratic(), new Progression(), new NextNumber(),
        new GcdLcm(), new PrimeFactors(), new ModularPower(), new BaseConversion(),
        new Counting(), new Sorting(), new Merging(), new BinarySearch(),
        new KnightsAndKnaves(), new Ordering(),
        new Reversal(), new LetterCount(), new Caesar(), new Palindrome(),
        new Weekday(), new DaysBetween(), new UnitConversion(), new Geometry(),
        new ProgramOutput(),
        new WordProblem(), new RatesAndAges(),
    ];

    /// <summary>The task called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">No such task; the message names the nearest one and all there are.</exception>
    public static ProceduralTask Find(string name)
    {
        foreach (ProceduralTask task in All)
            if (task.Name == name)
                return task;

        string nearest = NearestName.Of(name, All.Select(task => task.Name));
        throw new ArgumentException(
            $"Unknown task '{name}'; did you mean '{nearest}'? There are: {string.Join(", ", All.Select(task => task.Name))}.");
    }
}
