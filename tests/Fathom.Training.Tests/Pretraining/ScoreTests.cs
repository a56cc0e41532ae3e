// Log-probabilities: what the generator says of a token it drew is what training computes of the whole sequence.

using Fathom.Inference;
using Fathom.Models.Layers;
using Fathom.Testing;
using Fathom.Training.Data;
using Fathom.Training.Pretraining;

namespace Fathom.Training.Tests.Pretraining;

public sealed class ScoreTests
{
    [Theory]
    [InlineData("deepseek-v3", 1f)]
    [InlineData("deepseek-v2", 0.7f)]
    [InlineData("deepseek-v1", 1f)]
    [InlineData("qwen2", 1.5f)]
    public void Score_OfAGeneratedSequence_EqualsTheGeneratorsLogProbabilities(string family, float temperature)
    {
        using ToyModel toy = new(family);
        using ModelTrainer trainer = new(toy.Model);
        using Generator generator = new(toy.Model);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => new GenerationRequest(
            ToyModel.Tokens(1 + 4 * i, i), new SamplingOptions { Temperature = temperature, MaxNewTokens = 30 }, (ulong)i))];
        Completion[] completions = generator.Generate(requests);
        TrainingSequence[] sequences = [.. requests.Zip(completions, (r, c) => new TrainingSequence([.. r.Prompt, .. c.Tokens], r.Prompt.Length))];
        trainer.LoadPass(sequences);
        var scores = new float[trainer.PassTokens];
        double loss = trainer.Score(toy.Model, scores, temperature);
        int t = 0;
        double sum = 0;
        for (int i = 0; i < sequences.Length; i++)
        {
            for (int p = 1; p < sequences[i].Tokens.Length; p++, t++)
            {
                sum += scores[t];
                float expected = p >= sequences[i].FirstTarget ? completions[i].LogProbabilities[p - sequences[i].FirstTarget] : 0;
                // Logits up to about 20 in size, each within 1e-6 of that between the two orders of attention.
                Assert.True(Math.Abs(expected - scores[t]) <= 2e-5 * Math.Max(1, Math.Abs(expected)), $"sequence {i}, token {p}: generated {expected}, scored {scores[t]}");
            }
        }
        Assert.Equal(-sum, loss, 1e-3);
    }
}
