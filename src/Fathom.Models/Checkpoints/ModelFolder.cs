// A Hugging Face model folder's tensors: one model.safetensors, or shards listed in model.safetensors.index.json.
// Reading looks a tensor up across shards; writing splits over a size. config.json is read by Configs/ConfigReader.cs.
using System.Text.Encodings.Web;
using System.Text.Json;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Checkpoints;

/// <summary>The tensors of a model folder, mapped into memory, read only. Pointers are valid until <see cref="Dispose"/>.</summary>
public sealed unsafe class ModelFolder : ICheckpoint
{
    /// <summary>Name of the file of an unsharded model.</summary>
    public const string SingleFileName = "model.safetensors";

    /// <summary>Name of the list of shards.</summary>
    public const string IndexFileName = "model.safetensors.index.json";

    /// <summary>Name of the model's description.</summary>
    public const string ConfigFileName = "config.json";

    /// <summary>Size over which <see cref="Write"/> starts the next shard: 5 GB, as Hugging Face does.</summary>
    public const long DefaultShardBytes = 5_000_000_000;

    // Twenty times that of DeepSeek-V3's 91,991 tensors.
    const long MaxIndexBytes = 200_000_000;

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly List<SafetensorsFile> files = [];
    readonly Dictionary<string, SafetensorsFile> fileByTensor = [];
    ModelConfig? config;

    ModelFolder(string path) => Path = path;

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public ModelConfig Config => config ??= ModelConfig.Read(Path);

    /// <inheritdoc/>
    public IEnumerable<StoredTensor> Tensors
        => files.SelectMany(file => file.Entries.Values.Select(entry => new StoredTensor(entry.Name, entry.Type, entry.Shape, entry.ByteLength, file.Path)));

    /// <summary>Names of all tensors.</summary>
    public IEnumerable<string> Names => fileByTensor.Keys;

    /// <summary>Opens the folder's <c>model.safetensors</c>, or else all shards of its index.</summary>
    /// <exception cref="CheckpointException">A file is missing or damaged, or the index and the shards disagree.</exception>
    public static ModelFolder Open(string path)
    {
        var folder = new ModelFolder(path);
        try
        {
            string single = System.IO.Path.Combine(path, SingleFileName), index = System.IO.Path.Combine(path, IndexFileName);
            if (File.Exists(single))
            {
                var file = folder.Add(single);
                foreach (string name in file.Entries.Keys)
                {
                    folder.fileByTensor.Add(name, file);
                }
            }
            else if (File.Exists(index))
            {
                folder.AddShards(index);
            }
            else
            {
                throw new CheckpointException(path, null, Directory.Exists(path) ? "neither file" : "no such folder", $"a folder with {SingleFileName} or {IndexFileName}");
            }

            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => fileByTensor.ContainsKey(name);

    /// <summary>The file that holds the tensor.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public SafetensorsFile FileOf(string name) =>
        fileByTensor.TryGetValue(name, out var file) ? file : throw new CheckpointException(Path, name, "no such tensor", $"one of the model's {fileByTensor.Count}");

    /// <summary>The tensor's entry; its <see cref="TensorEntry.Offset"/> is inside <see cref="FileOf"/>.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public TensorEntry Entry(string name) => FileOf(name).Entry(name);

    /// <summary>The tensor's entry, after checking that its shape is <paramref name="shape"/>.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it has another shape.</exception>
    public TensorEntry Entry(string name, ReadOnlySpan<int> shape)
    {
        if (!fileByTensor.TryGetValue(name, out var file))
        {
            throw new CheckpointException(Path, name, $"no such tensor among the model's {fileByTensor.Count}", $"one of shape [{string.Join(", ", shape.ToArray())}]");
        }

        var entry = file.Entry(name);
        bool same = entry.Shape.Length == shape.Length;
        for (int i = 0; same && i < shape.Length; i++)
        {
            same = entry.Shape[i] == shape[i];
        }

        return same ? entry : throw new CheckpointException(file.Path, name, $"shape [{string.Join(", ", entry.Shape)}]", $"[{string.Join(", ", shape.ToArray())}]");
    }

    /// <inheritdoc/>
    /// <remarks>An FP8 matrix comes with its factors <c>weight_scale_inv</c>, which may lie in another shard.</remarks>
    public Weight Read(TensorSpec spec)
    {
        TensorEntry entry = Entry(spec.Name, spec.Shape);
        byte* data = Pointer(spec.Name);
        int rows = spec.Shape[0], columns = checked((int)(spec.ElementCount / Math.Max(rows, 1)));
        switch (entry.Type)
        {
            case ElementType.F32 or ElementType.BF16 or ElementType.F16 or ElementType.F64:
                return new Weight(entry.Type, data, rows, columns);
            case ElementType.F8E4M3:
                string scale = spec.Name + TensorNames.ScaleSuffix;
                Fp8Config blocks = Config.Quantization
                    ?? throw new CheckpointException(FileOf(spec.Name).Path, spec.Name, $"type {entry.Type} without a quantization_config in {ConfigFileName}", "its weight_block_size");
                int[] shape = [Float8Blocks.Count(rows, blocks.BlockRows), Float8Blocks.Count(columns, blocks.BlockColumns)];
                return Entry(scale, shape).Type == ElementType.F32
                    ? new Weight(data, rows, columns, (float*)Pointer(scale), blocks.BlockRows, blocks.BlockColumns)
                    : throw new CheckpointException(FileOf(scale).Path, scale, $"type {Entry(scale).Type}", "F32");
            default:
                throw new CheckpointException(FileOf(spec.Name).Path, spec.Name, $"type {entry.Type}", "F32, BF16, F16, F64 or F8_E4M3");
        }
    }

    /// <summary>First byte of the tensor's data, inside its mapping.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public byte* Pointer(string name) => FileOf(name).Pointer(Entry(name));

    /// <summary>A tensor of the given shape as FP32, row-major.</summary>
    /// <exception cref="CheckpointException">No such tensor, another shape, or a type that is not F32, BF16, F16 or F64.</exception>
    public float[] ReadFloats(string name, params ReadOnlySpan<int> shape)
    {
        _ = Entry(name, shape);
        return FileOf(name).ReadFloats(name);
    }

    /// <summary>
    /// Writes the tensors to an existing folder: one file, or, where they take more than <paramref name="shardBytes"/>, shards in ordinal order of the
    /// names with an index. Every file is written atomically, the index after its shards; a model saved earlier in the other form is removed last.
    /// </summary>
    /// <exception cref="CheckpointException">A name occurs twice or a source does not write what its shape says.</exception>
    /// <exception cref="IOException">The folder is missing, not writable or full.</exception>
    public static void Write(string path, IEnumerable<TensorSource> tensors, long shardBytes = DefaultShardBytes)
    {
        var shards = new List<List<TensorSource>> { new() };
        long total = 0, inShard = 0;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            if (inShard > 0 && inShard + tensor.ByteLength > shardBytes)
            {
                shards.Add([]);
                inShard = 0;
            }

            shards[^1].Add(tensor);
            total = checked(total + tensor.ByteLength);
            inShard += tensor.ByteLength;
        }

        // transformers reads only files that say which framework's layout they have.
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        string single = System.IO.Path.Combine(path, SingleFileName), index = System.IO.Path.Combine(path, IndexFileName);
        if (shards.Count == 1)
        {
            SafetensorsWriter.Write(single, shards[0], metadata);
            File.Delete(index);
            DeleteShards(path, []);
            return;
        }

        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < shards.Count; i++)
        {
            string name = $"model-{i + 1:D5}-of-{shards.Count:D5}.safetensors";
            SafetensorsWriter.Write(System.IO.Path.Combine(path, name), shards[i], metadata);
            foreach (var tensor in shards[i])
            {
                if (!map.TryAdd(tensor.Name, name))
                {
                    throw new CheckpointException(path, tensor.Name, "the name twice", "each name once");
                }
            }
        }

        AtomicFile.WriteText(index, JsonSerializer.Serialize(new { metadata = new { total_size = total }, weight_map = map }, Indented) + "\n");
        File.Delete(single);
        DeleteShards(path, [.. map.Values]);
    }

    // Shards of a model saved earlier that no index names any more.
    static void DeleteShards(string path, HashSet<string> kept)
    {
        foreach (string shard in Directory.EnumerateFiles(path, "model-?????-of-?????.safetensors"))
        {
            if (!kept.Contains(System.IO.Path.GetFileName(shard)))
                File.Delete(shard);
        }
    }

    /// <summary>Releases all mappings; pointers into them become invalid.</summary>
    public void Dispose()
    {
        foreach (var file in files)
        {
            file.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Forget(Weight weight)
    {
        foreach (SafetensorsFile file in files)
            file.Forget(weight.Data, weight.ByteLength);
    }

    SafetensorsFile Add(string path)
    {
        var file = SafetensorsFile.Open(path);
        files.Add(file);
        return file;
    }

    void AddShards(string index)
    {
        Dictionary<string, string>? map;
        try
        {
            using FileStream stream = File.OpenRead(index);
            if (stream.Length > MaxIndexBytes)
            {
                throw new CheckpointException(index, null, $"{stream.Length} bytes", $"at most {MaxIndexBytes}");
            }

            using var document = JsonDocument.Parse(stream, new JsonDocumentOptions { AllowDuplicateProperties = false });
            map = document.RootElement.GetProperty("weight_map").Deserialize<Dictionary<string, string>>();
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CheckpointException(index, null, $"it unreadable ({error.Message})", "{\"weight_map\": {tensor: file, ...}}, each tensor once", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(index, null, $"it unreadable ({error.Message})", "a readable file", error);
        }

        var shards = new Dictionary<string, SafetensorsFile>();
        foreach (var (tensor, shard) in map ?? throw new CheckpointException(index, null, "null", "a weight_map"))
        {
            // A name with a path in it could read outside the folder.
            if (shard is null || shard != System.IO.Path.GetFileName(shard))
            {
                throw new CheckpointException(index, tensor, $"file '{shard}'", "the name of a file in the same folder");
            }

            if (!shards.TryGetValue(shard, out var file))
            {
                string path = System.IO.Path.Combine(Path, shard);
                shards.Add(shard, file = File.Exists(path) ? Add(path) : throw new CheckpointException(path, tensor, "no such file", $"the shard that {IndexFileName} names for it"));
            }

            if (!file.Entries.ContainsKey(tensor))
            {
                throw new CheckpointException(file.Path, tensor, $"no such tensor among the file's {file.Entries.Count}", $"it here, as {IndexFileName} says");
            }

            fileByTensor.Add(tensor, file);
        }
    }
}
