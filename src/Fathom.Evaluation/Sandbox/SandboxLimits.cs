// What one process in the sandbox may use.
namespace Fathom.Evaluation.Sandbox;

/// <summary>Limits of one process. The defaults hold for programs of programming contests.</summary>
public sealed record SandboxLimits
{
    /// <summary>Processor time. Reached by spinning.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Time on the clock, reached by sleeping and waiting: twice the processor time and a second more. Time in which the program
    /// wants a processor and gets none, on a busy machine, does not count, up to ten times the limit.</summary>
    public TimeSpan WallTime => 2 * Time + TimeSpan.FromSeconds(1);

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; init; } = 1L << 30;

    /// <summary>Threads. Processes: one, the program itself.</summary>
    public int Threads { get; init; } = 64;

    /// <summary>Bytes of all files together, in the program's own folder (which lies in memory).</summary>
    public long DiskBytes { get; init; } = 32L << 20;

    /// <summary>Bytes of standard output, and of each answer over the grader's channel.</summary>
    public int OutputBytes { get; init; } = 8 << 20;

    /// <summary>Bytes of standard error that are kept. More is read and dropped, up to <see cref="OutputBytes"/>.</summary>
    public int ErrorBytes { get; init; } = 16 << 10;

    /// <summary>Open files.</summary>
    public int OpenFiles { get; init; } = 128;
}

/// <summary>The limit that ended a process.</summary>
public enum SandboxLimit
{
    /// <summary>None: it ended by itself.</summary>
    None,

    /// <summary>Processor time.</summary>
    Time,

    /// <summary>Time on the clock.</summary>
    WallTime,

    /// <summary>Memory.</summary>
    Memory,

    /// <summary>Standard output or standard error.</summary>
    Output,
}
