using System.Text;
using System.Text.RegularExpressions;
using Fathom.Text.Tokenizers;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tests.Tokenizers.Splitting;

/// <summary>Every scanner against the regular expression it stands for, run by .NET's engine.</summary>
public class PatternsTests
{
    // One or two characters of every class, of every set in the patterns, and of what borders them. Only the basic plane, where .NET's
    // engine sees code points; no long s, which .NET does not fold to s.
    const string Alphabet = "  \n\r\t\u00A0\u3000ab stremldvSTREMLDV'''.,!#\"-<>[]\\~`+$0129½٣éßΩяאمअ\u0301\u0308ा中龥一ぁアー・힣가ࠀ，。‘※①ⅷ€\u0001\u00AD\u200D\u2028\uE000";

    public static TheoryData<string> All => [.. Patterns.All];

    [Theory]
    [MemberData(nameof(All))]
    public void RandomText_IsSplitAsTheRegularExpressionDoes(string pattern)
    {
        // Where '$' stands at the end it means the end of the piece: the stage before it has cut at line ends. .NET wants '\z' for that,
        // and knows no sets beyond the basic plane, whose ranges stand last in theirs.
        string dotnet = pattern.EndsWith('$') ? pattern[..^1] + @"\z" : pattern;
        int beyond = dotnet.ToList().FindIndex(char.IsHighSurrogate);
        Regex regex = new(beyond < 0 ? dotnet : dotnet[..beyond] + "]+", RegexOptions.CultureInvariant);
        Random random = new(11);
        for (int round = 0; round < 4000; round++)
        {
            string text = SampleTexts.RandomText(random, random.Next(1, 24), round % 2 == 0 ? Alphabet : Alphabet[..20]);
            Assert.Equal(Expected(regex, text), Actual(pattern, text));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void InvalidUtf8_IsSplitWithoutLoss(string pattern)
    {
        Random random = new(13);
        for (int length = 0; length <= 256; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            Joiner joiner = new([]);
            new PreTokenizer([pattern]).Split(bytes, ref joiner);
            Assert.Equal(bytes, joiner.Pieces.SelectMany(p => p));
        }
    }

    [Fact]
    public void LongS_EndsAContraction_WhereCaseIsFolded()
    {
        string llama = Patterns.All.Single(p => p.Contains("(?i:") && p.Contains("{1,3}"));
        Assert.Equal(["'\u017F", "x"], Actual(llama, "'\u017Fx"));
    }

    [Fact]
    public void Fathom_SplitsAsDocumented() => Assert.Equal(
        ["The", " cat", "'", "s", " ", "1", "2", " +=", " ", "3", "\n\n", " ", " 四", "  ", "五六", "・", "!", " \t", "\r\n", "x", "²", "\u0301"],
        SplitByFathom("The cat's 12 += 3\n\n  四  五六・! \t\r\nx²\u0301".Replace("  四", "  \u3404")).Select(p => p.Replace('\u3404', '四')));

    static string[] SplitByFathom(string text)
    {
        Joiner joiner = new([]);
        BpeTrainer.Splitter.Split(Encoding.UTF8.GetBytes(text), ref joiner);
        return [.. joiner.Pieces.Select(Encoding.UTF8.GetString)];
    }

    static List<string> Expected(Regex regex, string text)
    {
        List<string> pieces = [];
        int done = 0;
        foreach (Match match in regex.Matches(text).Where(m => m.Length > 0))
        {
            if (match.Index > done)
                pieces.Add(text[done..match.Index]);
            pieces.Add(match.Value);
            done = match.Index + match.Length;
        }
        if (done < text.Length)
            pieces.Add(text[done..]);
        return pieces;
    }

    static string[] Actual(string pattern, string text)
    {
        Joiner joiner = new([]);
        new PreTokenizer([pattern]).Split(Encoding.UTF8.GetBytes(text), ref joiner);
        return [.. joiner.Pieces.Select(Encoding.UTF8.GetString)];
    }

    readonly struct Joiner(List<byte[]> pieces) : IPieceSink
    {
        public List<byte[]> Pieces => pieces;

        public void Take(ReadOnlySpan<byte> piece) => pieces.Add(piece.ToArray());
    }
}
