// The two errors of fetching models: what the user named is wrong, or the hub, the network or the store failed.
namespace Fathom.Models.Hub;

/// <summary>A model's name is malformed, unknown or ambiguous. The message says what would be right.</summary>
/// <param name="message">The whole message, fit to be shown as it is.</param>
public sealed class ModelNameException(string message) : Exception(message);

/// <summary>A model cannot be fetched or stored. The message names the model, the file where there is one, what was found and what helps.</summary>
/// <param name="message">The whole message, fit to be shown as it is.</param>
/// <param name="inner">The cause, if there is one.</param>
public sealed class HubException(string message, Exception? inner = null) : Exception(message, inner);
