// Constraints in draws: armed when the reasoning has ended, and never against the text.
using System.Text;
using System.Text.Json;
using Fathom.Inference.Constraints;
using Fathom.Numerics.Random;

namespace Fathom.Inference.Tests;

public sealed class ConstrainedSamplingTests
{
    // One token per byte, then the end, then the marks of the reasoning, then rows that no token has.
    const int EndOfText = 256, Start = 257, End = 258, Rows = 300;

    static readonly ConstraintVocabulary s_vocabulary = new([.. Enumerable.Range(0, 259).Select(id => id < 256 ? new[] { (byte)id } : null)], [EndOfText]);

    static readonly ReasoningOptions s_reasoning = new() { StartId = Start, EndId = End };

    // Logits that would like printable text, and now and then an end.
    static float[] Logits(ulong seed, int position)
    {
        var random = new CounterRandom(seed, 0xC0);
        return [.. Enumerable.Range(0, Rows).Select(i => (float)(2 * random.Normal((ulong)(position * Rows + i)) + (i is >= 32 and < 127 ? 3 : i == EndOfText ? 4 : 0)))];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(0)]
    public void Draw_UnderAConstraint_MeetsIt_AndOnlyAfterTheReasoning(double topP)
    {
        TokenConstraint constraint = TokenConstraint.FromRegex("[a-c]{2,6}-[0-9]{1,3}", s_vocabulary);
        var options = new SamplingOptions { Constraint = constraint, Reasoning = s_reasoning, Temperature = topP == 0 ? 0 : 1, TopP = topP == 0 ? 1 : (float)topP, FrequencyPenalty = 0.2f };
        for (ulong seed = 0; seed < 20; seed++)
        {
            var sampler = new SequenceSampler(options, seed, [1, Start]);
            int thought = 0;
            for (int i = 0; i < 8; i++)
            {
                int free = sampler.Draw(Logits(seed, i), out _);
                thought += free is >= 'a' and <= 'c' or '-' or >= '0' and <= '9' ? 0 : 1;
                sampler.Accept('x');
            }
            Assert.True(thought > 0);
            sampler.Accept(End);
            var text = new StringBuilder();
            for (int i = 8; i < 40; i++)
            {
                int token = sampler.Draw(Logits(seed, i), out float logProbability);
                Assert.True(float.IsFinite(logProbability) && logProbability <= 0);
                sampler.Accept(token);
                if (token == EndOfText)
                    break;
                text.Append((char)token);
            }
            Assert.Matches("^[a-c]{2,6}-[0-9]{1,3}$", text.ToString());
        }
    }

    [Fact]
    public void APromptThatDoesNotOpenTheReasoning_IsConstrainedAtOnce()
    {
        TokenConstraint constraint = TokenConstraint.FromJson(s_vocabulary);
        foreach (ReasoningOptions? reasoning in new[] { null, s_reasoning })
        {
            var sampler = new SequenceSampler(new SamplingOptions { Constraint = constraint, Reasoning = reasoning }, 3, [1, Start, End]);
            List<byte> text = [];
            // Random JSON does not end by itself soon: once it is long enough, what closes it is preferred.
            for (int i = 0; i < 4000; i++)
            {
                float[] logits = Logits(3, i);
                if (i > 60)
                    (logits['}'], logits[']'], logits['"'], logits[EndOfText]) = (40, 40, 30, 50);
                int token = sampler.Draw(logits, out _);
                sampler.Accept(token);
                if (token == EndOfText)
                    break;
                text.Add((byte)token);
            }
            using JsonDocument document = JsonDocument.Parse(text.ToArray());
            Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        }
    }

    [Fact]
    public void Accept_OfWhatIsNotAllowed_IsRefused()
    {
        var sampler = new SequenceSampler(new SamplingOptions { Constraint = TokenConstraint.FromRegex("ab", s_vocabulary) }, 1, []);
        sampler.Accept('a');
        Assert.Contains("position 1", Assert.Throws<ArgumentException>(() => sampler.Accept('x')).Message, StringComparison.Ordinal);
        sampler.Accept('b');
        Assert.Equal(EndOfText, sampler.Draw(Logits(1, 1), out _));
    }
}
