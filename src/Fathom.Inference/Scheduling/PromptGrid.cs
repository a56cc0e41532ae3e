// Where prompts are cut. Latent attention attends long runs of new tokens expanded and short ones absorbed, and the two orders round
// differently; so where a prompt is cut must follow from its length alone, whatever the cache already holds of it.
using Fathom.Models.Configs;
using Fathom.Models.Layers;

namespace Fathom.Inference.Scheduling;

/// <summary>Cuts sequences into the pieces in which they enter batches: prompts on a fixed grid, the last piece being the rest.</summary>
/// <param name="latent">Whether the attention has the two orders; without them any cut gives the same bits.</param>
readonly struct PromptGrid(bool latent)
{
    /// <summary>The grid of a model.</summary>
    public static PromptGrid Of(ModelConfig config) => new(config.Attention is LatentAttentionConfig);

    /// <summary>The end of the piece that begins behind <paramref name="cached"/> tokens.</summary>
    /// <param name="cached">Tokens in the cache, fewer than <paramref name="length"/>.</param>
    /// <param name="promptLength">Tokens of the prompt.</param>
    /// <param name="length">Tokens of the sequence: more than the prompt's when generated ones are computed again after a pre-emption.</param>
    public int PieceEnd(int cached, int promptLength, int length)
    {
        if (cached < promptLength)
            return Math.Min((cached / KvCache.PromptGrid + 1) * KvCache.PromptGrid, promptLength);
        // Generated tokens were attended absorbed when they came, so they are again.
        return Math.Min(cached + LongestGeneratedPiece, length);
    }

    /// <summary>Most generated tokens in one piece.</summary>
    public int LongestGeneratedPiece => latent ? LatentAttention.AbsorbedTokenLimit - 1 : KvCache.PromptGrid;

    /// <summary>Tokens of a sequence whose cache rows any other sequence that begins with the same tokens would compute alike.</summary>
    /// <param name="promptLength">Tokens of the prompt.</param>
    /// <param name="cached">Tokens in the cache.</param>
    public int Shareable(int promptLength, int cached)
    {
        if (!latent)
            return cached;
        int rest = promptLength % KvCache.PromptGrid;
        return Math.Min(cached, IsExpanded(rest) ? promptLength : promptLength - rest);
    }

    /// <summary>How much of a found beginning a prompt may take over: what is left to compute must be attended as the whole would be.</summary>
    /// <param name="found">Tokens found in the cache, whole blocks.</param>
    /// <param name="promptLength">Tokens of the prompt; its last one is always computed, for its logits.</param>
    public int Usable(int found, int promptLength)
    {
        int usable = Math.Min(found, promptLength - 1) / KvCache.BlockLength * KvCache.BlockLength;
        if (!latent)
            return usable;
        int start = usable / KvCache.PromptGrid * KvCache.PromptGrid, end = Math.Min(start + KvCache.PromptGrid, promptLength);
        if (usable == start || IsExpanded(end - usable))
            return usable;
        // Too little would be left of the piece: cut back until it is attended expanded, or to its start where none of it is.
        int shorter = (end - LatentAttention.AbsorbedTokenLimit) / KvCache.BlockLength * KvCache.BlockLength;
        return IsExpanded(end - start) ? Math.Max(start, shorter) : start;
    }

    static bool IsExpanded(int tokens) => tokens >= LatentAttention.AbsorbedTokenLimit;
}
