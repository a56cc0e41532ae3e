// What must hold for every procedural task: disjoint splits, determinism, right answers (by an oracle that reads the prompt), worked
// solutions whose every line is true.
using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;
using Fathom.Numerics.Random;
using Xunit.Abstractions;

namespace Fathom.Evaluation.Tests.Tasks;

public sealed partial class ProceduralTaskTests(ITestOutputHelper output)
{
    const int PerLevel = 400;

    public static TheoryData<string> Names => [.. TaskCatalog.All.Select(task => task.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Splits_NeverShareAProblem_WhateverSeedLevelAndLanguage(string name)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        Dictionary<string, Split> seen = [];
        int made = 0;
        for (int difficulty = 1; difficulty <= task.DifficultyCount; difficulty++)
            foreach (Split split in Enum.GetValues<Split>())
                for (int index = 0; index < 2000; index++, made++)
                {
                    Problem problem = task.Generate((ulong)(index % 3), index, split, difficulty, (Language)(index % 2));
                    Assert.Equal(split, task.SplitOf(problem));
                    string content = ContentOfPrompt(problem);
                    if (!seen.TryAdd(content, split))
                        Assert.True(seen[content] == split, $"'{problem.Prompt}' is in {split} and in {seen[content]}");
                }
        output.WriteLine($"{name}: {made} problems, {seen.Count} different ones");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Generate_SameArguments_SameProblem_AndBothLanguagesSayTheSame(string name)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        HashSet<string> prompts = [];
        for (int index = 0; index < PerLevel; index++)
        {
            Problem english = task.Generate(7, index, Split.Train, 1 + index % task.DifficultyCount, Language.English);
            Problem again = task.Generate(7, index, Split.Train, 1 + index % task.DifficultyCount, Language.English);
            Problem chinese = task.Generate(7, index, Split.Train, 1 + index % task.DifficultyCount, Language.Chinese);
            Assert.Equal(english.Prompt, again.Prompt);
            Assert.Equal(english.Numbers, chinese.Numbers);
            Assert.Equal(english.Answer, chinese.Answer);
            Assert.DoesNotMatch("[^ -~]", english.Prompt);
            Assert.Matches(@"[\u4e00-\u9fff]", chinese.Prompt);
            prompts.Add(english.Prompt);
        }
        Assert.True(prompts.Count > PerLevel / 4, $"only {prompts.Count} different prompts in {PerLevel}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Answer_IsWhatThePromptAsksFor(string name)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        foreach (Problem problem in Problems(task, Language.English))
        {
            Assert.True(AnsweredByPrompt(problem, problem.Answer), $"{problem.Prompt} -> {problem.Answer}");
            Assert.True(task.Check(problem, problem.Answer), problem.Prompt);
            Assert.True(task.Check(problem, $" {problem.Answer} "), problem.Prompt);
            Assert.Equal(problem.Answer, task.Solve(problem));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CarefulWork_EveryLineIsTrue_Short_AndEndsInTheAnswer(string name)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        RandomStream random = new(3, 1);
        int[] longest = new int[task.DifficultyCount];
        foreach (Language language in Enum.GetValues<Language>())
            foreach (Problem problem in Problems(task, language))
            {
                WorkedSolution worked = task.Worked(problem, WorkStyle.Careful, ref random, errorRate: 1);
                Assert.Equal(problem.Answer, worked.Answer);
                foreach (string line in worked.Reasoning.Split('\n'))
                    Assert.True(IsTrue(name, line), $"{problem.Prompt}: {line}");
                Assert.True(LeadsToAnswer(problem, worked), $"{problem.Prompt}: {worked}");
                Assert.True(AnswerExtraction.Parse($"{worked.Reasoning}</think>{worked.Answer}").WellFormed);
                longest[problem.Difficulty - 1] = Math.Max(longest[problem.Difficulty - 1], Tokens(worked.Reasoning));
            }
        output.WriteLine($"{name}: longest careful reasoning per level, in tokens: {string.Join(", ", longest)}");
        // What a model of a million parameters can follow; the highest levels may be longer.
        Assert.All(longest[..Math.Min(3, longest.Length)], length => Assert.InRange(length, 1, 90));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void HastyWork_IsWrongAtTheGivenRate_AndWellFormed(string name)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        RandomStream random = new(3, 2);
        int wrong = 0, count = 0;
        foreach (Problem problem in Problems(task, Language.Chinese))
        {
            Assert.True(task.Check(problem, task.Worked(problem, WorkStyle.Hasty, ref random).Answer));
            WorkedSolution lie = task.Worked(problem, WorkStyle.Hasty, ref random, errorRate: 1);
            Assert.False(task.Check(problem, lie.Answer), $"{problem.Prompt}: {lie.Answer}");
            Assert.True(AnswerExtraction.Parse($"{lie.Reasoning}</think>{lie.Answer}").WellFormed);
            wrong += task.Check(problem, task.Worked(problem, WorkStyle.Hasty, ref random, errorRate: 0.3).Answer) ? 0 : 1;
            count++;
        }
        // Five standard deviations of a binomial.
        Assert.InRange(wrong, 0.3 * count - 5 * Math.Sqrt(0.21 * count), 0.3 * count + 5 * Math.Sqrt(0.21 * count));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Check_AnyText_IsJustWrong(string name)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        Problem problem = task.Generate(1, 1, Split.Train, 1, Language.English);
        foreach (string text in new[] { "", " ", ".", ",", "-", "\0", "abc", "１２", "99999999999999999999999", new string('9', 1_000_000),
            new string('(', 1_000_000), new string(' ', 1_000_000), "x=", "1e3", "0x10", "\uD800" })
            Assert.False(task.Check(problem, text), text.Length > 30 ? text[..30] : text);
    }

    [Fact]
    public void Generate_UnknownLevel_NamesTheRange()
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(
            () => TaskCatalog.Find("addition").Generate(1, 0, Split.Train, 6, Language.English));
        Assert.Contains("difficulty 1 to 5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_UnknownName_SuggestsTheNearest()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => TaskCatalog.Find("adition"));
        Assert.Contains("'addition'", error.Message, StringComparison.Ordinal);
        Assert.Contains("countdown", error.Message, StringComparison.Ordinal);
        Assert.Equal(TaskCatalog.All.Count, TaskCatalog.All.Select(task => task.Name).Distinct().Count());
    }

    [Fact]
    public void ContentHash_SplitsFourteenOneOne_AndNeverChanges()
    {
        int[] counts = new int[3];
        const int Total = 160_000;
        for (int i = 0; i < Total; i++)
            counts[(int)ContentHash.SplitOf(ContentHash.Of("addition", [i % 400, i / 400]))]++;
        double tolerance = 5 * Math.Sqrt(Total * 15.0 / 256);
        Assert.InRange(counts[(int)Split.HeldOut], Total / 16 - tolerance, Total / 16 + tolerance);
        Assert.InRange(counts[(int)Split.Validation], Total / 16 - tolerance, Total / 16 + tolerance);
        Assert.Equal(12889865432022980644UL, ContentHash.Of("addition", [12, 34]));
    }

    static IEnumerable<Problem> Problems(ProceduralTask task, Language language)
    {
        for (int difficulty = 1; difficulty <= task.DifficultyCount; difficulty++)
            for (int index = 0; index < PerLevel; index++)
                yield return task.Generate(11, index, (Split)(index % 3), difficulty, language);
    }

    // The content of a problem read from its prompt: what is asked, and the numbers, sorted where their order does not matter.
    static string ContentOfPrompt(Problem problem)
    {
        if (problem.Task == "word-problem")
            return $"{problem.Numbers[0]}: {problem.Numbers[1]} {problem.Numbers[2]} {problem.Numbers[3]}";
        List<long> numbers = Integers(problem.Prompt);
        // Chinese countdown names the target last, Chinese counting the digit last: put it first as in English.
        if (problem.Language == Language.Chinese && problem.Task is ("countdown" or "counting"))
            numbers = [numbers[^1], .. numbers[..^1]];
        bool commutative = problem.Task is "addition" or "multiplication" or "comparison" or "sorting";
        IEnumerable<long> content = commutative ? numbers.Order()
            : problem.Task == "linear-equation" ? numbers : numbers.Take(1).Concat(numbers.Skip(1).Order());
        return $"{(problem.Prompt.Contains('-', StringComparison.Ordinal) ? "minus" : "")} {string.Join(' ', content)}";
    }

    // Reads the English prompt and decides whether the answer is right, sharing no code with the tasks.
    static bool AnsweredByPrompt(Problem problem, string answer)
    {
        string prompt = problem.Prompt;
        List<long> n = Integers(prompt);
        return problem.Task switch
        {
            "addition" => answer == $"{n[0] + n[1]}",
            "subtraction" => answer == $"{n[0] - n[1]}",
            "multiplication" => answer == $"{n[0] * n[1]}",
            "modulo" => answer == $"{n[0] % n[1]}",
            "comparison" => n[0] != n[1] && answer == $"{n.Max()}",
            "counting" => answer == $"{prompt.Split("appear in")[1].Count(letter => letter == (char)('0' + n[0]))}",
            "sorting" => answer == string.Join(' ', n.Order()),
            "linear-equation" => n[0] * long.Parse(answer, CultureInfo.InvariantCulture) + (prompt.Contains('-', StringComparison.Ordinal) ? -n[1] : n[1]) == n[2],
            "word-problem" => answer == $"{Story(prompt, n)}",
            "countdown" => Evaluate(answer) == n[0] && Integers(answer).Count <= n.Count - 1 && Integers(answer).Order().SequenceEqual(n.Skip(1).Order()),
            _ => throw new ArgumentException(problem.Task),
        };
    }

    static long Story(string prompt, List<long> n)
    {
        long value = prompt.Contains("boxes with", StringComparison.Ordinal) ? n[0] * n[1] : prompt.Contains("equally", StringComparison.Ordinal) ? n[0] / n[1] : n[0];
        if (prompt.Contains(" gets ", StringComparison.Ordinal))
            value += n[1];
        if (prompt.Contains("gives away", StringComparison.Ordinal) || prompt.Contains(" takes ", StringComparison.Ordinal))
            value -= n[^1];
        return prompt.Contains("each and", StringComparison.Ordinal) ? value + n[^1] : value;
    }

    // Every equation and comparison of a line, computed by the framework's own expression evaluator.
    static bool IsTrue(string task, string line)
    {
        switch (task)
        {
            case "counting":
                int[][] items = [.. line.Split(' ').Select(item => item.Split(':').Select(int.Parse).ToArray())];
                return items.Zip(items.Skip(1)).All(pair => pair.Second[1] - pair.First[1] is 0 or 1);
            case "sorting":
                return Integers(line.Split(':')[0]).Min() == long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
            case "comparison":
                return Evaluate(Regex.Replace(line, "length |长度 ", "")) == 1;
        }
        string[] equations = line.Split(": ")[0].Split(' ');
        return equations.All(equation => equation.Split('=').Select(Evaluate).Distinct().Count() == 1);
    }

    static bool LeadsToAnswer(Problem problem, WorkedSolution worked)
    {
        string last = worked.Reasoning.Split('\n')[^1];
        return problem.Task switch
        {
            // Comparison ends in a sign that points to the answer.
            "comparison" => problem.Answer == $"{problem.Numbers[last.Contains('>', StringComparison.Ordinal) ? 0 : 1]}",
            "sorting" => problem.Answer == string.Join(' ', worked.Reasoning.Split('\n').Select(line => line.Split(": ")[1])),
            "countdown" => last.EndsWith($"={problem.Numbers[^1]}", StringComparison.Ordinal),
            _ => Integers(last)[^1] == long.Parse(problem.Answer, CultureInfo.InvariantCulture),
        };
    }

    static double Evaluate(string expression)
    {
        using DataTable table = new() { Locale = CultureInfo.InvariantCulture };
        return Convert.ToDouble(table.Compute(expression, ""), CultureInfo.InvariantCulture);
    }

    static List<long> Integers(string text) => [.. Number().Matches(text).Select(match => long.Parse(match.Value, CultureInfo.InvariantCulture))];

    // Digits, signs and words one token each.
    static int Tokens(string text) => Token().Count(text);

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex(@"[a-z]+|[^a-z]")]
    private static partial Regex Token();
}
