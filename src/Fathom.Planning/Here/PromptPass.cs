// What a pass over a piece of a prompt rents, tensor by tensor, in the order of the layers in Fathom.Models.Layers: no layer keeps anything for a
// backward pass, so the next one takes the same memory. Tests hold it against the scope of real passes. Letters: T tokens, H hidden, K experts per token.
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Kernels;

namespace Fathom.Planning.Here;

/// <summary>A pass over new tokens of one sequence, the last of which goes through the head.</summary>
/// <param name="Config">The model.</param>
/// <param name="Tokens">T, new tokens: at most <see cref="KvCache.PromptGrid"/> as prompts are cut.</param>
/// <param name="Past">Tokens that stand in the cache before them.</param>
public sealed record PromptPass(ModelConfig Config, int Tokens, int Past)
{
    /// <summary>The most bytes that the pass has rented at a time.</summary>
    public long Bytes
    {
        get
        {
            ModelConfig c = Config;
            long stream = Rented(Tokens, c.HiddenSize), most = 0;
            for (int layer = 0; layer < c.LayerCount; layer++)
                most = Math.Max(most, LayerBytes(c.HasExperts(layer)));
            // Behind the layers: the final norm, and one row of logits.
            return stream + Math.Max(most, Rented(Tokens, c.HiddenSize) + Rented(1, c.VocabularySize));
        }
    }

    long LayerBytes(bool hasExperts)
    {
        int hidden = Config.HiddenSize;
        (long kept, long most) = AttentionBytes();
        // The norm before, the sum, the norm and the sum behind.
        long before = Rented(Tokens, hidden), after = before + kept + 2 * Rented(Tokens, hidden);
        long mapped = hasExperts ? ExpertBytes(Config.Experts!) : GatedBytes(Config.IntermediateSize);
        return Math.Max(before + most, after + mapped + Rented(Tokens, hidden));
    }

    // What attention keeps until its layer ends, and what it has at most.
    (long Kept, long Most) AttentionBytes()
    {
        int heads = Config.HeadCount, blocks = (Past + Tokens + KvCache.BlockLength - 1) / KvCache.BlockLength;
        long table = Rounded((long)blocks * sizeof(long));
        if (Config.Attention is not LatentAttentionConfig latent)
        {
            var grouped = (GroupedQueryAttentionConfig)Config.Attention;
            long query = Rented(Tokens, (long)heads * grouped.HeadDim), key = Rented(Tokens, (long)grouped.KeyValueHeadCount * grouped.HeadDim);
            long all = 2 * query + 2 * key + table + Rented(Tokens, Config.HiddenSize);
            return (all, all);
        }
        int rank = latent.KvLoraRank, rope = latent.QkRopeHeadDim, value = latent.VHeadDim, up = heads * (latent.QkNopeHeadDim + value);
        long kept = latent.QLoraRank is { } queryRank ? 2 * Rented(Tokens, queryRank) : 0;
        // Queries; latent and rotary key together, apart, and the latent's norm; table of blocks; values of all heads.
        kept += Rented(Tokens, (long)heads * latent.QkHeadDim) + Rented(Tokens, rank + rope) + 2 * Rented(Tokens, rank) + Rented(Tokens, rope) + table + Rented(Tokens, (long)heads * value);
        long most = kept;
        if (Tokens < LatentAttention.AbsorbedTokenLimit)
        {
            kept += Rented(Tokens, (long)heads * (rank + rope)) + Rented(Tokens, (long)heads * rank);
            most = kept;
        }
        else
        {
            AttentionShape shape = new() { HeadCount = heads, KeyValueHeadCount = heads, QkDim = latent.QkNopeHeadDim, SharedDim = rope, VDim = value, Scale = 1 };
            kept += Rounded(CachedAttention.StateFloats(shape, Tokens) * sizeof(float));
            int keys = Math.Min(LatentAttention.ExpandedTokens, Past + Tokens);
            most = kept + Rented(keys, rank) + Rented(keys, rope) + Rented(keys, up);
        }
        kept += Rented(Tokens, Config.HiddenSize);
        return (kept, Math.Max(most, kept));
    }

    long GatedBytes(int width) => Rented(Tokens, 2L * width) + Rented(Tokens, width) + Rented(Tokens, Config.HiddenSize);

    long ExpertBytes(ExpertConfig experts)
    {
        int k = experts.ExpertsPerToken, count = experts.RoutedExpertCount, hidden = Config.HiddenSize, width = experts.ExpertIntermediateSize;
        long slots = (long)Tokens * k;
        long bytes = 2 * Rented(Tokens, count) + 4 * Rented(Tokens, k) + Rented(count + 1, 1);
        bytes += Rented(slots, hidden) + Rented(slots, 2L * width) + Rented(slots, width) + Rented(slots, hidden) + Rented(Tokens, hidden);
        return experts.SharedExpertCount == 0 ? bytes : bytes + GatedBytes(experts.SharedExpertCount * width) + Rented(Tokens, hidden);
    }

    static long Rented(long rows, long columns) => Rounded(checked(rows * columns * sizeof(float)));

    static long Rounded(long bytes) => Math.Max(64, (bytes + 63) & -64);
}
