// All parameters of a model by their checkpoint names, in one contiguous piece of memory, so that zeroing gradients, clipping, the
// optimizer step and checkpoints are single passes.
using System.Runtime.InteropServices;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Random;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>A named parameter.</summary>
/// <param name="Name">Official checkpoint name.</param>
/// <param name="Shape">Shape as in the checkpoint.</param>
/// <param name="Value">[rows, columns]; a vector is [n, 1].</param>
/// <param name="Offset">First element in the flat memory.</param>
public sealed record Parameter(string Name, int[] Shape, Tensor Value, long Offset)
{
    /// <summary>Whether gradients train it; a router's selection bias is moved by the load instead (V3 section 2.1.2).</summary>
    public bool Trainable => !Name.EndsWith("e_score_correction_bias", StringComparison.Ordinal);

    /// <summary>Whether weight decay applies: matrices decay, gains and biases do not.</summary>
    public bool Decays => Shape.Length > 1;
}

/// <summary>The parameters of a model. Memory is native and freed by <see cref="Dispose"/>.</summary>
public sealed unsafe class ModelParameters : IDisposable
{
    readonly Dictionary<string, Parameter> _byName = [];
    readonly MemoryScope _scope = new();
    float* _gradients;

    ModelParameters(ModelConfig config)
    {
        Config = config;
        var own = TensorNames.Of(config).Where(t => !IsShared(config, t.Name)).ToList();
        // Each parameter starts on a cache line.
        long Padded(int[] shape) => (ElementCount(shape) + 15) & -16;
        Length = own.Sum(t => Padded(t.Shape));
        Values = _scope.Rent<float>(Length);
        NativeMemory.Clear(Values, (nuint)(Length * sizeof(float)));
        long offset = 0;
        foreach ((string name, int[] shape) in own)
        {
            int rows = shape[0], columns = checked((int)(ElementCount(shape) / Math.Max(rows, 1)));
            var parameter = new Parameter(name, shape, _scope.Wrap(Values + offset, rows, columns), offset);
            All.Add(parameter);
            _byName.Add(name, parameter);
            offset += Padded(shape);
        }
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config { get; }

    /// <summary>All parameters, in checkpoint order.</summary>
    public List<Parameter> All { get; } = [];

    /// <summary>All values, flat, with zero padding between parameters.</summary>
    public float* Values { get; }

    /// <summary>All gradients, flat, or null before <see cref="EnableGradients"/>.</summary>
    public float* Gradients => _gradients;

    /// <summary>Elements in the flat memory, padding counted in.</summary>
    public long Length { get; }

    /// <summary>The parameter of that name.</summary>
    /// <exception cref="KeyNotFoundException">The model has none.</exception>
    public Tensor this[string name] => _byName.TryGetValue(name, out Parameter? p)
        ? p.Value
        : throw new KeyNotFoundException($"The model has no parameter '{name}'.");

    /// <summary>The parameter of that name, or null.</summary>
    public Tensor? Find(string name) => _byName.GetValueOrDefault(name)?.Value;

    /// <summary>Random parameters: normal with the config's initializer range, gains 1, biases 0 (DeepSeekMoE section 4.1.3).</summary>
    /// <remarks>Bits depend on the seed, the parameter's name and the element's index alone.</remarks>
    public static ModelParameters Initialize(ModelConfig config, ulong seed)
    {
        var parameters = new ModelParameters(config);
        foreach (Parameter parameter in parameters.All)
        {
            Span<float> values = parameter.Value.Span;
            if (parameter.Shape.Length > 1)
            {
                var random = new CounterRandom(seed, Hash(parameter.Name));
                float std = (float)config.InitializerRange;
                for (int i = 0; i < values.Length; i++)
                    values[i] = std * (float)random.Normal((ulong)i);
            }
            else
            {
                values.Fill(parameter.Name.EndsWith("bias", StringComparison.Ordinal) ? 0f : 1f);
            }
        }
        return parameters;
    }

    /// <summary>Reads the parameters of a Hugging Face folder; all are held as FP32.</summary>
    /// <exception cref="CheckpointException">A file or tensor is missing or of the wrong shape.</exception>
    public static ModelParameters Load(ModelConfig config, ModelFolder folder)
    {
        var parameters = new ModelParameters(config);
        try
        {
            foreach (Parameter parameter in parameters.All)
                folder.CopyTo(parameter.Name, parameter.Shape, parameter.Value.Data);
            return parameters;
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>A copy of another model's parameters, without gradients.</summary>
    public static ModelParameters CopyOf(ModelParameters other)
    {
        var parameters = new ModelParameters(other.Config);
        parameters.CopyFrom(other);
        return parameters;
    }

    /// <summary>Takes over the values of a model of the same shape.</summary>
    public void CopyFrom(ModelParameters other) => NativeMemory.Copy(other.Values, Values, (nuint)(Length * sizeof(float)));

    /// <summary>Takes over the values in a file written from <see cref="ToSources"/> in FP32.</summary>
    public void ReadFrom(SafetensorsFile file)
    {
        foreach (Parameter parameter in All)
            file.CopyTo(parameter.Name, parameter.Value.Data);
    }

    /// <summary>The tensors to write to a checkpoint, those of shared names repeated as the official files do.</summary>
    /// <param name="type">FP32 or BF16; router biases stay FP32.</param>
    public IEnumerable<TensorSource> ToSources(ElementType type)
    {
        foreach ((string name, int[] shape) in TensorNames.Of(Config))
        {
            Parameter parameter = _byName[SharedName(Config, name)];
            yield return Source(name, shape, parameter, parameter.Trainable ? type : ElementType.F32);
        }
    }

    static TensorSource Source(string name, int[] shape, Parameter parameter, ElementType type)
        => TensorSource.Floats(name, [.. shape.Select(d => (long)d)], parameter.Value.Data, type);

    /// <summary>Gives every trainable parameter a gradient, zeroed.</summary>
    public void EnableGradients()
    {
        if (_gradients is null)
        {
            _gradients = _scope.Rent<float>(Length);
            foreach (Parameter parameter in All.Where(p => p.Trainable))
                parameter.Value.Gradient = _scope.Wrap(_gradients + parameter.Offset, parameter.Value.Rows, parameter.Value.Columns);
        }
        ClearGradients();
    }

    /// <summary>Sets all gradients to zero.</summary>
    public void ClearGradients() => NativeMemory.Clear(_gradients, (nuint)(Length * sizeof(float)));

    /// <inheritdoc/>
    public void Dispose() => _scope.Dispose();

    static long ElementCount(int[] shape) => shape.Aggregate(1L, (n, d) => checked(n * d));

    // The multi-token-prediction layer repeats the main model's embedding and head in the file (V3 README_WEIGHTS).
    static string SharedName(ModelConfig config, string name)
    {
        string prefix = $"model.layers.{config.LayerCount}.";
        return name == prefix + "embed_tokens.weight" ? "model.embed_tokens.weight"
            : name == prefix + "shared_head.head.weight" ? (config.TieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight")
            : name;
    }

    static bool IsShared(ModelConfig config, string name) => SharedName(config, name) != name;

    static ulong Hash(string name)
    {
        // FNV-1a: stable across processes, unlike string.GetHashCode.
        ulong hash = 14695981039346656037;
        foreach (char c in name)
            hash = (hash ^ c) * 1099511628211;
        return hash;
    }
}
