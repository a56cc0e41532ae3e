// The queue is full.
namespace Fathom.Inference;

/// <summary>An engine has as many requests as it may; try again later.</summary>
public sealed class EngineBusyException : InvalidOperationException
{
    internal EngineBusyException(EngineOptions options)
        : base($"The engine has as many requests as it may: {options.MaxConcurrent} running and {options.MaxWaiting} waiting.")
        => (MaxConcurrent, MaxWaiting) = (options.MaxConcurrent, options.MaxWaiting);

    /// <summary>Sequences that run at once at most.</summary>
    public int MaxConcurrent { get; }

    /// <summary>Sequences that may wait.</summary>
    public int MaxWaiting { get; }
}
