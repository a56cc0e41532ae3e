// A model of random weights in memory, in the formats a GGUF file would have: what a benchmark runs that needs no file.
using System.Runtime.InteropServices;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Checkpoints;

/// <summary>
/// Random weights of standard deviation 1/√columns, never zeros. Formats and places in memory are those of the GGUF file that the same
/// target makes.
/// </summary>
public sealed unsafe class RandomCheckpoint : ICheckpoint
{
    const long Alignment = 64;

    readonly Dictionary<string, Weight> _byName = [];
    readonly List<StoredTensor> _tensors = [];
    byte* _memory;

    /// <summary>Makes the weights, on all threads.</summary>
    /// <param name="config">The model.</param>
    /// <param name="target">The formats.</param>
    /// <param name="seed">Seeds the weights.</param>
    /// <exception cref="OutOfMemoryException">The system has not enough memory; see <see cref="BytesOf"/>.</exception>
    public RandomCheckpoint(ModelConfig config, GgufTarget target, ulong seed)
    {
        Config = config with { Quantization = null };
        Path = $"random {target.Name}";
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)BytesOf(config, target), (nuint)Alignment);
        using var random = new RandomTensors(seed);
        byte* at = _memory;
        foreach ((GgufTensor tensor, ElementType type, long bytes) in Layout(config, target))
        {
            random.Fill(tensor.Parts[0], tensor.Name, type, 0, tensor.Parts.Sum(part => part.ElementCount), at);
            byte* data = at;
            foreach (TensorSpec part in tensor.Parts)
            {
                _byName.Add(part.Name, new Weight(type, data, part.Shape[0], part.Shape.Length > 1 ? part.Shape[1] : 1));
                _tensors.Add(new StoredTensor(part.Name, type, [.. part.Shape.Select(size => (long)size)], type.ByteLength(part.ElementCount), Path));
                data += type.ByteLength(part.ElementCount);
            }
            at += bytes;
        }
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public ModelConfig Config { get; }

    /// <inheritdoc/>
    public IEnumerable<StoredTensor> Tensors => _tensors;

    /// <summary>Memory that the weights of a model take.</summary>
    public static long BytesOf(ModelConfig config, GgufTarget target) => Layout(config, target).Sum(tensor => tensor.Bytes);

    /// <summary>The formats of a model's tensors, as the GGUF file of a target is read.</summary>
    public static IEnumerable<(TensorSpec Tensor, ElementType Type)> TypesOf(ModelConfig config, GgufTarget target)
        => Layout(config, target).SelectMany(tensor => tensor.Tensor.Parts.Select(part => (part, tensor.Type)));

    /// <inheritdoc/>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <inheritdoc/>
    public Weight Read(TensorSpec spec) => _byName.TryGetValue(spec.CopyOf ?? spec.Name, out Weight? weight)
        ? weight
        : throw new CheckpointException(Path, spec.Name, "no such tensor", $"one of the model's {_byName.Count}");

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        _byName.Clear();
    }

    static IEnumerable<(GgufTensor Tensor, ElementType Type, long Bytes)> Layout(ModelConfig config, GgufTarget target)
    {
        foreach (GgufTensor tensor in GgufLayout.Of(config, MlaDialect.Joined))
        {
            ElementType type = target.TypeOf(tensor.Name, tensor.Shape, tensor.Parts[0].Layer, config);
            // A file has latent attention's up-projection in two parts, of which reading makes F16 where they are blocks.
            if (type.IsBlock() && tensor.Name.EndsWith(GgufNames.JoinedB, StringComparison.Ordinal))
                type = ElementType.F16;
            long bytes = tensor.Parts.Sum(part => type.ByteLength(part.ElementCount));
            yield return (tensor, type, (bytes + Alignment - 1) & -Alignment);
        }
    }
}
