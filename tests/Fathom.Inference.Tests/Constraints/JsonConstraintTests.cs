// JSON: what is generated parses, what is JSON is taken, and masks on a real vocabulary are those of brute force.

using System.Text;
using System.Text.Json;
using Fathom.Inference.Constraints;
using Fathom.Testing;

namespace Fathom.Inference.Tests.Constraints;

public class JsonConstraintTests
{
    static readonly ConstraintVocabulary Small = Vocabularies.Of("{\"", "\":", "\",", "\"}", "]}", "true", "null", "[{", " \"", ",\n", "\\u", "é", "日本", "12", "-", "e+", "\"a\":{");

    [Theory]
    [InlineData("{}")]
    [InlineData("{ }")]
    [InlineData("{\"a\":1}")]
    [InlineData("{\"a\": [1, -2.5e+10, true, null], \"b\": {\"c\": \"d\\n\\u00e9\\ud83d\\ude00é日本😀\"}}")]
    [InlineData("{\n  \"a\": [\n    {},\n    []\n  ]\n}")]
    public void Json_IsTaken(string text) => Assert.True(RegexConstraintTests.IsWhole(TokenConstraint.FromJson(Small), text), text);

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":.5}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\":\"\t\"}")]
    [InlineData("{\"a\":1}}")]
    [InlineData("{    \"a\":1}")]
    public void OtherText_IsNot(string text) => Assert.False(RegexConstraintTests.IsWhole(TokenConstraint.FromJson(Small), text), text);

    [Theory]
    [InlineData("17")]
    [InlineData("\"a\"")]
    [InlineData("[1, [], {\"a\": {}}]")]
    [InlineData("null")]
    public void AnyValue_IsTaken(string text) => Assert.True(RegexConstraintTests.IsWhole(TokenConstraint.FromJson(Small, anyValue: true), text), text);

    [Fact]
    public void Walks_ParseAsJson()
    {
        TokenConstraint constraint = TokenConstraint.FromJson(Small);
        int ended = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            if (Walks.Text(constraint, new Random(seed), 400) is not { } text)
                continue;
            ended++;
            using JsonDocument parsed = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });
            Assert.Equal(JsonValueKind.Object, parsed.RootElement.ValueKind);
        }
        Assert.True(ended > 100, $"only {ended} walks came to an end");
    }

    [SharedDataFact]
    public void RealVocabulary_MasksAreThoseOfBruteForce()
    {
        ConstraintVocabulary vocabulary = new(Vocabularies.DeepSeek);
        TokenConstraint constraint = TokenConstraint.FromJson(vocabulary);
        const string Text = "{\n  \"name\": \"J\\u00fcrgen \\\"x\\\" 日本\", \"list\": [1, -2.5e3, [true, {}]], \"o\": {\"k\": null}}";
        int[] ids = Vocabularies.DeepSeek.Encode(Text);
        ConstraintState state = constraint.Start();
        foreach (int next in ids)
        {
            Walks.CompareWithBruteForce(constraint, state, vocabulary);
            Assert.True(state.Accept(next), Vocabularies.DeepSeek.Decode([next]));
        }
        Walks.CompareWithBruteForce(constraint, state, vocabulary);
        Assert.True(state.IsComplete);
        Assert.Equal([Vocabularies.DeepSeek.EosId!.Value], MaskTests.Allowed(state.AllowedTokens));
    }

    [SharedDataFact]
    public void SpecialTokens_AreNeverText()
    {
        ConstraintVocabulary vocabulary = new(Vocabularies.DeepSeek, rows: Vocabularies.DeepSeek.VocabularySize + 100);
        Assert.Equal(Vocabularies.DeepSeek.VocabularySize + 100, vocabulary.Size);
        ConstraintState state = TokenConstraint.FromRegex(".*", vocabulary).Start();
        List<int> allowed = MaskTests.Allowed(state.AllowedTokens);
        Assert.DoesNotContain(Vocabularies.DeepSeek.BosId!.Value, allowed);
        Assert.DoesNotContain(Vocabularies.DeepSeek.VocabularySize, allowed);
        Assert.Contains(Vocabularies.DeepSeek.EosId!.Value, allowed);
        Assert.True(allowed.Count > 99_000);
    }

    [Fact]
    public void ManyThreads_ShareOneConstraint()
    {
        TokenConstraint constraint = TokenConstraint.FromJson(Small);
        string?[] alone = [.. Enumerable.Range(0, 64).Select(seed => Walks.Text(TokenConstraint.FromJson(Small), new Random(seed), 100))];
        string?[] together = new string?[64];
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, seed => together[seed] = Walks.Text(constraint, new Random(seed), 100));
        Assert.Equal(alone, together);
    }

    [Fact]
    public void WarmMasks_AllocateNothing()
    {
        TokenConstraint constraint = TokenConstraint.FromJson(Small);
        int[] tokens = [.. Encoding.UTF8.GetBytes("{\"a\": [1, 2, {\"b\": \"cd\"}], \"c\": \"e\"}").Select(b => (int)b)];
        Run(constraint.Start());
        ConstraintState state = constraint.Start();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(state);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(ConstraintState state)
        {
            foreach (int token in tokens)
            {
                _ = state.AllowedTokens;
                state.Accept(token);
            }
        }
    }
}
