// What is to run in the sandbox.
namespace Fathom.Evaluation.Sandbox;

/// <summary>A program to run.</summary>
/// <param name="File">Full path of the executable.</param>
/// <param name="Arguments">Its arguments, without the program's name.</param>
public sealed record SandboxCommand(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>All of its environment, as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Files and folders of the machine that it may read, besides those of the operating system. They must be readable for every
    /// user, as the program runs as a stranger.</summary>
    public IReadOnlyList<string> ReadablePaths { get; init; } = [];

    /// <summary>Files put into its own folder before it starts: a plain name and the content.</summary>
    public IReadOnlyList<(string Name, ReadOnlyMemory<byte> Content)> Files { get; init; } = [];

    /// <summary>Its limits.</summary>
    public SandboxLimits Limits { get; init; } = new();

    /// <summary>Whether the whole address space is held to the limit on memory, or only what is written (for runtimes that reserve far
    /// more than they use, such as .NET's).</summary>
    public bool LimitsAddressSpace { get; init; } = true;
}

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">Its exit code; null where a signal ended it.</param>
/// <param name="Signal">The signal that ended it; null where it exited.</param>
/// <param name="Limit">The limit it hit.</param>
/// <param name="Output">Standard output, up to the limit.</param>
/// <param name="Errors">Standard error, up to the limit.</param>
/// <param name="Time">Processor time.</param>
/// <param name="WallTime">Time on the clock.</param>
/// <param name="PeakMemoryBytes">The most memory it held.</param>
public sealed record SandboxResult(
    int? ExitCode, int? Signal, SandboxLimit Limit, byte[] Output, byte[] Errors, TimeSpan Time, TimeSpan WallTime, long PeakMemoryBytes);
