// How untrusted code is isolated, as a user may choose.
namespace Fathom.Evaluation.Sandbox;

/// <summary>Ways to isolate a process, the preferred one first.</summary>
public enum Isolation
{
    /// <summary>The program <c>bwrap</c>: namespaces, with our filter of system calls and our limits.</summary>
    Bubblewrap,

    /// <summary>Our own launcher, where Fathom runs as the machine's root: namespaces, a user of its own, a filter of system calls, limits.</summary>
    Namespaces,

    /// <summary>Our own launcher with a user namespace, for which no rights are needed: namespaces, a filter of system calls, limits.</summary>
    UserNamespaces,

    /// <summary>No isolation: a filter of system calls where the system allows one, limits, an empty environment. The program sees the
    /// machine's files. Only by <see cref="SandboxOptions.AllowUnsafe"/>.</summary>
    None,
}

/// <summary>Options of a sandbox.</summary>
public sealed record SandboxOptions
{
    /// <summary>Whether to go on where nothing isolates (<c>--unsafe</c>).</summary>
    public bool AllowUnsafe { get; init; }

    /// <summary>The only way to isolate that is tried; null tries all, in their order.</summary>
    public Isolation? Isolation { get; init; }

    /// <summary>Processes that run at the same time, at least 1; null for the processors of the machine.</summary>
    public int? Workers { get; init; }

    /// <summary>Limits of each process, unless the grader sets others.</summary>
    public SandboxLimits Limits { get; init; } = new();
}
