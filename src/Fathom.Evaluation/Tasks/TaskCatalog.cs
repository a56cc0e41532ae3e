// The list of procedural tasks.
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

        string nearest = All.MinBy(task => EditDistance(task.Name, name))!.Name;
        throw new ArgumentException(
            $"Unknown task '{name}'; did you mean '{nearest}'? There are: {string.Join(", ", All.Select(task => task.Name))}.");
    }

    // Levenshtein distance, one row at a time.
    static int EditDistance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 1; i <= left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.Length; j++)
            {
                int change = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.Length];
    }
}
