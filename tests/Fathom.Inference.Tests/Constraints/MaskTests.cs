// Masks against the naive recogniser, token by token: over grammars written by hand and over thousands made at random.

using System.Text;
using Fathom.Inference.Constraints;

namespace Fathom.Inference.Tests.Constraints;

public class MaskTests
{
    [Theory]
    [InlineData("root ::= \"a\" root \"b\" | \"\"")]
    [InlineData("root ::= root \"+\" root | \"a\" | \"(\" root \")\"")]
    [InlineData("root ::= list \";\"\nlist ::= list \",\" item | item\nitem ::= [ab]+")]
    [InlineData("root ::= x y\nx ::= \"a\"* \nnever ::= never \"a\"\ny ::= x \"b\"? | never | z\nz ::= y \"c\" | \"\"")]
    [InlineData("root ::= (\"\" | \"a\"?)* \"b\"")]
    [InlineData("root ::= \"a\" root | \"a\"")]
    [InlineData("root ::= t \"x\"\nt ::= \"a\" s\ns ::= t | u | \"b\"\nu ::= s")]
    [InlineData("root ::= a \"1\" | b \"2\"\na ::= \"(\" a \")\" | \"x\"\nb ::= \"(\" b \")\" | \"x\"")]
    [InlineData("root ::= [^a]{2,5} (\"é\" | [à-ü] | \"日本\")+")]
    [InlineData("root ::= (\"ab\"{2,3} \"c\"){0,2} .{3}")]
    [InlineData("root ::= p{4}\np ::= [ab]? [bc]?")]
    public void HandWrittenGrammar_MasksAreThoseOfTheNaiveRecognizer(string gbnf)
    {
        ConstraintVocabulary vocabulary = Vocabularies.Of("aa", "ab", "ba", "abc", "a)", "))", "x)", "(x", "+a", ",a", "b;", "é", "日", "本x", "(((", "a+(", "bb;", "cab", "xx");
        for (int seed = 0; seed < 2; seed++)
            Walk(GbnfParser.Parse(gbnf), vocabulary, new Random(seed), 6);
    }

    [Fact]
    public void RandomGrammar_MasksAreThoseOfTheNaiveRecognizer()
    {
        int empty = 0, walked = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            Random random = new(seed);
            Grammar grammar = RandomGrammar(random);
            ConstraintVocabulary vocabulary = Small(random);
            if (!new NaiveRecognizer(grammar).Judge([]).IsBeginning)
            {
                Assert.Throws<ConstraintException>(() => new TokenConstraint(grammar, vocabulary));
                empty++;
                continue;
            }
            walked++;
            Walk(grammar, vocabulary, random, 6, $"seed {seed}");
        }
        // Both ends of the range are met, so neither check is idle.
        Assert.InRange(empty, 10, 390);
        Assert.InRange(walked, 200, 390);
    }

    [Fact]
    public void Tokens_OfOneSpelling_AreAllAllowed()
    {
        ConstraintVocabulary vocabulary = Vocabularies.Of("ab", "ab", "a");
        ConstraintState state = TokenConstraint.FromRegex("ab", vocabulary).Start();
        Assert.Equal(['a', 256, 257, 258], Allowed(state.AllowedTokens));
    }

    [Fact]
    public void Accept_RefusesWithoutAChange()
    {
        ConstraintVocabulary vocabulary = Vocabularies.Of("ab", "abc");
        TokenConstraint constraint = TokenConstraint.FromRegex("abd", vocabulary);
        ConstraintState state = constraint.Start();
        Assert.False(state.Accept(257));
        Assert.False(state.Accept(258));
        Assert.Equal(['a', 256], Allowed(state.AllowedTokens));
        Assert.True(state.Accept(256));
        Assert.True(state.Accept('d'));
        Assert.True(state.IsComplete);
        Assert.Equal([258], Allowed(state.AllowedTokens));
        Assert.True(state.Accept(258));
        Assert.True(state.HasEnded);
        Assert.False(state.Accept('d'));
        Assert.Equal([258], Allowed(state.AllowedTokens));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Accept(259));
        Assert.Throws<ArgumentOutOfRangeException>(() => state.Accept(-1));
    }

    [Fact]
    public void FirstSpace_IsNotPartOfTheTextWhereDecodingDropsIt()
    {
        byte[]?[] tokens = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b }), " a"u8.ToArray(), "  a"u8.ToArray(), null];
        ConstraintVocabulary vocabulary = new(tokens, [258], dropsFirstSpace: true);
        ConstraintState state = TokenConstraint.FromRegex("a| b", vocabulary).Start();
        // " " is nothing yet; " a" is a; "  a" would be " a".
        Assert.Equal([' ', 'a', 256], Allowed(state.AllowedTokens));
        Assert.True(state.Accept(' '));
        Assert.Equal([' ', 'a'], Allowed(state.AllowedTokens));
        Assert.True(state.Accept(' '));
        Assert.Equal(['b'], Allowed(state.AllowedTokens));
    }

    [Fact]
    public void VocabularyThatCannotSpell_IsReported()
    {
        ConstraintVocabulary vocabulary = new(["ab"u8.ToArray(), "c"u8.ToArray(), null], [2]);
        ConstraintException none = Assert.Throws<ConstraintException>(() => TokenConstraint.FromRegex("abd", vocabulary));
        Assert.Contains("vocabulary", none.Message, StringComparison.Ordinal);
        // b is in the vocabulary, but never alone.
        ConstraintState state = TokenConstraint.FromRegex("c?abb", vocabulary).Start();
        Assert.True(state.Accept(0));
        ConstraintException stuck = Assert.Throws<ConstraintException>(() => { _ = state.AllowedTokens; });
        Assert.Contains("'b'", stuck.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LongTexts_KeepNoGrowingState()
    {
        TokenConstraint constraint = TokenConstraint.FromGrammar("root ::= \"a\" tail\ntail ::= item root | \"\"\nitem ::= \"(\" root \")\" | \"b\"", Vocabularies.Of());
        ConstraintState state = constraint.Start();
        for (int i = 0; i < 20_000; i++)
        {
            Assert.True(state.Accept('a'));
            Assert.True(state.Accept('b'));
        }
        // Rules that recurse on the right leave nothing behind.
        Assert.InRange(state.KeptActivations, 1, 600);
        Assert.True(state.Accept('a'));
        Assert.True(state.IsComplete);
    }

    internal static List<int> Allowed(ReadOnlySpan<uint> mask)
    {
        List<int> allowed = [];
        for (int i = 0; i < 32 * mask.Length; i++)
        {
            if ((mask[i >> 5] >> (i & 31) & 1) != 0)
                allowed.Add(i);
        }
        return allowed;
    }

    static void Walk(Grammar grammar, ConstraintVocabulary vocabulary, Random random, int steps, string what = "")
    {
        NaiveRecognizer naive = new(grammar);
        ConstraintState state = new TokenConstraint(grammar, vocabulary).Start();
        List<byte> text = [];
        for (int step = 0; step < steps && !state.HasEnded; step++)
        {
            (bool whole, _) = naive.Judge([.. text]);
            Assert.True(whole == state.IsComplete, $"{what}: behind '{Encoding.UTF8.GetString([.. text])}' complete is {state.IsComplete}, should be {whole}");
            List<int> allowed = Allowed(state.AllowedTokens);
            Assert.NotEmpty(allowed);
            HashSet<int> set = [.. allowed];
            for (int token = 0; token < vocabulary.Size; token++)
            {
                bool expected = vocabulary.EndIds.Contains(token) ? whole
                    : !vocabulary.BytesOf(token).IsEmpty && naive.Judge([.. text, .. vocabulary.BytesOf(token)]).IsBeginning;
                Assert.True(expected == set.Contains(token),
                    $"{what}: behind '{Encoding.UTF8.GetString([.. text])}' token {token} '{Encoding.UTF8.GetString(vocabulary.BytesOf(token))}' should be {expected}");
            }
            int chosen = allowed[random.Next(allowed.Count)];
            Assert.True(state.Accept(chosen));
            text.AddRange(vocabulary.BytesOf(chosen));
        }
    }

    static ConstraintVocabulary Small(Random random)
    {
        string[] texts = [.. Enumerable.Range(0, 12).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => "abc"[random.Next(3)])))];
        return new ConstraintVocabulary([.. "abc".Select(c => new[] { (byte)c }), .. texts.Select(Encoding.UTF8.GetBytes), null], [15]);
    }

    static Grammar RandomGrammar(Random random)
    {
        Grammar grammar = new();
        int rules = random.Next(1, 5);
        for (int r = 0; r < rules; r++)
            grammar.Declare("test");
        for (int r = 0; r < rules; r++)
            grammar.Define(r, Any(3));
        return grammar;

        Expression Any(int depth) => random.Next(depth == 0 ? 4 : 9) switch
        {
            0 => new AnyByte(ByteSet.Range('a', 'a' + random.Next(3))),
            1 or 2 => Expression.Text("abc"[random.Next(3)].ToString()),
            3 => new RuleCall(random.Next(rules)),
            4 => new Sequence(Several(depth)),
            5 => new Choice(Several(depth)),
            6 => new Repeat(Any(depth - 1), random.Next(3), random.Next(2) == 0 ? Repeat.Unlimited : random.Next(2, 4)),
            7 => new Prefix(Several(depth) is var items ? items : [], random.Next(items.Length + 1)),
            _ => new SeparatedList([.. Several(depth).Select(e => new ListItem(e, random.Next(2) == 0, random.Next(5) == 0))], Expression.Text("c")),
        };

        Expression[] Several(int depth) => [.. Enumerable.Range(0, random.Next(3)).Select(_ => Any(depth - 1))];
    }
}
