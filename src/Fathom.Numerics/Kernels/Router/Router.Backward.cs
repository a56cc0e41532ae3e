// The gate's backward pass: from the gradients of the expert weights to those of the logits. The choice itself is constant.
namespace Fathom.Numerics.Kernels;

public static unsafe partial class Router
{
    /// <summary>Gradients of the logits through the weights, their normalisation and the scoring function; written, not added.</summary>
    /// <param name="scores">[T, E], as written by <see cref="Scores"/>.</param>
    /// <param name="expertIds">[T, k], as written by <see cref="Select"/>.</param>
    /// <param name="dWeights">[T, k].</param>
    /// <param name="dScores">[T, E], a further gradient of the scores (<see cref="BalanceLoss"/>); null for none. May be dLogits.</param>
    /// <param name="dLogits">[T, E].</param>
    /// <param name="tokens">T.</param>
    /// <param name="experts">E.</param>
    /// <param name="expertsPerToken">k.</param>
    /// <param name="scoring">As in the forward pass.</param>
    /// <param name="normalize">As in the forward pass.</param>
    /// <param name="scale">As in the forward pass.</param>
    public static void Backward(
        float* scores, int* expertIds, float* dWeights, float* dScores, float* dLogits, int tokens, int experts, int expertsPerToken,
        ScoringFunction scoring, bool normalize, float scale)
    {
        var action = new BackwardRows
        {
            Scores = scores,
            ExpertIds = expertIds,
            DWeights = dWeights,
            DScores = dScores,
            DLogits = dLogits,
            Experts = experts,
            K = expertsPerToken,
            Scoring = scoring,
            Normalize = normalize,
            Scale = scale,
        };
        Traversal.Run(tokens, 4L * experts, 1, ref action);
    }

    struct BackwardRows : IRangeAction
    {
        public float* Scores, DWeights, DScores, DLogits;
        public int* ExpertIds;
        public int Experts, K;
        public ScoringFunction Scoring;
        public bool Normalize;
        public float Scale;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                float* scores = Scores + t * Experts, gradient = DLogits + t * Experts;
                if (DScores == null)
                    new Span<float>(gradient, Experts).Clear();
                else
                    new ReadOnlySpan<float>(DScores + t * Experts, Experts).CopyTo(new Span<float>(gradient, Experts));
                AddWeightGradients(scores, ExpertIds + t * K, DWeights + t * K, gradient);
                if (Scoring == ScoringFunction.Sigmoid)
                {
                    Traversal.Each<ThroughLogistic, TLanes>(new ThroughLogistic { Scores = scores, Gradient = gradient }, 0, Experts);
                }
                else
                {
                    double mean = Reduction.Sum<DotTerm, TLanes>(new DotTerm { X = scores, Y = gradient }, Experts);
                    Traversal.Each<ThroughSoftmax, TLanes>(
                        new ThroughSoftmax { Scores = scores, Gradient = gradient, Mean = (float)mean }, 0, Experts);
                }
            }
        }

        // weight_j = scale * s_j / (S + 1e-20), S the sum of the chosen s:
        // d/ds_j = scale * (dw_j - sum_i dw_i s_i / S) / S.
        readonly void AddWeightGradients(float* scores, int* ids, float* dWeights, float* gradient)
        {
            if (!Normalize)
            {
                for (int j = 0; j < K; j++)
                    gradient[ids[j]] += Scale * dWeights[j];
                return;
            }
            float sum = NormalizationEpsilon, dot = 0;
            for (int j = 0; j < K; j++)
            {
                sum += scores[ids[j]];
                dot += dWeights[j] * scores[ids[j]];
            }
            for (int j = 0; j < K; j++)
                gradient[ids[j]] += Scale * (dWeights[j] - dot / sum) / sum;
        }
    }

    struct ThroughLogistic : IElementOperator
    {
        public float* Scores, Gradient;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes s = TLanes.Load(Scores + i);
            (TLanes.Load(Gradient + i) * s * (TLanes.Create(1) - s)).Store(Gradient + i);
        }
    }

    struct ThroughSoftmax : IElementOperator
    {
        public float* Scores, Gradient;
        public float Mean;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => (TLanes.Load(Scores + i) * (TLanes.Load(Gradient + i) - TLanes.Create(Mean))).Store(Gradient + i);
    }
}
