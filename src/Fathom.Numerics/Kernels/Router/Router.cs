// The gate of a mixture of experts: affinity scores, the choice of experts, their weights. Backward in Router.Backward.cs,
// moving tokens to experts in Dispatch.cs, the balance loss in BalanceLoss.cs.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

/// <summary>How logits become affinity scores (<c>scoring_func</c>).</summary>
public enum ScoringFunction
{
    /// <summary>Softmax over all experts (DeepSeekMoE, V2).</summary>
    Softmax,

    /// <summary>The logistic function of each logit (V3).</summary>
    Sigmoid,
}

/// <summary>How experts are chosen (<c>topk_method</c>).</summary>
public enum SelectionMethod
{
    /// <summary>The k experts of greatest score (DeepSeekMoE, V2-Lite).</summary>
    Greedy,

    /// <summary>First the groups of greatest maximum, then the k best experts in them (V2, section 2.2.2; <c>group_limited_greedy</c>).</summary>
    GroupLimited,

    /// <summary>
    /// First the groups whose two best choice scores sum highest, then the k best experts in them (V3, section 2.1.2; <c>noaux_tc</c>).
    /// </summary>
    BiasCorrected,
}

/// <summary>Scores, choice and weights of routed experts.</summary>
public static unsafe partial class Router
{
    /// <summary>Affinity scores of the experts. scores may be logits.</summary>
    /// <param name="logits">[T, E].</param>
    /// <param name="scores">[T, E].</param>
    /// <param name="tokens">T.</param>
    /// <param name="experts">E.</param>
    /// <param name="scoring">Softmax or sigmoid.</param>
    public static void Scores(float* logits, float* scores, int tokens, int experts, ScoringFunction scoring)
    {
        if (scoring == ScoringFunction.Sigmoid)
        {
            Traversal.Map(new Logistic { X = logits, Y = scores }, (long)tokens * experts);
            return;
        }
        var action = new SoftmaxRows { X = logits, Y = scores, Width = experts };
        Traversal.Run(tokens, 4L * experts, 1, ref action);
    }

    /// <summary>
    /// Chooses k experts per token by score plus bias, and weighs them by score alone: scale * s, or scale * s / (sum of the chosen s + 1e-20).
    /// Of equal choices the lower id wins; excluded groups count as minus infinity.
    /// </summary>
    /// <param name="scores">[T, E].</param>
    /// <param name="selectionBias">[E], added for the choice only; null for none.</param>
    /// <param name="tokens">T.</param>
    /// <param name="experts">E.</param>
    /// <param name="expertsPerToken">k, at most the experts in the groups that stay.</param>
    /// <param name="groups">Groups of E / groups neighbouring experts; 1 with <see cref="SelectionMethod.Greedy"/>.</param>
    /// <param name="groupsPerToken">Groups that stay, 1 to <paramref name="groups"/>.</param>
    /// <param name="method">The rule of the choice.</param>
    /// <param name="normalize">Divide by the sum of the chosen scores (<c>norm_topk_prob</c>).</param>
    /// <param name="scale"><c>routed_scaling_factor</c>; the V2 code leaves it out where it normalises (pass 1), V3 does not.</param>
    /// <param name="expertIds">[T, k], ascending in each row.</param>
    /// <param name="weights">[T, k].</param>
    public static void Select(
        float* scores, float* selectionBias, int tokens, int experts, int expertsPerToken, int groups, int groupsPerToken,
        SelectionMethod method, bool normalize, float scale, int* expertIds, float* weights)
    {
        var action = new SelectRows
        {
            Scores = scores,
            SelectionBias = selectionBias,
            Experts = experts,
            K = expertsPerToken,
            Groups = method == SelectionMethod.Greedy ? 1 : groups,
            GroupsPerToken = groupsPerToken,
            Method = method,
            Normalize = normalize,
            Scale = scale,
            ExpertIds = expertIds,
            Weights = weights,
        };
        Traversal.Run(tokens, 4L * experts, 1, ref action);
    }

    /// <summary>Added to the sum of the chosen scores before dividing by it, as in the released code.</summary>
    const float NormalizationEpsilon = 1e-20f;

    struct Logistic : IElementOperator
    {
        public float* X, Y;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => TLanes.Sigmoid(TLanes.Load(X + i)).Store(Y + i);
    }

    struct SoftmaxRows : IRangeAction
    {
        public float* X, Y;
        public int Width;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                float* x = X + t * Width, y = Y + t * Width;
                float max = Reduction.Max<TLanes>(x, Width);
                double sum = Reduction.Sum<ExpTerm, TLanes>(new ExpTerm { X = x, Y = y, Max = max }, Width);
                Traversal.Each<Elementwise.Product, TLanes>(new Elementwise.Product { X = y, Y = y, Factor = (float)(1 / sum) }, 0, Width);
            }
        }
    }

    struct ExpTerm : ITerm
    {
        public float* X, Y;
        public float Max;

        public readonly TLanes AddTo<TLanes>(TLanes sum, long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes exp = TLanes.Exp(TLanes.Load(X + i) - TLanes.Create(Max));
            exp.Store(Y + i);
            return sum + exp;
        }
    }

    struct SelectRows : IRangeAction
    {
        public float* Scores, SelectionBias, Weights;
        public int* ExpertIds;
        public int Experts, K, Groups, GroupsPerToken;
        public SelectionMethod Method;
        public bool Normalize;
        public float Scale;

        [SkipLocalsInit]
        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            float* choice = stackalloc float[Experts];
            float* groupScores = stackalloc float[Groups];
            float* best = stackalloc float[Math.Max(K, GroupsPerToken)];
            int* chosenGroups = stackalloc int[GroupsPerToken];
            for (long t = start; t < end; t++)
            {
                float* scores = Scores + t * Experts;
                int* ids = ExpertIds + t * K;
                if (SelectionBias == null)
                    new ReadOnlySpan<float>(scores, Experts).CopyTo(new Span<float>(choice, Experts));
                else
                    Traversal.Each<Elementwise.Sum, TLanes>(new Elementwise.Sum { X = scores, Y = SelectionBias, Z = choice }, 0, Experts);
                if (Groups > 1)
                {
                    ScoreGroups(choice, groupScores);
                    Top(groupScores, Groups, GroupsPerToken, best, chosenGroups);
                    MaskOtherGroups(choice, chosenGroups);
                }
                Top(choice, Experts, K, best, ids);
                SortAscending(ids);
                Weigh(scores, ids, Weights + t * K);
            }
        }

        readonly void ScoreGroups(float* choice, float* groupScores)
        {
            int size = Experts / Groups;
            for (int group = 0; group < Groups; group++)
            {
                float first = float.NegativeInfinity, second = float.NegativeInfinity;
                for (int e = group * size; e < (group + 1) * size; e++)
                {
                    if (choice[e] > first)
                        (first, second) = (choice[e], first);
                    else if (choice[e] > second)
                        second = choice[e];
                }
                // A group of one expert has no second best.
                groupScores[group] = Method == SelectionMethod.BiasCorrected && size > 1 ? first + second : first;
            }
        }

        /// <summary>Sets the choice scores of groups not in <paramref name="chosenGroups"/> to minus infinity.</summary>
        readonly void MaskOtherGroups(float* choice, int* chosenGroups)
        {
            int size = Experts / Groups;
            var stay = new ReadOnlySpan<int>(chosenGroups, GroupsPerToken);
            for (int group = 0; group < Groups; group++)
            {
                if (!stay.Contains(group))
                    new Span<float>(choice + group * size, size).Fill(float.NegativeInfinity);
            }
        }

        /// <summary>
        /// The places of the <paramref name="k"/> greatest values, greatest first; of equal values the lower place first. The places are
        /// valid and distinct whatever the values, those that are not numbers included.
        /// </summary>
        static void Top(float* values, int count, int k, float* best, int* places)
        {
            int held = 0;
            for (int i = 0; i < count; i++)
            {
                float value = values[i];
                if (held == k && !(value > best[k - 1]))
                    continue;
                int at = held < k ? held++ : k - 1;
                for (; at > 0 && value > best[at - 1]; at--)
                {
                    best[at] = best[at - 1];
                    places[at] = places[at - 1];
                }
                best[at] = value;
                places[at] = i;
            }
        }

        readonly void SortAscending(int* ids)
        {
            for (int j = 1; j < K; j++)
            {
                int id = ids[j], at = j;
                for (; at > 0 && ids[at - 1] > id; at--)
                    ids[at] = ids[at - 1];
                ids[at] = id;
            }
        }

        readonly void Weigh(float* scores, int* ids, float* weights)
        {
            float sum = NormalizationEpsilon;
            for (int j = 0; j < K; j++)
                sum += scores[ids[j]];
            for (int j = 0; j < K; j++)
                weights[j] = Normalize ? scores[ids[j]] / sum * Scale : scores[ids[j]] * Scale;
        }
    }
}
