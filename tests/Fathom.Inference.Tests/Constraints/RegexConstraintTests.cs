// Regular expressions: against .NET's on many texts, and what is refused.

using System.Text;
using System.Text.RegularExpressions;
using Fathom.Inference.Constraints;

namespace Fathom.Inference.Tests.Constraints;

public class RegexConstraintTests
{
    static readonly ConstraintVocabulary Bytes = Vocabularies.Of();

    [Theory]
    [InlineData("a|bc|", "abc")]
    [InlineData("(a|b)*abb", "abc")]
    [InlineData("(?:ab?){2,3}c{0,2}?", "abc")]
    [InlineData("^[a-c]+?\\.(?<n>b|c)$", "abc.")]
    [InlineData("[^a\\]-]{1,3}", "ab]-")]
    [InlineData("\\d{2,}\\w\\s?\\S", "12a _")]
    [InlineData("\\u0061\\x62[\\u{63}-e]\\t", "abcd\t")]
    [InlineData("(a*)*b?|(c+)+", "abc")]
    [InlineData("é+[à-ê]|\\p{Lu}\\P{L}", "éèAÉ1")]
    [InlineData(".a.", "a\nb")]
    [InlineData("[\\w.-]+@[a-z]", "a.@-")]
    public void WholeMatches_AreThoseOfDotNet(string pattern, string alphabet)
    {
        TokenConstraint constraint = TokenConstraint.FromRegex(pattern, Bytes);
        Regex truth = new($@"\A(?:{pattern.Replace("\\u{63}", "\\u0063", StringComparison.Ordinal)})\z", RegexOptions.CultureInvariant);
        int matched = 0, refused = 0;
        foreach (string text in Texts(alphabet, 5))
        {
            bool expected = truth.IsMatch(text);
            Assert.True(expected == IsWhole(constraint, text), $"{pattern} on '{text}' should be {expected}");
            _ = expected ? matched++ : refused++;
        }
        Assert.True(matched > 0 && refused > 0, $"{matched} matched, {refused} did not");
    }

    [Theory]
    [InlineData("(a|b)*a(a|b){20}")]
    [InlineData("(.*a){12}")]
    [InlineData("(a?){40}a{40}")]
    [InlineData("((((a*)*)*)*)*b")]
    [InlineData("(a|aa)+$")]
    public void ExponentialPatterns_AreReadInTime(string pattern)
    {
        ConstraintState state = TokenConstraint.FromRegex(pattern, Vocabularies.Of("aa", "ab", "aab", new string('a', 60))).Start();
        Random random = new(1);
        for (int i = 0; i < 200 && !state.HasEnded; i++)
        {
            List<int> allowed = MaskTests.Allowed(state.AllowedTokens);
            Assert.True(state.Accept(allowed[random.Next(allowed.Count)]));
        }
    }

    [Theory]
    [InlineData("a(b", "column 4", ")")]
    [InlineData("ab)", "column 3", "escape")]
    [InlineData("a**", "column 3", "group")]
    [InlineData("*a", "column 1", "repeat")]
    [InlineData("a{3,2}", "column 2", "3 to 2")]
    [InlineData("a{1,1000000}", "column 5", "131072")]
    [InlineData("a{99999999999999999999999}", "column 3", "131072")]
    [InlineData("((a{100}){100}){100}", "column", "nodes")]
    [InlineData("(a)\\1", "column 4", "references")]
    [InlineData("(?=a)b", "column 1", "look-around")]
    [InlineData("a\\b", "column 2", "borders")]
    [InlineData("[b-a]", "column 2", "range")]
    [InlineData("[a", "column 1", "]")]
    [InlineData("a\n[z", "line 2, column 1", "]")]
    [InlineData("a$b", "column 3", "$")]
    [InlineData("a^b", "column 2", "^")]
    [InlineData("\\p{Xx}", "column 1", "categor")]
    [InlineData("\\uD800", "column", "U+D800")]
    [InlineData("a++", "column 3", "possessive")]
    [InlineData("[^\\s\\S]", "constraint", "no text")]
    public void BadPattern_IsRefusedWithItsPlace(string pattern, string place, string said)
    {
        ConstraintException error = Assert.Throws<ConstraintException>(() => TokenConstraint.FromRegex(pattern, Bytes));
        Assert.Contains(place, error.Place, StringComparison.Ordinal);
        Assert.Contains(said, error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void RandomPatterns_WorkOrAreRefused()
    {
        Random random = new(9);
        string[] pieces = ["a", "b", "(", ")", "[", "]", "[^a]", "|", "*", "+", "?", "{2}", "{1,", "}", "{0,300}", "\\d", "\\W", "\\p{L}", "\\u", "\\x4", "-", "^", "$", ".", "(?:", "(?<n>", "é", "\\", ","];
        MutatedSources sources = new(random);
        for (int i = 0; i < 4000; i++)
            sources.Try(string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => pieces[random.Next(pieces.Length)])), pattern => TokenConstraint.FromRegex(pattern, Bytes));
        Assert.True(sources.Refused > 500 && sources.Worked > 500, $"{sources.Refused} refused, {sources.Worked} worked");
    }

    [Fact]
    public void DeepNesting_IsRefused()
    {
        string deep = string.Concat(Enumerable.Repeat("(", 100_000)) + "a" + string.Concat(Enumerable.Repeat(")", 100_000));
        Assert.Contains("128", Assert.Throws<ConstraintException>(() => TokenConstraint.FromRegex(deep, Bytes)).Problem, StringComparison.Ordinal);
        Assert.Throws<ConstraintException>(() => TokenConstraint.FromRegex(new string('a', 1 << 21), Bytes));
        Assert.Throws<ConstraintException>(() => TokenConstraint.FromRegex("\uD800", Bytes));
    }

    [Fact]
    public void LargeCounts_BeyondALongestToken_ShareMasks()
    {
        TokenConstraint constraint = TokenConstraint.FromRegex("[^x]{0,5000}x", Vocabularies.Of("ab", "x", "éé"));
        ConstraintState state = constraint.Start();
        for (int i = 0; i < 5000; i++)
        {
            Assert.Contains(256, i < 4999 ? MaskTests.Allowed(state.AllowedTokens) : [256]);
            Assert.True(state.Accept('a'));
        }
        Assert.Equal(['x', 257], MaskTests.Allowed(state.AllowedTokens));
    }

    internal static bool IsWhole(TokenConstraint constraint, string text)
    {
        ConstraintState state = constraint.Start();
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (!state.Accept(b))
                return false;
        }
        return state.IsComplete;
    }

    static IEnumerable<string> Texts(string alphabet, int longest)
    {
        IEnumerable<string> ofLength = [""];
        for (int length = 0; length <= longest; length++)
        {
            foreach (string text in ofLength)
                yield return text;
            ofLength = [.. ofLength.SelectMany(t => alphabet.Select(c => t + c))];
        }
    }
}
