// Training steps on random tokens: forward, backward and AdamW, as every stage runs them.
using System.Diagnostics;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Numerics.Random;
using Fathom.Numerics.Statistics;
using Fathom.Numerics.Threading;
using Fathom.Training.Data;
using Fathom.Training.Optimizers;
using Fathom.Training.Pretraining;

namespace Fathom.Cli.Measurements;

/// <summary>Measures training throughput.</summary>
static class TrainingMeasurement
{
    const int WarmupSteps = 2;
    const int PassTokens = 4096;

    /// <summary>Trains a model with random weights for some steps.</summary>
    /// <param name="preset">Its name.</param>
    /// <param name="config">Its description.</param>
    /// <param name="sequences">Sequences per step.</param>
    /// <param name="length">Tokens per sequence.</param>
    /// <param name="steps">Steps after the warm-up.</param>
    /// <param name="limit">The machine's FP32 limit in GFLOP/s; the fraction is the median step's model FLOPs utilisation.</param>
    public static BenchResult Run(string preset, ModelConfig config, int sequences, int length, int steps, double limit)
    {
        using DecoderModel model = DecoderModel.Initialize(config, seed: 1);
        using var trainer = new ModelTrainer(model);
        var batch = new TrainingSequence[sequences];
        var random = new CounterRandom(1, 0xBE7C);
        var seconds = new List<double>(steps);
        for (int step = 0; step < WarmupSteps + steps; step++)
        {
            for (int s = 0; s < sequences; s++)
                batch[s] = new TrainingSequence(Tokens(random, step * sequences + s, length + 1, config.VocabularySize), 1);
            long start = Stopwatch.GetTimestamp();
            SupervisedStep.Run(trainer, batch, PassTokens, new OptimizerStep(1e-3, 0.1, 0.9, 0.95, 1), biasUpdateRate: 1e-3);
            if (step >= WarmupSteps)
                seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        double median = Quantiles.Median(seconds), tokens = (double)sequences * length;
        return new BenchResult
        {
            Test = $"training {preset}, {sequences} x {length} tokens",
            Threads = ThreadTeam.Shared.ThreadCount,
            TokensPerSecond = tokens / median,
            Minimum = tokens / seconds.Max(),
            Maximum = tokens / seconds.Min(),
            FractionOfLimit = sequences * new ModelCounts(config).TrainingFlops(length) / median / (limit * 1e9),
            Seconds = median,
        };
    }

    static int[] Tokens(CounterRandom random, int sequence, int count, int vocabulary)
    {
        var tokens = new int[count];
        for (int i = 0; i < count; i++)
            tokens[i] = (int)(random.Double((ulong)sequence * (ulong)count + (ulong)i) * vocabulary);
        return tokens;
    }
}
