// The one error of reading and writing checkpoints.
namespace Fathom.Models.Checkpoints;

/// <summary>A checkpoint file is missing, damaged or does not fit the model. The message names file, tensor, found and expected.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>An error about a whole file, or about one tensor in it.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="tensor">Name of the tensor, or null where the error is about the whole file.</param>
    /// <param name="found">What was there.</param>
    /// <param name="expected">What was allowed.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public CheckpointException(string file, string? tensor, string found, string expected, Exception? inner = null)
        : base($"{file}: {(tensor is null ? "" : $"tensor '{UntrustedText.Shown(tensor)}': ")}found {UntrustedText.Shown(found)}, expected {UntrustedText.Shown(expected)}", inner)
    {
        File = file;
        Tensor = tensor;
    }

    /// <summary>Path of the file the error is about.</summary>
    public string File { get; }

    /// <summary>Name of the tensor the error is about, or null.</summary>
    public string? Tensor { get; }
}
