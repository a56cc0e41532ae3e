// One optimizer step of next-token training over given sequences.
using Fathom.Numerics.Kernels;
using Fathom.Training.Data;
using Fathom.Training.Optimizers;

namespace Fathom.Training.Pretraining;

/// <summary>What a supervised step gave.</summary>
/// <param name="Loss">Mean cross-entropy per target, in nats.</param>
/// <param name="MtpLoss">Mean multi-token-prediction loss per target, in nats; 0 without the module.</param>
/// <param name="BalanceLoss">Balance loss, summed over layers.</param>
/// <param name="GradientNorm">Global gradient norm before clipping.</param>
/// <param name="MaxViolation">Worst layer's load imbalance.</param>
public readonly record struct SupervisedResult(double Loss, double MtpLoss, double BalanceLoss, double GradientNorm, double MaxViolation);

/// <summary>Runs supervised steps and validations.</summary>
public static unsafe class SupervisedStep
{
    /// <summary>Learns from <paramref name="sequences"/>; every target weighs the same.</summary>
    /// <param name="trainer">The model in training.</param>
    /// <param name="sequences">The step's whole batch.</param>
    /// <param name="microBatchTokens">Most tokens of one pass; does not change the result.</param>
    /// <param name="settings">Optimizer settings.</param>
    /// <param name="biasUpdateRate">Step of the routers' selection biases.</param>
    /// <param name="mtpWeight">Weight lambda of the multi-token-prediction loss (V3 eq. 25).</param>
    public static SupervisedResult Run(
        ModelTrainer trainer, ReadOnlySpan<TrainingSequence> sequences, int microBatchTokens, in OptimizerStep settings, double biasUpdateRate,
        double mtpWeight = 0)
    {
        long targets = 0, mtpTargets = 0;
        foreach (TrainingSequence s in sequences)
        {
            targets += s.TargetCount;
            mtpTargets += Math.Min(s.TargetCount, s.Tokens.Length - 2);
        }
        trainer.BeginStep(sequences.Length);
        double loss = 0, mtpLoss = 0, balance = 0;
        for (int from = 0; from < sequences.Length;)
        {
            int to = ModelTrainer.PassEnd(sequences, from, microBatchTokens);
            trainer.LoadPass(sequences[from..to]);
            var objective = new CrossEntropyObjective(null, (float)(1.0 / targets));
            (double l, double m, double b) = trainer.RunPass(ref objective, mtpTokenWeight: mtpTargets > 0 ? mtpWeight / mtpTargets : 0);
            (loss, mtpLoss, balance) = (loss + l, mtpLoss + m, balance + b);
            from = to;
        }
        double maxViolation = trainer.MaxViolation();
        double norm = trainer.EndStep(settings, biasUpdateRate);
        return new SupervisedResult(loss, mtpWeight > 0 ? mtpLoss / mtpWeight : 0, balance, norm, maxViolation);
    }

    /// <summary>Mean cross-entropy per target over sequences, without learning.</summary>
    public static double Validate(ModelTrainer trainer, ReadOnlySpan<TrainingSequence> sequences, int microBatchTokens)
    {
        double loss = 0;
        long targets = 0;
        for (int from = 0; from < sequences.Length;)
        {
            int to = ModelTrainer.PassEnd(sequences, from, microBatchTokens);
            trainer.LoadPass(sequences[from..to]);
            loss += trainer.CrossEntropy();
            foreach (TrainingSequence s in sequences[from..to])
                targets += s.TargetCount;
            from = to;
        }
        return loss / targets;
    }
}
