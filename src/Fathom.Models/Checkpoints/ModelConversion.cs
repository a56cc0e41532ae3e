// One stored form of a model to another: any checkpoint to a GGUF file, any checkpoint to a Hugging Face folder. Tensors stream; what keeps
// its format and its order of rows is copied byte by byte.
using System.Collections.ObjectModel;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Checkpoints;

/// <summary>How a GGUF file is written.</summary>
public sealed record GgufOptions
{
    /// <summary>Formats of the tensors.</summary>
    public required GgufTarget Target { get; init; }

    /// <summary>How latent attention's up-projection is stored.</summary>
    public MlaDialect Dialect { get; init; } = MlaDialect.Split;

    /// <summary>Whether the multi-token-prediction module is kept, as extra blocks.</summary>
    public bool KeepPrediction { get; init; } = true;

    /// <summary>The name in <c>general.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Further metadata: the tokenizer.</summary>
    public IReadOnlyDictionary<string, object> Metadata { get; init; } = ReadOnlyDictionary<string, object>.Empty;

    /// <summary>By official name, the weight of the squared error of each column; null: all the same.</summary>
    public IReadOnlyDictionary<string, float[]>? Importance { get; init; }

    /// <summary>Bytes of tensors in a file, after which the next part begins.</summary>
    public long PartBytes { get; init; } = long.MaxValue;

    /// <summary>Told, after each tensor is written, what it lost, how many are written and how many there are.</summary>
    public Action<EncodingError, int, int>? Report { get; init; }
}

/// <summary>Writes stored models in other forms.</summary>
public static unsafe class ModelConversion
{
    /// <summary>Writes a GGUF file.</summary>
    /// <returns>The files written, in order.</returns>
    /// <exception cref="CheckpointException">A tensor is missing, damaged, or has numbers that the format cannot hold.</exception>
    /// <exception cref="IOException">The folder is missing, not writable or full.</exception>
    public static IReadOnlyList<string> ToGguf(ICheckpoint source, string path, GgufOptions options)
    {
        ModelConfig config = options.KeepPrediction ? source.Config : source.Config with { MtpLayerCount = 0 };
        return ToGguf(config, path, options, (tensor, type, report) =>
            TensorEncoder.Source(tensor.Name, type, tensor.Shape, [.. tensor.Parts.SelectMany(part => Rows(source, config, tensor, part, options.Importance))], report));
    }

    /// <summary>Writes a GGUF file of random weights (<see cref="RandomTensors"/>), a few megabytes at a time.</summary>
    /// <param name="config">The model.</param>
    /// <param name="seed">Seeds the weights.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is written; importances have no meaning here.</param>
    /// <returns>The files written, in order.</returns>
    /// <exception cref="IOException">The folder is missing, not writable or full.</exception>
    public static IReadOnlyList<string> RandomToGguf(ModelConfig config, ulong seed, string path, GgufOptions options)
    {
        using var random = new RandomTensors(seed);
        return ToGguf(options.KeepPrediction ? config : config with { MtpLayerCount = 0 }, path, options, (tensor, type, report) => random.Source(tensor, type, report));
    }

    static IReadOnlyList<string> ToGguf(ModelConfig config, string path, GgufOptions options, Func<GgufTensor, ElementType, Action<EncodingError>?, TensorSource> sourceOf)
    {
        List<KeyValuePair<string, object>> metadata = GgufConfigWriter.Write(config, options.Name, options.Dialect, options.Target.FileType);
        metadata.AddRange(options.Metadata);
        List<TensorSource> tensors = [];
        int done = 0;
        Action<EncodingError>? report = options.Report is { } listener ? error => listener(error, ++done, tensors.Count) : null;
        if (config.Rotary.Scaling is Llama3Scaling)
        {
            float[] factors = RotaryFactors.Of(config.Rotary, config.Attention.RotaryDim);
            tensors.Add(TensorSource.Floats(GgufNames.RotaryFactors, [factors.Length], factors));
        }
        foreach (GgufTensor tensor in GgufLayout.Of(config, options.Dialect))
        {
            ElementType type = options.Target.TypeOf(tensor.Name, tensor.Shape, tensor.Parts[0].Layer, config);
            tensors.Add(sourceOf(tensor, type, report));
        }
        return GgufWriter.Write(path, metadata, tensors, options.PartBytes);
    }

    /// <summary>Writes <c>config.json</c> and <c>model*.safetensors</c> to an existing folder.</summary>
    /// <param name="source">The model.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="type">F32, F16, BF16, or F8_E4M3 for codes with factors per block of 128 x 128 beside BF16.</param>
    /// <param name="shardBytes">Size over which the next shard begins.</param>
    /// <param name="progress">Told, after each tensor is written, how many are and how many there are; null: nobody asks.</param>
    /// <exception cref="CheckpointException">A tensor is missing, damaged, or has numbers that the format cannot hold.</exception>
    /// <exception cref="IOException">The folder is missing, not writable or full.</exception>
    public static void ToFolder(ICheckpoint source, string folder, ElementType type, long shardBytes = ModelFolder.DefaultShardBytes, Action<int, int>? progress = null)
    {
        bool isFp8 = type == ElementType.F8E4M3;
        ElementType plain = isFp8 ? ElementType.BF16 : type;
        ModelConfig config = OfficialOrder.Config(source.Config) with
        {
            WeightType = plain,
            Quantization = isFp8 ? source.Config.Quantization ?? new Fp8Config(Float8Blocks.Side, Float8Blocks.Side) : null,
        };
        TensorSpec[] specs = [.. TensorNames.Of(config)];
        Dictionary<string, TensorSpec> scales = specs.Where(spec => spec.Role == TensorRole.BlockScale).ToDictionary(spec => spec.Name);
        List<TensorSource> tensors = [];
        foreach (TensorSpec spec in specs.Where(spec => spec.Role != TensorRole.BlockScale))
        {
            long[] shape = [.. spec.Shape.Select(size => (long)size)];
            EncodedRows rows = OfficialOrder.Rows(source, spec);
            if (!scales.TryGetValue(spec.Name + TensorNames.ScaleSuffix, out TensorSpec? scale))
                tensors.Add(TensorEncoder.Source(spec.Name, spec.Role == TensorRole.SelectionBias ? ElementType.F32 : plain, shape, [rows]));
            else if (rows.Same?.Type == ElementType.F8E4M3)
                tensors.AddRange([TensorEncoder.Source(spec.Name, type, shape, [rows]), Scales(source, scale)]);
            else
                tensors.AddRange(TensorEncoder.Float8Sources(spec.Name, rows, spec.Shape[1], config.Quantization!.BlockRows, config.Quantization.BlockColumns));
        }
        AtomicFile.WriteText(Path.Combine(folder, ModelFolder.ConfigFileName), config.ToJson());
        int done = 0;
        ModelFolder.Write(folder, tensors.Select(tensor => new TensorSource(tensor.Name, tensor.Type, tensor.Shape, stream =>
        {
            tensor.WriteTo(stream);
            progress?.Invoke(++done, tensors.Count);
        })), shardBytes);
    }

    // FP8 stays FP8: the factors are copied too, for computing them again could change their last bit.
    static TensorSource Scales(ICheckpoint source, TensorSpec spec) =>
        TensorEncoder.Source(spec.Name, ElementType.F32, [.. spec.Shape.Select(size => (long)size)], [EncodedRows.Of(source.Read(spec))]);

    static IEnumerable<EncodedRows> Rows(ICheckpoint source, ModelConfig config, GgufTensor tensor, TensorSpec part, IReadOnlyDictionary<string, float[]>? importances)
    {
        Weight weight = source.Read(part);
        float[]? importance = importances?.GetValueOrDefault(part.Name);
        switch (tensor.Arrangement)
        {
            case GgufArrangement.RotaryPairs when !OfficialOrder.IsPaired(config):
                return [OfficialOrder.Moved(weight, tensor.Heads, toPairs: true, importance)];
            case GgufArrangement.KeysTransposed:
                return Enumerable.Range(0, tensor.Heads).Select(head => Transposed(weight, head, (LatentAttentionConfig)config.Attention));
            case GgufArrangement.Values:
                return Enumerable.Range(0, tensor.Heads).Select(head => Values(weight, head, (LatentAttentionConfig)config.Attention, importance));
            default:
                return [EncodedRows.Of(weight, importance)];
        }
    }

    static EncodedRows Values(Weight weight, int head, LatentAttentionConfig latent, float[]? importance)
    {
        int firstRow = head * (latent.QkNopeHeadDim + latent.VHeadDim) + latent.QkNopeHeadDim;
        return new EncodedRows(latent.VHeadDim, (first, count, to) => weight.Decode(firstRow + first, count, to), null, importance);
    }

    // Row j of head h: column j of that head's nope rows.
    static EncodedRows Transposed(Weight weight, int head, LatentAttentionConfig latent)
    {
        int nope = latent.QkNopeHeadDim, firstRow = head * (nope + latent.VHeadDim);
        return new EncodedRows(latent.KvLoraRank, (first, count, to) =>
        {
            using var scope = new MemoryScope();
            float* rows = scope.Rent<float>((long)nope * weight.Columns);
            weight.Decode(firstRow, nope, rows);
            for (int j = 0; j < count; j++)
            {
                for (int i = 0; i < nope; i++)
                    to[(long)j * nope + i] = rows[(long)i * weight.Columns + first + j];
            }
        });
    }
}
