// Problems of a recipe's tasks, drawn by their weights. Problem i of a split is a function of (seed, i), so a resumed run goes on
// with the same ones.
using Fathom.Evaluation.Tasks;
using Fathom.Numerics.Random;
using Fathom.Training.Recipes;

namespace Fathom.Training.Data;

/// <summary>An endless stream of problems of one split.</summary>
public sealed class ProblemStream
{
    readonly (ProceduralTask Task, double Upto, TaskOptions Options)[] _tasks;
    readonly ulong _seed;
    readonly Split _split;
    readonly CounterRandom _random;

    /// <summary>The stream of a recipe.</summary>
    /// <param name="recipe">Names tasks, weights and difficulties.</param>
    /// <param name="split">Training, validation or held-out problems; they never overlap.</param>
    /// <param name="purpose">Streams of different purposes draw differently.</param>
    /// <exception cref="RecipeException">A task does not exist or has no such difficulty.</exception>
    public ProblemStream(Recipe recipe, Split split, string purpose)
    {
        _split = split;
        _seed = (ulong)recipe.Seed;
        _random = new CounterRandom(_seed, ContentHash.Of($"problems/{split}/{purpose}", []));
        double total = recipe.Tasks.Sum(t => t.Weight), sum = 0;
        _tasks = [.. recipe.Tasks.Select(options =>
        {
            ProceduralTask task = TaskCatalog.Find(options.Task);
            if (options.MaxDifficulty > task.DifficultyCount)
                throw new RecipeException($"task '{options.Task}': maxDifficulty is {options.MaxDifficulty}; it has difficulties 1 to {task.DifficultyCount}.");
            sum += options.Weight / total;
            return (task, sum, options);
        })];
    }

    /// <summary>Problem number <paramref name="index"/> and its task.</summary>
    public (ProceduralTask Task, Problem Problem) this[long index]
    {
        get
        {
            double u = _random.Double(3 * (ulong)index);
            int t = 0;
            while (t < _tasks.Length - 1 && u >= _tasks[t].Upto)
                t++;
            (ProceduralTask task, _, TaskOptions options) = _tasks[t];
            int span = options.MaxDifficulty - options.MinDifficulty + 1;
            int difficulty = options.MinDifficulty + (int)(_random.Double(3 * (ulong)index + 1) * span);
            Language language = options.Languages[(int)(_random.Double(3 * (ulong)index + 2) * options.Languages.Count)];
            return (task, task.Generate(_seed, index, _split, difficulty, language));
        }
    }
}
