// `fathom tasks`: the built-in tasks, each with a problem and its two worked solutions.
using System.CommandLine;
using Fathom.Evaluation.Tasks;
using Fathom.Numerics.Random;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>tasks</c>.</summary>
static class TasksVerb
{
    static readonly Option<Language> s_language = new("--language") { Description = "Wording of the problems.", DefaultValueFactory = _ => Language.English };

    static readonly Option<long> s_seed = CommonOptions.Seed("of the examples");

    public static Verb Create() => new Verb(
        "tasks", "Lists the built-in tasks, each with an example, a careful solution and a hasty one.",
        "tasks",
        "tasks --language chinese --json")
    {
        s_language, s_seed, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        ulong seed = (ulong)parsed.GetValue(s_seed);
        Language language = parsed.GetValue(s_language);
        var examples = TaskCatalog.All.Select(task =>
        {
            Problem problem = task.Generate(seed, 0, Split.Train, 1, language);
            RandomStream random = new(seed, 0);
            return new
            {
                Task = task.Name,
                Difficulties = task.DifficultyCount,
                problem.Prompt,
                problem.Answer,
                Careful = task.Worked(problem, WorkStyle.Careful, ref random),
                Hasty = task.Worked(problem, WorkStyle.Hasty, ref random, errorRate: 0.5),
            };
        }).ToList();
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(examples);
            return Endings.Fine;
        }
        foreach (var example in examples)
        {
            Console.Out.WriteLine($"{example.Task}, difficulty 1 to {example.Difficulties}");
            Console.Out.WriteLine($"  {example.Prompt.Replace("\n", "\n  ", StringComparison.Ordinal)}");
            Console.Out.WriteLine($"  careful: {example.Careful.Reasoning.Replace("\n", " | ", StringComparison.Ordinal)} => {example.Careful.Answer}");
            Console.Out.WriteLine($"  hasty:   {example.Hasty.Reasoning} => {example.Hasty.Answer}");
            Console.Out.WriteLine();
        }
        return Endings.Fine;
    }
}
