// How many untrusted programs the sandbox grades in a time: short ones, each with one test on standard input and output.

using System.Diagnostics;
using System.Globalization;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Benchmarks;

static class ProgramBenchmark
{
    const int DefaultPrograms = 1000;

    /// <summary>Prints a line per language and way of isolation that works here. Argument: the number of programs.</summary>
    public static int Run(string[] args)
    {
        int count = args is [string text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int given) && given > 0 ? given : DefaultPrograms;
        Console.WriteLine($"{"isolation",-16} {"language",-8} {"programs",8} {"right",6} {"seconds",8} {"a program, ms",13}");
        foreach (Isolation isolation in new[] { Isolation.Bubblewrap, Isolation.Namespaces, Isolation.UserNamespaces })
        {
            if (ProcessSandbox.Obstacle(isolation) is { } obstacle)
            {
                Console.WriteLine($"{isolation,-16} {obstacle}");
                continue;
            }
            using var grader = new CodeGrader(new SandboxOptions { Isolation = isolation });
            Measure(grader, isolation, ProgramLanguage.Python, count, i => $"n = int(input())\nprint(sum(k * k for k in range(n)) + {i})\n");
            Measure(grader, isolation, ProgramLanguage.CSharp, count, i => $"int n = int.Parse(System.Console.ReadLine()!); int s = {i}; for (int k = 0; k < n; k++) s += k * k; System.Console.WriteLine(s);");
        }
        return 0;
    }

    // Every program is another one, so that no compiler's cache answers for it.
    static void Measure(CodeGrader grader, Isolation isolation, ProgramLanguage language, int count, Func<int, string> program)
    {
        int right = 0;
        long start = Stopwatch.GetTimestamp();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount }, i =>
        {
            if (grader.Grade(language, program(i), new StdioTests([new StdioTest("100", $"{328350 + i}")])).Passed == 1)
                Interlocked.Increment(ref right);
        });
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{isolation,-16} {language,-8} {count,8} {right,6} {seconds,8:0.0} {seconds / count * 1000,13:0.0}"));
    }
}
