// Rows in the order of the official files. GGUF files of llama and deepseek pair the rows of queries and keys as neighbours; running a
// model does not care (its config says so), but training it and writing it out for others do.
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Checkpoints;

/// <summary>A checkpoint's tensors as its family's official files order them.</summary>
public static class OfficialOrder
{
    /// <summary>The config that goes with <see cref="Rows"/>.</summary>
    public static ModelConfig Config(ModelConfig config) =>
        IsPaired(config) ? config with { Rotary = config.Rotary with { Interleaved = false } } : config;

    /// <summary>The rows of a tensor in official order.</summary>
    /// <exception cref="CheckpointException">It is missing or has another shape.</exception>
    public static EncodedRows Rows(ICheckpoint checkpoint, TensorSpec spec)
    {
        Weight weight = checkpoint.Read(spec);
        int heads = IsPaired(checkpoint.Config) && GgufNames.Find(spec.Name) is { } found ? GgufLayout.RotatedHeads(checkpoint.Config, found.Name) : 0;
        return heads == 0 ? EncodedRows.Of(weight) : Moved(weight, heads, toPairs: false, null);
    }

    /// <summary>Whether queries and keys are paired although the family's official files rotate halves.</summary>
    internal static bool IsPaired(ModelConfig config) => config.Rotary.Interleaved && GgufLayout.PairsNeighbours(config.Family);

    /// <summary>The rows of each head, rotated halves turned into pairs of neighbours or back.</summary>
    internal static unsafe EncodedRows Moved(Weight weight, int heads, bool toPairs, float[]? importance)
    {
        int size = weight.Rows / heads, half = size / 2;
        return new EncodedRows(weight.Rows, (first, count, destination) =>
        {
            for (int row = first; row < first + count; row++)
            {
                int start = row / size * size, at = row % size;
                // Row 2 i + s of a head that is paired is row s half + i of one whose halves are rotated.
                int from = toPairs ? at % 2 * half + at / 2 : at % half * 2 + at / half;
                weight.Decode(start + from, 1, destination + (long)(row - first) * weight.Columns);
            }
        }, null, importance);
    }
}
