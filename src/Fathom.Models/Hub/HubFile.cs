// A file as the hub lists it. Its name comes from a server and becomes a path here, so it is distrusted.
namespace Fathom.Models.Hub;

/// <summary>A file of a model at one commit.</summary>
/// <param name="Path">Path inside the model, with '/' between folders.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Checksum">Sum of its content.</param>
public sealed record HubFile(string Path, long Size, Checksum Checksum)
{
    /// <summary>How names of safetensors files end.</summary>
    public const string SafetensorsExtension = ".safetensors";

    const int MaxPathLength = 1024, MaxNameLength = 255;

    /// <summary>Whether the file lies in the model's folder itself, not in one below.</summary>
    public bool IsAtRoot => !Path.Contains('/', StringComparison.Ordinal);

    /// <summary>Whether a path stays below the folder it is joined to, on every system: relative, without '..', '\', ':', or control characters.</summary>
    public static bool IsSafePath(string path) => path.Length is > 0 and <= MaxPathLength
        && !path.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\\' or ':')
        && path.Split('/').All(part => part.Length is > 0 and <= MaxNameLength && part is not ("." or ".."));

    /// <summary>Whether the path ends in the extension, whatever its case.</summary>
    public bool Has(string extension) => Path.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}
