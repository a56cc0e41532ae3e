// GBNF grammars: what they describe, what is refused, and hostile ones.

using Fathom.Inference.Constraints;

namespace Fathom.Inference.Tests.Constraints;

public class GrammarConstraintTests
{
    static readonly ConstraintVocabulary Bytes = Vocabularies.Of("aa", "aaaa", "(((", ")))", "ab");

    const string Arithmetic = """
        # sums of products
        root   ::= (sum "=" ws number "\n")+   # one line each
        sum    ::= sum [-+] product            # recursion on the left
                 | product
        product ::=
          product [*/] value | value
        value  ::= number | "(" ws sum ")" ws
        number ::= [0-9]{1,3} ("." [0-9]+)? ws
        ws     ::= [ \t]*
        """;

    [Theory]
    [InlineData(Arithmetic, "1+2*(3-4)=5\n", true)]
    [InlineData(Arithmetic, "1 +2=3.5\n12=12\n", true)]
    [InlineData(Arithmetic, "1234=1\n", false)]
    [InlineData(Arithmetic, "1+=1\n", false)]
    [InlineData("root ::= \"a\\\"\\\\\\x41\\u00e9\\U0001F600\"", "a\"\\Aé😀", true)]
    [InlineData("root ::= [^a-c\\]]+", "xyz]", false)]
    [InlineData("root ::= [^a-c\\]]+", "xyz\n😀", true)]
    [InlineData("root ::= [a-]{,2} .", "a-日", true)]
    [InlineData("root ::= [a-]{,2} .", "aa-日", false)]
    [InlineData("root ::= (\n  \"a\" |\n  \"b\" # or\n)*\r\n", "abba", true)]
    [InlineData("a ::= \"x\"\nroot ::= a\n  | a a_2\na_2 ::= \"\"", "x", true)]
    [InlineData("root ::= \"\"", "", true)]
    public void Grammar_TakesWhatItDescribes(string gbnf, string text, bool expected) =>
        Assert.Equal(expected, RegexConstraintTests.IsWhole(TokenConstraint.FromGrammar(gbnf, Bytes), text));

    [Theory]
    [InlineData("a ::= \"x\"", "line 1, column 1", "root")]
    [InlineData("root ::= b", "line 1, column 10", "'b'")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1", "second time")]
    [InlineData("root ::= \"a", "line 1, column 10", "closed")]
    [InlineData("root ::= [a", "line 1, column 10", "]")]
    [InlineData("root ::= (\"a\"", "line 1, column 14", ")")]
    [InlineData("root ::= \"a\" )", "line 1, column 14", "end of the line")]
    [InlineData("root = \"a\"", "line 1, column 6", "::=")]
    [InlineData("root ::= \"\\q\"", "line 1, column 11", "'q'")]
    [InlineData("root ::= \"a\"{1,1000000}", "line 1, column 16", "131072")]
    [InlineData("root ::= \"abc\"{2,1}", "line 1, column 15", "2 to 1")]
    [InlineData("root ::= (\"abc\"{1000}){1000}", "line 1, column 23", "nodes")]
    [InlineData("root ::= [z-a]", "line 1, column 11", "range")]
    [InlineData("root ::= <think>", "line 1, column 10", "tokens")]
    [InlineData("root ::= root \"a\"", "constraint", "no text")]
    [InlineData("root ::= a\na ::= b\nb ::= a", "constraint", "no text")]
    [InlineData("", "line 1, column 1", "root")]
    public void BadGrammar_IsRefusedWithItsPlace(string gbnf, string place, string said)
    {
        ConstraintException error = Assert.Throws<ConstraintException>(() => TokenConstraint.FromGrammar(gbnf, Bytes));
        Assert.Contains(place, error.Place, StringComparison.Ordinal);
        Assert.Contains(said, error.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("root ::= root root | \"a\" | \"\"")]
    [InlineData("root ::= (\"a\"* \"a\"*)*")]
    [InlineData("root ::= ((\"\")*)* (\"a\" | b)*\nb ::= b? \"a\"")]
    [InlineData("root ::= \"a\" x | \"a\" y | \"\"\nx ::= root \"b\"\ny ::= root \"c\"")]
    public void AmbiguousGrammars_WorkOrAreRefusedInTime(string gbnf)
    {
        TokenConstraint constraint = TokenConstraint.FromGrammar(gbnf, Bytes);
        ConstraintState state = constraint.Start();
        int taken = 0;
        try
        {
            for (; taken < 3000 && !state.HasEnded; taken++)
            {
                Assert.NotEqual(0u, state.AllowedTokens[0] | state.AllowedTokens[3] | state.AllowedTokens[8]);
                Assert.True(state.Accept('a'));
            }
        }
        catch (ConstraintException e)
        {
            Assert.Contains("ways", e.Problem, StringComparison.Ordinal);
        }
        Assert.True(taken > 100, $"only {taken} bytes");
    }

    [Fact]
    public void HostileGrammars_EndInTime()
    {
        Refused("root ::= " + new string('(', 100_000));
        Refused("root ::= \"a\"" + new string('*', 1000));
        Refused("root ::= " + string.Concat(Enumerable.Repeat("[^a] ", 100_000)));
        Refused(string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $"r{i} ::= r{i + 1}")) + "\nr20000 ::= \"a\"\nroot ::= r0");
        // A long chain of rules, each of which doubles, describes one enormous text.
        string doubling = string.Join('\n', Enumerable.Range(0, 60).Select(i => $"r{i} ::= r{i + 1} r{i + 1}")) + "\nr60 ::= \"a\"\nroot ::= r0";
        ConstraintState state = TokenConstraint.FromGrammar(doubling, Bytes).Start();
        for (int i = 0; i < 1000; i++)
        {
            Assert.NotEqual(0u, state.AllowedTokens['a' >> 5]);
            Assert.True(state.Accept('a'));
        }
        Assert.False(state.IsComplete);

        static void Refused(string gbnf) => Assert.Throws<ConstraintException>(() => TokenConstraint.FromGrammar(gbnf, Bytes));
    }

    [Fact]
    public void MutatedGrammars_WorkOrAreRefused()
    {
        Random random = new(5);
        string alphabet = "ab\"\\[]()|*+?{}:=#\n -^.0,xroot";
        int refused = 0, worked = 0;
        for (int i = 0; i < 3000; i++)
        {
            char[] text = Arithmetic.ToCharArray();
            for (int k = random.Next(1, 4); k > 0; k--)
                text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            try
            {
                ConstraintState state = TokenConstraint.FromGrammar(new string(text), Bytes).Start();
                for (int step = 0; step < 10 && !state.HasEnded; step++)
                {
                    List<int> allowed = MaskTests.Allowed(state.AllowedTokens);
                    Assert.True(state.Accept(allowed[random.Next(allowed.Count)]));
                }
                worked++;
            }
            catch (ConstraintException)
            {
                refused++;
            }
        }
        Assert.True(refused > 200 && worked > 200, $"{refused} refused, {worked} worked");
    }
}
