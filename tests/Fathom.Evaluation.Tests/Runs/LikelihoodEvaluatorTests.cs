// Likelihoods of choices against the naive model, and the evaluation made of them.
using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Runs;
using Fathom.Evaluation.Tasks;
using Fathom.Testing;
using Fathom.Text.Tokenizers;

namespace Fathom.Evaluation.Tests.Runs;

public sealed class LikelihoodEvaluatorTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("fathom-eval-").FullName;
    readonly Tokenizer _tokenizer = BpeTrainer.Train(["the tree is the three"], 256 + 3 + 6, [DeepSeekTokens.BeginOfSentence, DeepSeekTokens.EndOfSentence]);
    readonly ToyModel _toy;

    public LikelihoodEvaluatorTests() => _toy = new ToyModel(ToyPresets.DeepSeekV3 with { VocabularySize = _tokenizer.VocabularySize, MaxPositionEmbeddings = 128 });

    public void Dispose()
    {
        _toy.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    static ChoiceProblem Problem(string question, int right, params string[] choices) => new("mmlu", "asked", ChoiceProblem.Letter(right).ToString(), Language.English)
    {
        Question = question,
        Choices = choices,
        CorrectIndex = right,
        Order = [.. Enumerable.Range(0, choices.Length)],
    };

    [Fact]
    public void Run_PicksWhatTheNaiveModelFindsLikeliest()
    {
        string[] choices = ["the tree", "é", "three trees in the tree", "of"];
        // The naive model: all tokens of " choice" behind those of the context, the begin mark counted in.
        int context = 1 + _tokenizer.Encode("Question: Which?\nAnswer:").Length;
        double[] expected = [.. choices.Select(choice => NaiveModel.LogProbabilities(_toy.Naive.Forward([_tokenizer.BosId!.Value, .. _tokenizer.Encode($"Question: Which?\nAnswer: {choice}")])).Skip(context - 1).Sum())];
        int likeliest = Array.IndexOf(expected, expected.Max());
        double[] perByte = [.. expected.Select((sum, i) => sum / (1 + System.Text.Encoding.UTF8.GetByteCount(choices[i])))];
        int normalised = Array.IndexOf(perByte, perByte.Max());
        // Else the two kinds of accuracy could be mixed up unseen.
        Assert.NotEqual(likeliest, normalised);

        ChoiceProblem[] problems = [Problem("Which?", likeliest, choices), Problem("Which?", normalised, choices), Problem(new string('x', 500), 0, choices)];
        using EvaluationFolder folder = EvaluationFolder.Create(Path.Combine(_root, "e"), new EvaluationManifest
        {
            Task = "mmlu",
            DataHash = ProblemDigest.Of(problems),
            Problems = 3,
            Samples = 1,
            Model = "toy",
            Prompting = "likelihood",
            Temperature = 0,
            TopP = 1,
            MaxTokens = 0,
            Seed = 0,
        });
        var evaluator = new LikelihoodEvaluator(folder, problems, _toy.Model, _tokenizer);
        double[] actual = evaluator.LogLikelihoods("Question: Which?\nAnswer:", [.. choices.Select(choice => " " + choice)], out _);
        for (int i = 0; i < choices.Length; i++)
            // FP32 against double: the logits' error of 3e-5 of their size, the largest of which is below 10, for each of up to 30 tokens.
            Assert.Equal(expected[i], actual[i], 3e-4 * 30);
        evaluator.Run(null, CancellationToken.None);
        Assert.Equal([Outcome.Right, Outcome.Wrong, Outcome.Wrong], folder.Samples.Select(sample => sample.Outcome));
        Assert.Equal([0, 1, 0], folder.Samples.Select(sample => (int)sample.Parts[0].Value));
        Assert.Contains("128", folder.Samples[2].Reason, StringComparison.Ordinal);
    }
}
