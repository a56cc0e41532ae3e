// Which tensors a GGUF file of a model holds, and what official tensors each is made of. Writing walks this list; reading checks against it.
using Fathom.Models.Configs;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>The two ways GGUF files store the up-projection of latent attention, [heads (nope + v), latent] officially.</summary>
public enum MlaDialect
{
    /// <summary><c>attn_k_b</c> (per head [latent, nope], so transposed) and <c>attn_v_b</c> (per head [v, latent]): llama.cpp since spring 2025.</summary>
    Split,

    /// <summary>One <c>attn_kv_b</c> as in the official file: before, and in relatives of llama.cpp.</summary>
    Joined,
}

/// <summary>How a tensor's rows follow from the official one's.</summary>
enum GgufArrangement
{
    /// <summary>The same.</summary>
    Same,

    /// <summary>Each head's rows in pairs (i, i + half), next to each other, so that rotation works on neighbours.</summary>
    RotaryPairs,

    /// <summary>The keys' part of the up-projection, transposed per head.</summary>
    KeysTransposed,

    /// <summary>The values' part of the up-projection.</summary>
    Values,
}

/// <summary>A tensor of the file.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Parts">Official tensors it is made of: one, or one per expert.</param>
/// <param name="Arrangement">What becomes of their rows.</param>
/// <param name="Heads">Heads that the arrangement works on.</param>
sealed record GgufTensor(string Name, long[] Shape, IReadOnlyList<TensorSpec> Parts, GgufArrangement Arrangement = GgufArrangement.Same, int Heads = 1);

static class GgufLayout
{
    /// <summary>Whether files of this family store queries and keys rotated as neighbours although the official files rotate halves.</summary>
    public static bool PairsNeighbours(ModelFamily family) => family is ModelFamily.Llama or ModelFamily.DeepSeekV1;

    /// <summary>All tensors but the rotary factors, in the order of the computation.</summary>
    public static IEnumerable<GgufTensor> Of(ModelConfig config, MlaDialect dialect)
    {
        foreach (TensorSpec spec in TensorNames.Own(config))
        {
            (string name, int? expert) = GgufNames.Find(spec.Name) ?? throw new ArgumentException($"no GGUF name for {spec.Name}", nameof(config));
            long[] shape = [.. spec.Shape.Select(size => (long)size)];
            if (expert is null && dialect == MlaDialect.Split && spec.Name.EndsWith(GgufNames.KeyValueB, StringComparison.Ordinal))
            {
                var latent = (LatentAttentionConfig)config.Attention;
                string block = GgufNames.Block(spec.Layer);
                yield return new GgufTensor(block + GgufNames.KeyB, [config.HeadCount, latent.KvLoraRank, latent.QkNopeHeadDim], [spec], GgufArrangement.KeysTransposed, config.HeadCount);
                yield return new GgufTensor(block + GgufNames.ValueB, [config.HeadCount, latent.VHeadDim, latent.KvLoraRank], [spec], GgufArrangement.Values, config.HeadCount);
            }
            else if (expert is null)
            {
                int heads = RotatedHeads(config, name);
                yield return new GgufTensor(name, shape, [spec], heads > 0 ? GgufArrangement.RotaryPairs : GgufArrangement.Same, heads);
            }
            else if (expert == 0)
            {
                IEnumerable<TensorSpec> all = Enumerable.Range(0, config.Experts!.RoutedExpertCount).Select(e => spec with { Name = spec.Name.Replace(".experts.0.", $".experts.{e}.", StringComparison.Ordinal) });
                yield return new GgufTensor(name, [config.Experts.RoutedExpertCount, .. shape], [.. all]);
            }
        }
    }

    /// <summary>Heads of a query or key projection whose rows are paired in the file; 0 for any other tensor.</summary>
    public static int RotatedHeads(ModelConfig config, string name) =>
        !PairsNeighbours(config.Family) || config.Attention is not GroupedQueryAttentionConfig grouped ? 0
        : name.Contains("attn_q.", StringComparison.Ordinal) ? config.HeadCount
        : name.Contains("attn_k.", StringComparison.Ordinal) ? grouped.KeyValueHeadCount
        : 0;
}
