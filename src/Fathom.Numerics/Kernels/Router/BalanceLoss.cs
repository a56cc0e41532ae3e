// The loss that keeps experts evenly loaded within a sequence (DeepSeekMoE, section 3.3; V3, equations 17 to 20), with its gradient.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

/// <summary>
/// Per sequence of S tokens: sum over experts of f_e * P_e with f_e = (times e was chosen) * E / (S * k), constant for the gradient, and
/// P_e = mean over tokens of the token's share s_e. Softmax scores are shares already; sigmoid scores are divided by their sum first.
/// </summary>
public static unsafe class BalanceLoss
{
    [ThreadStatic]
    static Scratch s_losses;

    /// <summary>The loss, summed over sequences and weighted; its gradient is added to dScores.</summary>
    /// <param name="scores">[T, E], as written by <see cref="Router.Scores"/>.</param>
    /// <param name="expertIds">[T, k], as written by <see cref="Router.Select"/>.</param>
    /// <param name="sequenceStarts">
    /// [sequences + 1], ascending, first token of each sequence and T at the end. {0, T} gives the batch-wise loss.
    /// </param>
    /// <param name="sequences">Sequences; empty ones add nothing.</param>
    /// <param name="experts">E.</param>
    /// <param name="expertsPerToken">k.</param>
    /// <param name="scoring">How the scores were made.</param>
    /// <param name="sequenceWeight">
    /// The weight of each sequence's loss: alpha / (sequences in the whole step), so that splitting a step into micro-batches changes nothing.
    /// </param>
    /// <param name="dScores">[T, E]; null for the loss alone.</param>
    public static double Run(
        float* scores, int* expertIds, int* sequenceStarts, int sequences, int experts, int expertsPerToken, ScoringFunction scoring,
        float sequenceWeight, float* dScores)
    {
        double* losses = s_losses.Get<double>(sequences);
        var action = new Sequences
        {
            Scores = scores,
            ExpertIds = expertIds,
            Starts = sequenceStarts,
            Experts = experts,
            K = expertsPerToken,
            Shares = scoring == ScoringFunction.Sigmoid,
            Weight = sequenceWeight,
            DScores = dScores,
            Losses = losses,
        };
        long tokens = sequences == 0 ? 0 : sequenceStarts[sequences] - sequenceStarts[0];
        Traversal.Run(sequences, tokens * experts / Math.Max(1, sequences), 1, ref action);
        double loss = 0;
        for (int i = 0; i < sequences; i++)
            loss += losses[i];
        return loss * sequenceWeight;
    }

    struct Sequences : IRangeAction
    {
        public float* Scores, DScores;
        public int* ExpertIds, Starts;
        public int Experts, K;
        public bool Shares;
        public float Weight;
        public double* Losses;

        [SkipLocalsInit]
        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            float* load = stackalloc float[Experts];
            for (long sequence = start; sequence < end; sequence++)
                Losses[sequence] = RunSequence<TLanes>(Starts[sequence], Starts[sequence + 1], load);
        }

        // With f constant, the loss is the mean over tokens of sum_e f_e s_e (/ sum_e s_e): no [E] means are needed.
        readonly double RunSequence<TLanes>(long start, long end, float* load)
            where TLanes : struct, ILanes<TLanes>
        {
            if (start == end)
                return 0;
            new Span<float>(load, Experts).Clear();
            for (long slot = start * K; slot < end * K; slot++)
                load[ExpertIds[slot]]++;
            double unit = (double)Experts / ((end - start) * K);
            for (int e = 0; e < Experts; e++)
                load[e] = (float)(load[e] * unit);

            double sum = 0;
            float tokenWeight = Weight / (end - start);
            for (long t = start; t < end; t++)
            {
                float* scores = Scores + t * Experts;
                double total = Shares ? Reduction.Sum<ValueTerm, TLanes>(new ValueTerm { X = scores }, Experts) : 1;
                double loss = Reduction.Sum<DotTerm, TLanes>(new DotTerm { X = load, Y = scores }, Experts) / total;
                sum += loss;
                if (DScores != null)
                {
                    // d(sum_e f_e s_e / sum s) / ds_j = (f_j - loss) / sum s; without the division just f_j.
                    Traversal.Each<AddGradient, TLanes>(
                        new AddGradient
                        {
                            Load = load,
                            DScores = DScores + t * Experts,
                            Factor = (float)(tokenWeight / total),
                            Offset = Shares ? (float)loss : 0,
                        },
                        0, Experts);
                }
            }
            return sum / (end - start);
        }
    }

    struct ValueTerm : ITerm
    {
        public float* X;

        public readonly TLanes AddTo<TLanes>(TLanes sum, long i)
            where TLanes : struct, ILanes<TLanes>
            => sum + TLanes.Load(X + i);
    }

    struct AddGradient : IElementOperator
    {
        public float* Load, DScores;
        public float Factor, Offset;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => TLanes.MultiplyAdd(TLanes.Load(Load + i) - TLanes.Create(Offset), TLanes.Create(Factor), TLanes.Load(DScores + i)).Store(DScores + i);
    }
}
