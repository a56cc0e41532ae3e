// All parameters of a model by their checkpoint names, in one contiguous piece of memory, so that zeroing gradients, clipping, the
// optimizer step and checkpoints are single passes.
using System.Runtime.InteropServices;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Random;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>A parameter in memory.</summary>
/// <param name="Spec">Official name, shape and role.</param>
/// <param name="Value">[rows, columns]; a vector is [n, 1].</param>
/// <param name="Offset">First element in the flat memory.</param>
public sealed record Parameter(TensorSpec Spec, Tensor Value, long Offset)
{
    /// <summary>Official checkpoint name.</summary>
    public string Name => Spec.Name;

    /// <summary>Whether gradients train it; a router's selection bias is moved by the load instead (V3 section 2.1.2).</summary>
    public bool Trainable => Spec.Role != TensorRole.SelectionBias;

    /// <summary>Whether weight decay applies: matrices decay, gains and biases do not.</summary>
    public bool Decays => Spec.Shape.Length > 1;
}

/// <summary>The parameters of a model. Memory is native and freed by <see cref="Dispose"/>.</summary>
public sealed unsafe class ModelParameters : IModelWeights
{
    readonly Dictionary<string, Parameter> _byName = [];
    readonly Dictionary<string, Weight> _matrices = [];
    readonly List<(Parameter Owner, Tensor View)> _furtherUses = [];
    readonly MemoryScope _scope = new();
    float* _gradients;

    ModelParameters(ModelConfig config)
    {
        Config = config;
        List<TensorSpec> own = [.. TensorNames.Own(config)];
        // Each parameter starts on a cache line.
        static long Padded(TensorSpec spec) => (spec.ElementCount + 15) & -16;
        Length = own.Sum(Padded);
        Values = _scope.Rent<float>(Length);
        NativeMemory.Clear(Values, (nuint)(Length * sizeof(float)));
        long offset = 0;
        foreach (TensorSpec spec in own)
        {
            int rows = spec.Shape[0], columns = checked((int)(spec.ElementCount / Math.Max(rows, 1)));
            var parameter = new Parameter(spec, _scope.Wrap(Values + offset, rows, columns), offset);
            All.Add(parameter);
            _byName.Add(spec.Name, parameter);
            offset += Padded(spec);
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

    /// <inheritdoc/>
    public Weight Matrix(string name)
    {
        if (!_matrices.TryGetValue(name, out Weight? weight))
            _matrices[name] = weight = new Weight(this[name]);
        return weight;
    }

    /// <inheritdoc/>
    public Tensor? FindVector(string name) => _byName.GetValueOrDefault(name)?.Value;

    /// <summary>
    /// A parameter that the model uses in a second place (a tied head, multi-token prediction): the same values, a gradient of its
    /// own until <see cref="GatherGradients"/>. So each use sums over its tokens in their order, and a step's gradient does not
    /// depend on how the step is split into passes.
    /// </summary>
    public Weight FurtherUse(string name)
    {
        Parameter owner = _byName[name];
        Tensor view = _scope.Wrap(owner.Value.Data, owner.Value.Rows, owner.Value.Columns);
        _furtherUses.Add((owner, view));
        return new Weight(view);
    }

    /// <summary>Random parameters: normal with the config's initializer range, gains 1, biases 0 (DeepSeekMoE section 4.1.3).</summary>
    /// <remarks>Bits depend on the seed, the parameter's name and the element's index alone.</remarks>
    public static ModelParameters Initialize(ModelConfig config, ulong seed)
    {
        var parameters = new ModelParameters(config);
        foreach (Parameter parameter in parameters.All)
        {
            Span<float> values = parameter.Value.Span;
            if (parameter.Decays)
            {
                var random = new CounterRandom(seed, CounterRandom.StreamOf(parameter.Name));
                float std = (float)config.InitializerRange;
                for (int i = 0; i < values.Length; i++)
                    values[i] = std * (float)random.Normal((ulong)i);
            }
            else
            {
                values.Fill(parameter.Spec.Role == TensorRole.Norm ? 1f : 0f);
            }
        }
        return parameters;
    }

    /// <summary>Reads the parameters of a stored model; all are held as FP32, in the order of the official files.</summary>
    /// <exception cref="CheckpointException">A tensor is missing or of the wrong shape or format.</exception>
    public static ModelParameters Load(ICheckpoint checkpoint)
    {
        // All shapes are right before memory is taken for them: a config alone may ask for any amount.
        foreach (TensorSpec spec in TensorNames.Own(checkpoint.Config))
            _ = checkpoint.Read(spec);
        var parameters = new ModelParameters(OfficialOrder.Config(checkpoint.Config));
        try
        {
            foreach (Parameter parameter in parameters.All)
            {
                EncodedRows rows = OfficialOrder.Rows(checkpoint, parameter.Spec);
                rows.Read(0, rows.Rows, parameter.Value.Data);
            }
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
        foreach (TensorSpec spec in TensorNames.Of(Config).Where(s => s.Role != TensorRole.BlockScale))
            yield return Source(spec, _byName[spec.CopyOf ?? spec.Name], type);
    }

    static TensorSource Source(TensorSpec spec, Parameter parameter, ElementType type)
        => TensorSource.Floats(
            spec.Name, [.. spec.Shape.Select(d => (long)d)], parameter.Value.Data, spec.Role == TensorRole.SelectionBias ? ElementType.F32 : type);

    /// <summary>Gives every trainable parameter a gradient, zeroed.</summary>
    public void EnableGradients()
    {
        if (_gradients is null)
        {
            _gradients = _scope.Rent<float>(Length);
            foreach (Parameter parameter in All.Where(p => p.Trainable))
                parameter.Value.Gradient = _scope.Wrap(_gradients + parameter.Offset, parameter.Value.Rows, parameter.Value.Columns);
            foreach ((_, Tensor view) in _furtherUses)
                view.Gradient = _scope.RentLike(view);
        }
        ClearGradients();
    }

    /// <summary>Sets all gradients to zero.</summary>
    public void ClearGradients()
    {
        NativeMemory.Clear(_gradients, (nuint)(Length * sizeof(float)));
        foreach ((_, Tensor view) in _furtherUses)
            Elementwise.Fill(view.Gradient!.Data, 0, view.Length);
    }

    /// <summary>Ends a step's backward passes: adds the gradients of further uses to those of their parameters, which then are whole.</summary>
    public void GatherGradients()
    {
        foreach ((Parameter owner, Tensor view) in _furtherUses)
        {
            Elementwise.AddInPlace(view.Gradient!.Data, owner.Value.Gradient!.Data, view.Length);
            Elementwise.Fill(view.Gradient.Data, 0, view.Length);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scope.Dispose();
}
