// Texts the tests share: many scripts, hostile runs, and a small training corpus.

using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

static class SampleTexts
{
    public static readonly string[] Scripts =
    [
        "", " ", "  ", "\n", "\r\n\r\n", "\t\t x", "a", " a", "Hello, world!", "don't 'tis we'll I'M",
        "12 + 345 = 357", "x = 0.5e-3;\n\tif (x<y) {\r\n    return x[3] ** 2;\n}\n", "   leading and trailing   ",
        "Ünïcödé naïve façade e\u0301 o\u0308", "Привет, мир! Ёжик", "Γειά σου Κόσμε", "שלום עולם", "مرحبا بالعالم ١٢٣", "नमस्ते दुनिया १२३",
        "你好，世界！今天是2026年", "こんにちは カタカナ・テスト", "안녕하세요 세계", "สวัสดีชาวโลก", "𝒳 ∈ ℝ, ∑ᵢ xᵢ² ≥ 0 ½ ⅷ ①",
        "👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️", "\u0000\u0001\u007F\u0085\u00A0\u2028\u3000 \uFEFF", "zero\u200Bwidth\u200Djoiner", "＜｜ｆｕｌｌ｜＞",
        "<｜User｜>", "a <think> b </think> c", "<｜begin▁of▁sentence｜><｜end▁of▁sentence｜>", "𐐷𐑌 𠀀𠀁 \U000F0000",
    ];

    /// <summary>Runs and alternations on which careless scanners and merges take quadratic time.</summary>
    public static string[] Hostile(int length) =>
    [
        new('a', length), new(' ', length), new('\n', length), new('"', length), new('\'', length), new('\u0301', length), new('1', length),
        new('\u3000', length), new('中', length), new string(' ', length) + "x", new string('\t', length) + "\n", new string(' ', length) + "\u0001 x",
        string.Concat(Enumerable.Repeat("ab", length / 2)), string.Concat(Enumerable.Repeat(" \n", length / 2)),
        string.Concat(Enumerable.Repeat("\u3000x", length / 2)), string.Concat(Enumerable.Repeat("<｜", length / 2)),
        string.Concat(Enumerable.Repeat("a\u0301", length / 2)), string.Concat(Enumerable.Repeat("\u0001", length)),
    ];

    static readonly Lazy<Tokenizer> Shared = new(() => BpeTrainer.Train(Corpus(), 700, DeepSeekTokens.All));

    /// <summary>A tokenizer of 700 tokens, trained on <see cref="Corpus"/>.</summary>
    public static Tokenizer Trained => Shared.Value;

    /// <summary>Word problems, code and the scripts above, the same on every call.</summary>
    public static IEnumerable<string> Corpus()
    {
        string[] names = ["Natalia", "Weng", "Betty", "Julie", "James"], things = ["apples", "clips", "pages", "marbles", "dollars"];
        Random random = new(7);
        for (int i = 0; i < 300; i++)
        {
            int a = random.Next(100), b = random.Next(100);
            yield return $"{names[a % 5]} had {a} {things[b % 5]} and then got {b} more {things[b % 5]}. How many {things[b % 5]} are there?\n"
                + $"There are {a} + {b} = {a + b} {things[b % 5]}.\n#### {a + b}";
        }
        for (int repeat = 0; repeat < 3; repeat++)
            foreach (string text in Scripts)
                yield return text;
    }

    /// <summary>Text of random characters from an alphabet that sets scanners traps.</summary>
    public static string RandomText(Random random, int length, string alphabet)
    {
        StringBuilder text = new();
        for (int i = 0; i < length; i++)
            text.Append(alphabet[random.Next(alphabet.Length)]);
        return text.ToString();
    }
}
