// What Fathom holds on this machine, part by part.
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;

namespace Fathom.Planning.Here;

/// <summary>Memory of a process of Fathom.</summary>
public static class HereMemory
{
    /// <summary>Floats of a model's parameters as training holds them: each begins on a cache line.</summary>
    public static long ParameterFloats(ModelConfig config) => TensorNames.Own(config).Sum(spec => (spec.ElementCount + 15) & -16);

    /// <summary>Memory of training.</summary>
    public static IReadOnlyList<Figure> OfTraining(ModelConfig config, TrainingPass pass)
    {
        double floats = ParameterFloats(config);
        return
        [
            new("weights", 4 * floats, "bytes", "FP32"),
            new("gradients", 4 * floats, "bytes", "FP32"),
            new("moments", 8 * floats, "bytes", "FP32"),
            new("activations", pass.TapeBytes, "bytes", "tape"),
        ];
    }
}
