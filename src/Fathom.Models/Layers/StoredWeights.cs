// The weights of a model that is run but not trained: matrices stay in the mapped file, in the file's format; the small vectors are decoded.
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Weights of a stored model, read where they lie. Owns the checkpoint.</summary>
public sealed unsafe class StoredWeights : IModelWeights
{
    readonly ICheckpoint _checkpoint;
    readonly MemoryScope _vectors = new();
    readonly Dictionary<string, Weight> _byName = [];
    readonly Dictionary<string, Tensor> _vectorByName = [];

    /// <summary>Looks every tensor of the model up. No matrix is touched.</summary>
    /// <param name="checkpoint">The stored model, owned from now on.</param>
    /// <param name="exact">Products decode the weights to FP32 and round nothing.</param>
    /// <exception cref="CheckpointException">A tensor is missing, has another shape or a format that holds no weights.</exception>
    /// <exception cref="ConfigException">The config is damaged.</exception>
    public StoredWeights(ICheckpoint checkpoint, bool exact = false)
    {
        _checkpoint = checkpoint;
        Config = checkpoint.Config;
        // Interleaved rows are memory that the system cannot drop and read again: only what fits is interleaved.
        long bytes = checkpoint.Tensors.Sum(tensor => tensor.ByteLength);
        bool interleaves = !exact && bytes < GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 10 * 8;
        foreach (TensorSpec spec in TensorNames.Own(Config))
        {
            Weight weight = checkpoint.Read(spec);
            if (spec.Shape.Length > 1)
            {
                weight.Interleaves = interleaves && Interleaves(spec, Config);
                weight.Interleaved = checkpoint.Forget;
                _byName.Add(spec.Name, weight);
            }
            else
            {
                Tensor vector = _vectors.Rent(weight.Rows, 1);
                weight.Decode(0, weight.Rows, vector.Data);
                _vectorByName.Add(spec.Name, vector);
            }
        }
    }

    /// <summary>
    /// Whether products may use a matrix with its rows interleaved: the embedding is looked up row by row (a tied one is the head too), and a
    /// rounded router would choose other experts.
    /// </summary>
    public static bool Interleaves(TensorSpec spec, ModelConfig config) => spec.Shape.Length > 1
        && (spec.Role == TensorRole.Embedding ? config.TieWordEmbeddings : spec.Role != TensorRole.Router);

    /// <inheritdoc/>
    public ModelConfig Config { get; }

    /// <inheritdoc/>
    public Weight Matrix(string name) => _byName.TryGetValue(name, out Weight? weight) ? weight : throw new KeyNotFoundException($"The model has no matrix '{name}'.");

    /// <inheritdoc/>
    public Weight FurtherUse(string name) => Matrix(name);

    /// <inheritdoc/>
    public Tensor? FindVector(string name) => _vectorByName.GetValueOrDefault(name);

    /// <summary>Interleaves all matrices now, which otherwise happens when each is first used.</summary>
    /// <param name="progress">Told the bytes done and all bytes.</param>
    public void Prepare(Action<long, long>? progress)
    {
        long all = _byName.Values.Sum(weight => weight.ByteLength), done = 0;
        foreach (Weight weight in _byName.Values)
        {
            weight.Interleave();
            progress?.Invoke(done += weight.ByteLength, all);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _vectors.Dispose();
        _checkpoint.Dispose();
    }
}
