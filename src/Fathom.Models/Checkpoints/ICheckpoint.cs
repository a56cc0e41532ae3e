// What a stored model offers, whatever its file format: its config and its tensors under their official names.
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Checkpoints;

/// <summary>A tensor as its file stores it.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Type">Its format.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="ByteLength">Bytes in the file.</param>
/// <param name="File">The file that holds it.</param>
public sealed record StoredTensor(string Name, ElementType Type, long[] Shape, long ByteLength, string File);

/// <summary>
/// A stored model, opened read only. Its tensors lie in files mapped into memory: opening touches no weight, reading a tensor touches its own
/// pages only. Everything read from it is valid until it is disposed.
/// </summary>
public interface ICheckpoint : IDisposable
{
    /// <summary>The folder or file.</summary>
    string Path { get; }

    /// <summary>The model's shape.</summary>
    /// <exception cref="ConfigException">A key is absent, of the wrong type or out of range.</exception>
    ModelConfig Config { get; }

    /// <summary>What the files hold, under the files' own names.</summary>
    IEnumerable<StoredTensor> Tensors { get; }

    /// <summary>Whether there is a tensor of this official name.</summary>
    bool Contains(string name);

    /// <summary>A tensor in the format of its file; a vector [n] is read as [n, 1].</summary>
    /// <param name="spec">Official name and shape.</param>
    /// <exception cref="CheckpointException">It is missing, has another shape, or a format that holds no weights; file, tensor, found and expected are named.</exception>
    Weight Read(TensorSpec spec);

    /// <summary>Says that a weight's rows will hardly be read again: memory that only mirrors its file may be given back.</summary>
    void Forget(Weight weight)
    {
    }
}

/// <summary>Opens stored models.</summary>
public static class Checkpoint
{
    /// <summary>Opens a Hugging Face folder, or a GGUF file (any part of a split one).</summary>
    /// <param name="path">The folder, or the file, whose name ends in <c>.gguf</c>.</param>
    /// <exception cref="CheckpointException">There is no model, or its files are damaged.</exception>
    /// <exception cref="ConfigException">A GGUF file's metadata do not describe a supported model.</exception>
    public static ICheckpoint Open(string path) => IsGguf(path) ? GgufCheckpoint.Open(path) : ModelFolder.Open(path);

    /// <summary>Whether a path means a GGUF file, by its name.</summary>
    public static bool IsGguf(string path) => path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);
}
