// A model in a GGUF file, under its official names: experts are slices of one tensor, rotated queries and keys are paired as neighbours,
// and latent attention's up-projection is put together where the file has it in two.
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>
/// A GGUF file of the architecture <c>llama</c>, <c>qwen2</c>, <c>deepseek</c> or <c>deepseek2</c> (both dialects of latent attention). Where
/// the file pairs neighbours for rotation (llama, deepseek), so does its <see cref="Config"/>; rows are not moved back.
/// </summary>
public sealed unsafe class GgufCheckpoint : ICheckpoint
{
    readonly GgufFile _file;
    readonly MemoryScope _joined = new();
    readonly Dictionary<string, Weight> _joinedByName = [];

    GgufCheckpoint(GgufFile file) => (_file, Config) = (file, GgufConfigReader.Read(file));

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public ModelConfig Config { get; }

    /// <summary>The file's metadata, tokenizer included; see <see cref="GgufFile.Metadata"/>.</summary>
    public IReadOnlyDictionary<string, object> Metadata => _file.Metadata;

    /// <inheritdoc/>
    public IEnumerable<StoredTensor> Tensors =>
        _file.Entries.Values.Select(entry => new StoredTensor(entry.Name, entry.Type, entry.Shape, entry.ByteLength, _file.PartOf(entry.Name)));

    /// <summary>Opens a file, or all parts of a split one, and checks that it holds the tensors of its architecture and no others.</summary>
    /// <exception cref="CheckpointException">A file is missing or damaged, or there is a tensor that the architecture does not have.</exception>
    /// <exception cref="ConfigException">The metadata do not describe a supported model.</exception>
    public static GgufCheckpoint Open(string path)
    {
        GgufFile file = GgufFile.Open(path);
        try
        {
            var checkpoint = new GgufCheckpoint(file);
            checkpoint.RefuseUnknown();
            return checkpoint;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool Contains(string name) =>
        GgufNames.Find(name) is { } found && (_file.Entries.ContainsKey(found.Name) || Fused(found) is not null || IsSplitB(name, found.Name));

    /// <inheritdoc/>
    /// <remarks>A copy that multi-token prediction does not repeat in the file is read from the main model's tensor.</remarks>
    public Weight Read(TensorSpec spec)
    {
        (string Name, int? Expert) found = GgufNames.Find(spec.Name) ?? throw new CheckpointException(Path, spec.Name, "a name that GGUF files do not have", "a tensor of the model");
        int rows = spec.Shape[0], columns = checked((int)(spec.ElementCount / Math.Max(rows, 1)));
        if (!_file.Entries.ContainsKey(found.Name))
        {
            if (spec.CopyOf is { } original)
                return Read(spec with { Name = original, CopyOf = null });
            if (Fused(found) is { } fused)
                return Slice(fused.Name, spec, found.Expert!.Value, rows, columns, fused.Row);
            if (IsSplitB(spec.Name, found.Name))
                return _joinedByName.TryGetValue(spec.Name, out Weight? known) ? known : Join(spec, found.Name);
        }
        return found.Expert is { } expert ? Slice(found.Name, spec, expert, rows, columns, null) : new Weight(Checked(found.Name, Shape(spec)).Type, _file.Pointer(found.Name), rows, columns);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _joined.Dispose();
        _file.Dispose();
    }

    static long[] Shape(TensorSpec spec) => [.. spec.Shape.Select(size => (long)size)];

    // The tensor, of a type that can be decoded, and of this shape.
    TensorEntry Checked(string name, ReadOnlySpan<long> shape)
    {
        TensorEntry entry = _file.Entry(name);
        if (!ElementDecoder.Reads(entry.Type) || shape.Length < 2 && entry.Type.IsBlock())
            throw new CheckpointException(_file.PartOf(name), name, $"type {entry.Type}", shape.Length < 2 ? "a floating-point type, as it is a vector" : "a floating-point or block type");
        return shape.SequenceEqual(entry.Shape)
            ? entry
            : throw new CheckpointException(_file.PartOf(name), name, $"shape [{string.Join(", ", entry.Shape)}]", $"[{string.Join(", ", shape.ToArray())}]");
    }

    /// <inheritdoc/>
    public void Forget(Weight weight) => _file.Forget(weight.Data, weight.ByteLength);

    // Rows of one expert in [experts, rows, columns]; fused: in [experts, 2 rows, columns], gate first.
    Weight Slice(string name, TensorSpec spec, int expert, int rows, int columns, int? firstRow)
    {
        TensorEntry entry = Checked(name, [Config.Experts!.RoutedExpertCount, firstRow is null ? rows : 2L * rows, .. Shape(spec).AsSpan(1)]);
        long row = expert * entry.Shape[1] + (firstRow ?? 0);
        return new Weight(entry.Type, _file.Pointer(name) + row * entry.Type.ByteLength(columns), rows, columns);
    }

    (string Name, int Row)? Fused((string Name, int? Expert) found)
    {
        if (found.Expert is null)
            return null;
        int dot = found.Name.LastIndexOf(".ffn_", StringComparison.Ordinal) + 1;
        string fused = found.Name[..dot] + GgufNames.FusedExperts, kind = found.Name[dot..];
        if (!_file.Entries.ContainsKey(fused) || kind.StartsWith("ffn_down", StringComparison.Ordinal))
            return null;
        return (fused, kind.StartsWith("ffn_gate", StringComparison.Ordinal) ? 0 : Config.Experts!.ExpertIntermediateSize);
    }

    bool IsSplitB(string official, string name) => official.EndsWith(GgufNames.KeyValueB, StringComparison.Ordinal)
        && _file.Entries.ContainsKey(KeyB(name)) && _file.Entries.ContainsKey(ValueB(name));

    static string KeyB(string joined) => joined.Replace(GgufNames.JoinedB, GgufNames.KeyB, StringComparison.Ordinal);

    static string ValueB(string joined) => joined.Replace(GgufNames.JoinedB, GgufNames.ValueB, StringComparison.Ordinal);

    // [heads (nope + v), latent] of [heads, latent, nope], transposed per head, and [heads, v, latent]. Some files have the heads' rows in one
    // dimension. Plain types stay what they are, so that no bit is lost; block types cannot be transposed and become F16.
    Weight Join(TensorSpec spec, string name)
    {
        var latent = (LatentAttentionConfig)Config.Attention;
        int heads = Config.HeadCount, nope = latent.QkNopeHeadDim, v = latent.VHeadDim, width = latent.KvLoraRank;
        Weight keys = Flat(KeyB(name), heads * (long)width, nope), values = Flat(ValueB(name), heads * (long)v, width);
        ElementType type = keys.Type == values.Type && !keys.Type.IsBlock() ? keys.Type : keys.Type == ElementType.F32 || values.Type == ElementType.F32 ? ElementType.F32 : ElementType.F16;
        var scope = new MemoryScope();
        try
        {
            float* transposed = scope.Rent<float>((long)width * nope), rows = scope.Rent<float>((long)(nope + v) * width);
            byte* joined = _joined.Rent<byte>(type.ByteLength(spec.ElementCount));
            long headBytes = type.ByteLength((long)(nope + v) * width);
            for (int head = 0; head < heads; head++)
            {
                keys.Decode(head * width, width, transposed);
                for (int i = 0; i < nope; i++)
                {
                    for (int j = 0; j < width; j++)
                        rows[(long)i * width + j] = transposed[(long)j * nope + i];
                }
                values.Decode(head * v, v, rows + (long)nope * width);
                ElementEncoder.FromSingle(type, rows, joined + head * headBytes, (long)(nope + v) * width);
            }
            var weight = new Weight(type, joined, spec.Shape[0], spec.Shape[1]);
            _joinedByName.Add(spec.Name, weight);
            return weight;
        }
        finally
        {
            scope.Dispose();
        }
    }

    Weight Flat(string name, long rows, int columns)
    {
        TensorEntry entry = _file.Entry(name);
        long[] shape = [Config.HeadCount, rows / Config.HeadCount, columns];
        if (entry.Shape.AsSpan().SequenceEqual([rows, columns]))
            shape = entry.Shape;
        return new Weight(Checked(name, shape).Type, _file.Pointer(name), checked((int)rows), columns);
    }

    // A tensor nobody asks for would change what the model computes (a bias, a further norm): better an error than a wrong answer.
    void RefuseUnknown()
    {
        HashSet<string> known = [GgufNames.RotaryFactors, .. GgufLayout.Of(Config, MlaDialect.Split).Concat(GgufLayout.Of(Config, MlaDialect.Joined)).Select(tensor => tensor.Name)];
        known.UnionWith(Enumerable.Range(0, Config.LayerCount + Config.MtpLayerCount).Where(Config.HasExperts).Select(layer => GgufNames.Block(layer) + GgufNames.FusedExperts));
        known.UnionWith(TensorNames.Of(Config).Where(spec => spec.CopyOf is not null).Select(spec => GgufNames.Find(spec.Name)!.Value.Name));
        foreach (TensorEntry entry in _file.Entries.Values)
        {
            if (!known.Contains(entry.Name))
                throw new CheckpointException(_file.PartOf(entry.Name), entry.Name, "a tensor that the architecture does not have", $"only those of a {Config.Family} model of {Config.LayerCount} layers");
        }
    }
}
