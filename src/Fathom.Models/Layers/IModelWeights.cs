// Where a model's layers take their weights from: parameters in memory that training changes, or a file mapped into memory.
using Fathom.Models.Configs;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>A model's weights by their official names.</summary>
public interface IModelWeights : IDisposable
{
    /// <summary>The model's shape.</summary>
    ModelConfig Config { get; }

    /// <summary>The matrix [out, in] of that name.</summary>
    /// <exception cref="KeyNotFoundException">The model has none.</exception>
    Weight Matrix(string name);

    /// <summary>A matrix that the model uses in a second place (a tied head, multi-token prediction).</summary>
    /// <exception cref="KeyNotFoundException">The model has none.</exception>
    Weight FurtherUse(string name);

    /// <summary>The norm or bias [size] of that name, in FP32, or null where the model has none.</summary>
    Tensor? FindVector(string name);

    /// <summary>The norm or bias [size] of that name, in FP32.</summary>
    /// <exception cref="KeyNotFoundException">The model has none.</exception>
    Tensor Vector(string name) => FindVector(name) ?? throw new KeyNotFoundException($"The model has no tensor '{name}'.");
}
