// What a seed draws never changes: recipes and published scores rest on it. Every family's problems, answers, careful and hasty solutions
// over all levels, splits and languages, as one number.
using Fathom.Evaluation.Tasks;
using Fathom.Numerics.Random;
using Xunit.Abstractions;

namespace Fathom.Evaluation.Tests.Tasks;

public sealed class PinnedTaskTests(ITestOutputHelper output)
{
    const int PerSet = 20;

    public static TheoryData<string, ulong> Pinned => new()
    {
        { "addition", 14747954487851078373UL },
        { "subtraction", 4897124088367277576UL },
        { "multiplication", 9960997650072620053UL },
        { "division", 9105694910290839207UL },
        { "modulo", 3571176303173704536UL },
        { "comparison", 2074492457018481101UL },
        { "fractions", 18359537271060348291UL },
        { "mixed-expression", 15666414975329544285UL },
        { "countdown", 6148566621538884429UL },
        { "linear-equation", 8036772015529766999UL },
        { "two-equations", 4431850795326316783UL },
        { "quadratic", 2065985058231139165UL },
        { "progression", 10938298960037927253UL },
        { "next-number", 13314576970706399202UL },
        { "gcd-lcm", 17008218293879133248UL },
        { "prime-factors", 6014538083710906050UL },
        { "modular-power", 6527043761850793396UL },
        { "base-conversion", 15547467821573046131UL },
        { "counting", 8665105903038852510UL },
        { "sorting", 9492207504068185244UL },
        { "merging", 6912025543403516172UL },
        { "binary-search", 15449065050475819337UL },
        { "knights-and-knaves", 8573006788731497860UL },
        { "ordering", 9762246352358413987UL },
        { "reversal", 12410875384150128175UL },
        { "letter-count", 9655907992026837832UL },
        { "caesar", 8209232335723218946UL },
        { "palindrome", 16220630984457038460UL },
        { "weekday", 4868347473773400806UL },
        { "days-between", 8155322541625797395UL },
        { "unit-conversion", 9111650794796046528UL },
        { "geometry", 2192993743879562984UL },
        { "program-output", 8597236287660829147UL },
        { "word-problem", 8369020385134810899UL },
        { "rates-and-ages", 3397877356172693048UL },
    };

    [Theory]
    [MemberData(nameof(Pinned))]
    public void Family_DrawsWordsAndSolvesAsEver(string name, ulong expected)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        RandomStream random = new(4, 2);
        ulong hash = 0;
        for (int level = 1; level <= task.DifficultyCount; level++)
            foreach (Split split in Enum.GetValues<Split>())
                foreach (Language language in Enum.GetValues<Language>())
                    for (int index = 0; index < PerSet; index++)
                    {
                        Problem problem = task.Generate(2, index, split, level, language);
                        WorkedSolution careful = task.Worked(problem, WorkStyle.Careful, ref random), hasty = task.Worked(problem, WorkStyle.Hasty, ref random, 0.5);
                        string text = $"{problem.Prompt}|{problem.Answer}|{careful.Reasoning}|{careful.Answer}|{hasty.Reasoning}|{hasty.Answer}";
                        hash = ContentHash.Of(text, [(long)hash, .. problem.Numbers]);
                    }
        output.WriteLine($"{{ \"{name}\", {hash}UL }},");
        Assert.Equal(expected, hash);
    }

    [Fact]
    public void EveryFamily_IsPinned() =>
        Assert.Equal(TaskCatalog.All.Select(task => task.Name), Pinned.Select(row => (string)row[0]));
}
