// The list of procedural tasks.
using Fathom.Models.Configs;

namespace Fathom.Evaluation.Tasks;

/// <summary>All procedural tasks by name.</summary>
public static class TaskCatalog
{
    /// <summary>Every procedural task, easiest to explain first.</summary>
    public static IReadOnlyList<ProceduralTask> All { get; } =
    [
        new Addition(), new Subtraction(), new Multiplication(), new Modulo(), new Comparison(), new Counting(), new Sorting(),
        new LinearEquation(), new WordProblem(), new Countdown(),
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
