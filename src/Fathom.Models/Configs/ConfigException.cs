// The one error of reading a model's description.
using Fathom.Models.Checkpoints;

namespace Fathom.Models.Configs;

/// <summary>A model description is missing, not JSON, or has a key that is absent, of the wrong type or out of range.</summary>
public sealed class ConfigException : Exception
{
    /// <summary>An error with its whole message.</summary>
    public ConfigException(string message, Exception? inner = null) : base(message, inner)
    {
    }

    /// <summary>An error about one key.</summary>
    /// <param name="file">File (or other origin) of the description.</param>
    /// <param name="key">The key, with the keys it lies under.</param>
    /// <param name="found">Its value as JSON, or <c>nothing</c>.</param>
    /// <param name="allowed">What is allowed there.</param>
    public ConfigException(string file, string key, string found, string allowed) : base($"{file}: key '{key}': found {UntrustedText.Shown(found)}, expected {allowed}") => Key = key;

    /// <summary>The key the error is about, or null.</summary>
    public string? Key { get; }
}
