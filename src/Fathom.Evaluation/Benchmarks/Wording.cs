// The instructions that turn a question into a user's turn. Scores depend on them: a change here makes new scores incomparable with old ones.
using System.Text;
using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks;

/// <summary>The wording of prompts.</summary>
static class Wording
{
    /// <summary>Asks for reasoning and a boxed answer, as the authors of DeepSeek-R1 advise for mathematics.</summary>
    public static string Boxed(string question, Language language) => language == Language.Chinese
        ? $"{question}\n请逐步推理，并将最终答案写在 \\boxed{{}} 中。"
        : $"{question}\nPlease reason step by step, and put your final answer within \\boxed{{}}.";

    /// <summary>Lettered choices, and a last line with the letter alone.</summary>
    public static string Choice(string question, IReadOnlyList<string> choices, Language language)
    {
        string lettered = string.Join('\n', choices.Select((choice, i) => $"{ChoiceProblem.Letter(i)}. {choice.Trim()}"));
        char last = ChoiceProblem.Letter(choices.Count - 1);
        return language == Language.Chinese
            ? $"{question}\n\n{lettered}\n\n请逐步思考，最后另起一行，以“答案：X”的形式作答，其中 X 是 A 到 {last} 中的一个字母。"
            : $"{question}\n\n{lettered}\n\nThink step by step, and end with a line of the form \"Answer: X\", where X is one of the letters A to {last}.";
    }

    /// <summary>A question about a text; several answers are separated by semicolons.</summary>
    public static string Passage(string passage, string question) =>
        $"{passage.Trim()}\n\nQuestion: {question.Trim()}\n\nThink step by step, and end with a line of the form \"Answer: X\", where X is a number, a date, or words of the text, as short as possible. If X is several things, separate them with semicolons.";

    /// <summary>A question with an answer of a few words.</summary>
    public static string ShortAnswer(string question) => $"{question.Trim()}\n\nEnd with a line of the form \"Answer: X\", where X is the answer in as few words as possible.";

    /// <summary>A function to complete.</summary>
    public static string Completion(string beginning) => $"Complete this Python function. Answer with the whole function in one ```python block.\n\n```python\n{beginning.Trim()}\n```";

    /// <summary>A function to write, with the assertions that it must pass.</summary>
    public static string Function(string text, IReadOnlyList<string> asserts) =>
        $"{text.Trim()}\n\nYour code must pass these tests:\n\n{string.Join('\n', asserts)}\n\nAnswer with the code in one ```python block.";

    /// <summary>A program that reads standard input, or the completed starter code.</summary>
    public static string Program(string question, string starter) => string.IsNullOrWhiteSpace(starter)
        ? $"{question.Trim()}\n\nWrite a Python program that reads from standard input and writes to standard output. Answer with the program in one ```python block."
        : $"{question.Trim()}\n\nComplete this code:\n\n```python\n{starter.Trim()}\n```\n\nAnswer with the whole code in one ```python block.";

    /// <summary>Chinese where a third of the letters are Han characters.</summary>
    public static Language LanguageOf(string text)
    {
        int han = 0, letters = 0;
        foreach (Rune rune in text.EnumerateRunes())
            if (rune.Value is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF)
                han++;
            else if (Rune.IsLetter(rune))
                letters++;
        return han > 0 && han * 2 >= letters ? Language.Chinese : Language.English;
    }
}
