// Whether the lines of a careful solution are true, each for itself, and whether they lead to the answer.
using System.Globalization;
using System.Text.RegularExpressions;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Tests.Tasks;

static class WorkedLines
{
    public static bool IsTrue(Problem problem, string line)
    {
        switch (problem.Task)
        {
            case "counting":
                int[][] items = [.. line.Split(' ').Select(item => item.Split(':').Select(int.Parse).ToArray())];
                return items.Zip(items.Skip(1)).All(pair => pair.Second[1] - pair.First[1] is 0 or 1);
            case "letter-count":
            case "palindrome":
                // A tally that grows exactly where the letter is the wanted one, or where the two letters differ.
                char wanted = (char)('a' + problem.Numbers[0]);
                int tally = 0;
                return line.Split(' ').All(item => item == $"{item.Split(':')[0]}:{(tally += Counts(item) ? 1 : 0)}");
                bool Counts(string item) => problem.Task == "palindrome" ? item[0] != item[1] : item[0] == wanted;
            case "sorting":
                return PromptOracle.Integers(line.Split(':')[0]).Min() == long.Parse(line.Split(':')[1], CultureInfo.InvariantCulture);
            case "comparison":
                return PromptOracle.Evaluate(Regex.Replace(line, "length |长度 ", "")) == 1;
            case "merging":
                return line[0] == ':' || PromptOracle.Evaluate(line.Split(": ")[0]) == 1
                    && PromptOracle.Integers(line.Split(": ")[0]).Min() == long.Parse(line.Split(": ")[1], CultureInfo.InvariantCulture);
            case "binary-search":
                return Equations(line.Split(": ")[0]) && PromptOracle.Evaluate(line.Split(": ")[1]) == 1;
            case "reversal":
                string letters = line.Replace(" ", "", StringComparison.Ordinal);
                return letters == problem.Answer || letters == new string([.. problem.Answer.Reverse()]);
            case "caesar":
                string[] parts = line.Split(' ');
                return (char)('a' + long.Parse(parts[1].Split('+', '-')[0], CultureInfo.InvariantCulture)) == parts[0][0]
                    && Equations(string.Join(' ', parts[1..^1])) && (char)('a' + long.Parse(parts[^2].Split('=')[1], CultureInfo.InvariantCulture)) == parts[^1][0];
            case "ordering":
                return line.Contains(' ', StringComparison.Ordinal)
                    || problem.Numbers.Chunk(3).Any(pair => line == $"{(char)('A' + pair[0])}<{(char)('A' + pair[1])}");
            case "knights-and-knaves":
                // The speaker named contradicts the assignment, and nobody does where nobody is named.
                if (problem.Language == Language.Chinese)
                    return true;
                List<Func<bool[], bool>> statements = PromptOracle.Statements(problem.Prompt);
                bool[] knights = [.. line[..statements.Count].Select(digit => digit == '1')];
                int first = Enumerable.Range(0, statements.Count).FirstOrDefault(i => statements[i](knights) != knights[i], -1);
                return first < 0 ? line.Length == statements.Count : line[statements.Count..] == $"{(char)('A' + first)}";
            case "program-output":
                if (line[0] is 'x' or 'y' or 'i')
                    return Equations(line[2..]);
                string[] condition = line.Split(' ');
                bool holds = condition[0].Contains('%', StringComparison.Ordinal)
                    ? condition[0].EndsWith("=0", StringComparison.Ordinal) : PromptOracle.Evaluate(condition[0]) == 1;
                return condition[1] == (problem.Language == Language.Chinese ? holds ? "是" : "否" : holds ? "yes" : "no")
                    && (!condition[0].Contains('%', StringComparison.Ordinal) || condition[0][0] == '-' || Equations(condition[0]));
            default:
                return Equations(line.Split(": ")[0]);
        }
    }

    public static bool LeadToAnswer(Problem problem, WorkedSolution worked)
    {
        string[] lines = worked.Reasoning.Split('\n');
        string last = lines[^1];
        return problem.Task switch
        {
            // Comparison ends in a sign that points to the answer.
            "comparison" => problem.Answer == $"{problem.Numbers[last.Contains('>', StringComparison.Ordinal) ? 0 : 1]}",
            "sorting" or "merging" => problem.Answer == string.Join(' ', lines.Select(line => line.Split(": ")[1])),
            "binary-search" => problem.Answer == string.Join(' ', lines.Select(line => PromptOracle.Integers(line.Split(": ")[1])[0])),
            "countdown" => last.EndsWith($"={problem.Numbers[^1]}", StringComparison.Ordinal),
            "division" => problem.Answer == Regex.Replace(last, "^.*=([0-9]+): ([0-9]+)$", "$2 $1"),
            "fractions" or "ordering" => problem.Answer == last,
            "prime-factors" => last == $"{problem.Answer}={problem.Numbers[0]}",
            "two-equations" => problem.Answer == $"{lines[2].Split('=')[1]} {lines[3].Split('=')[1]}",
            "quadratic" => problem.Answer == string.Join(' ', last.Split(' ').Select(equation => equation.Split('=')[1])),
            "knights-and-knaves" => problem.Answer == string.Join(' ', last.Select((digit, i) => (digit, i)).Where(p => p.digit == '1').Select(p => (char)('A' + p.i))),
            "reversal" => problem.Answer == last.Replace(" ", "", StringComparison.Ordinal),
            "caesar" => problem.Answer == string.Concat(lines.Select(line => line[^1])),
            "unit-conversion" when problem.Answer.Contains(' ', StringComparison.Ordinal) => problem.Answer == Regex.Replace(last, "^[0-9]+-([0-9]+)\\*[0-9]+=([0-9]+)$", "$1 $2"),
            "program-output" => lines.Last(line => line[0] == 'x').Split('=')[^1] == problem.Answer,
            _ => PromptOracle.Integers(last)[^1] == long.Parse(problem.Answer, CultureInfo.InvariantCulture),
        };
    }

    // Every equation of a line, computed by the framework's own expression evaluator.
    static bool Equations(string text) => text.Split(' ').All(equation => equation.Split('=').Select(PromptOracle.Evaluate).Distinct().Count() == 1);
}
