// What must hold for every procedural task: disjoint splits, enough problems in each, determinism, right answers (by an oracle that reads
// the prompt), verifiers that cannot be cheated, worked solutions whose every line is true.
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
                    string content = ContentOfPrompt(problem, problem.Language == Language.English ? problem.Prompt : task.Generate((ulong)(index % 3), index, split, difficulty, Language.English).Prompt);
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
            Assert.DoesNotMatch("[^ -~\n]", english.Prompt);
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
            if (PromptOracle.Solve(name, problem.Prompt) is { } expected)
                Assert.Equal(expected, problem.Answer);
            else
                Assert.True(PromptOracle.IsCountdown(problem.Prompt, problem.Answer), $"{problem.Prompt} -> {problem.Answer}");
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
                    Assert.True(WorkedLines.IsTrue(problem, line), $"{problem.Prompt}: {line}");
                Assert.True(WorkedLines.LeadToAnswer(problem, worked), $"{problem.Prompt}: {worked}");
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

    // Every level has problems of its own in every split, so that a score on the held-out ones means something.
    [Theory]
    [MemberData(nameof(Names))]
    public void EverySplitAndLevel_HasProblemsOfItsOwn(string name)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        for (int level = 1; level <= task.DifficultyCount; level++)
        {
            int[] counts = [.. Enum.GetValues<Split>().Select(split => Enumerable.Range(0, 400)
                .Select(index => task.Generate(1, index, split, level, Language.English).Prompt).Distinct().Count())];
            output.WriteLine($"{name} {level}: {string.Join(", ", counts)} different ones among 400 of each split");
            // The first families' lowest levels have few problems: 45 differences of two digits, for instance, one of them held out.
            Assert.All(counts, count => Assert.InRange(count, level == 1 && name is "subtraction" or "multiplication" ? 1 : 5, 400));
        }
    }

    // One answer and nothing else: not the question, not all numbers there are, not the right answer among others.
    [Theory]
    [MemberData(nameof(Names))]
    public void Check_MoreThanOneAnswer_IsWrong(string name)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        string everyNumber = string.Join(' ', Enumerable.Range(0, 1000));
        Problem? before = null;
        foreach (Problem problem in Problems(task, Language.English))
        {
            string answer = problem.Answer;
            List<string> wrong = ["", problem.Prompt, everyNumber, everyNumber.Replace(' ', ','), "A B C D E", $"{answer} {answer}", $"{answer} and {answer}", $"{answer}\n{answer}"];
            if (before is not null && before.Answer != answer)
                foreach (string other in new[] { before.Answer, $"{answer} {before.Answer}", $"{before.Answer}, {answer}", $"{answer} or {before.Answer}", $"{answer}. {before.Answer}", $"{answer}={before.Answer}" })
                    wrong.Add(other);
            // Another countdown may have the same numbers and target, and its expression is right here too.
            foreach (string text in wrong.Where(text => text != answer && !(name == "countdown" && text == before?.Answer)))
                Assert.False(task.Check(problem, text), $"{problem.Prompt} accepts '{text}'");
            before = problem;
        }
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

    // The content of a problem read from its prompt: what is asked, and the numbers, sorted where their order does not matter. Of the families
    // with more wording, the English prompt (`TaskCheckTests` has their variants that are the same problem).
    static string ContentOfPrompt(Problem problem, string english)
    {
        if (problem.Task == "word-problem")
            return $"{problem.Numbers[0]}: {problem.Numbers[1]} {problem.Numbers[2]} {problem.Numbers[3]}";
        if (problem.Task is not ("addition" or "subtraction" or "multiplication" or "modulo" or "comparison" or "sorting" or "linear-equation" or "countdown" or "counting"))
            return english;
        List<long> numbers = PromptOracle.Integers(problem.Prompt);
        // Chinese countdown names the target last, Chinese counting the digit last: put it first as in English.
        if (problem.Language == Language.Chinese && problem.Task is ("countdown" or "counting"))
            numbers = [numbers[^1], .. numbers[..^1]];
        bool commutative = problem.Task is "addition" or "multiplication" or "comparison" or "sorting";
        IEnumerable<long> content = commutative ? numbers.Order()
            : problem.Task == "linear-equation" ? numbers : numbers.Take(1).Concat(numbers.Skip(1).Order());
        return $"{(problem.Prompt.Contains('-', StringComparison.Ordinal) ? "minus" : "")} {string.Join(' ', content)}";
    }

    // Digits, signs and words one token each.
    static int Tokens(string text) => Token().Count(text);

    [GeneratedRegex(@"[a-z]+|[^a-z]")]
    private static partial Regex Token();
}
