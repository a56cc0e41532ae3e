// Untrusted code runs here: in a process without network, files, other processes or much of anything, and under limits.
// docs/sandbox.md says what each kind of isolation keeps out.
using System.Collections.Concurrent;
using Fathom.Evaluation.Sandbox.Launching;

namespace Fathom.Evaluation.Sandbox;

/// <summary>A sandbox: starts processes with the strongest isolation that works on this machine. Safe for several threads.</summary>
public sealed class ProcessSandbox
{
    static readonly ConcurrentDictionary<Isolation, Lazy<string?>> s_obstacles = new();

    ProcessSandbox(Isolation isolation, SandboxOptions options)
    {
        Isolation = isolation;
        Options = options;
    }

    /// <summary>What isolates.</summary>
    public Isolation Isolation { get; }

    /// <summary>The options it was opened with.</summary>
    public SandboxOptions Options { get; }

    /// <summary>Opens a sandbox: tries the kinds of isolation in their order, each once per run of Fathom.</summary>
    /// <exception cref="SandboxException">Nothing isolates here, and the options do not allow to go on without.</exception>
    public static ProcessSandbox Open(SandboxOptions? options = null)
    {
        options ??= new SandboxOptions();
        List<string> obstacles = [];
        ReadOnlySpan<Isolation> candidates = options.Isolation is { } only ? [only] : [Isolation.Bubblewrap, Isolation.Namespaces, Isolation.UserNamespaces, Isolation.None];
        foreach (Isolation isolation in candidates)
        {
            if (isolation == Isolation.None && !options.AllowUnsafe)
                continue;
            if (Obstacle(isolation) is not { } obstacle)
                return new ProcessSandbox(isolation, options);
            obstacles.Add($"{isolation}: {obstacle}");
        }
        throw new SandboxException(
            $"Untrusted code is not run: nothing on this machine isolates it. {string.Join(" ", obstacles)} Install bubblewrap (Debian and "
            + "Ubuntu: apt install bubblewrap), or let users make namespaces (sysctl kernel.unprivileged_userns_clone=1, on Ubuntu also "
            + "kernel.apparmor_restrict_unprivileged_userns=0; in Docker: --security-opt seccomp=unconfined), or accept the risk with --unsafe.");
    }

    /// <summary>What is active, a line each, for printing.</summary>
    public IReadOnlyList<string> Describe()
    {
        SandboxLimits limits = Options.Limits;
        bool isolated = Isolation != Isolation.None;
        return
        [
            "isolation: " + Isolation switch
            {
                Isolation.Bubblewrap => $"bubblewrap ({BubblewrapPlan.Program}) with our filter of system calls",
                Isolation.Namespaces => "own launcher: namespaces, a user of its own, filter of system calls",
                Isolation.UserNamespaces => "own launcher: user namespace, filter of system calls",
                _ => "NONE (--unsafe): limits and a filter of system calls only",
            },
            "network: " + (isolated ? "none" : "sockets are refused by the filter"),
            "files: " + (isolated ? $"the operating system's and the runtime's, read-only; {limits.DiskBytes >> 20} MiB of its own in memory"
                : "EVERYTHING the user may read and write"),
            "processes: " + (isolated ? "sees only itself, starts none" : "starts none"),
            $"limits per test: {limits.Time.TotalSeconds:0.###} s of processor time, {limits.WallTime.TotalSeconds:0.###} s on the clock, "
                + $"{limits.MemoryBytes >> 20} MiB of memory, {limits.OutputBytes >> 10} KiB of output",
        ];
    }

    /// <summary>Starts a process.</summary>
    /// <exception cref="SandboxException">It could not be set up.</exception>
    public SandboxProcess Start(SandboxCommand command) => new(Isolation, command);

    /// <summary>Runs a process from start to end.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="input">All of its standard input.</param>
    /// <exception cref="SandboxException">It could not be set up.</exception>
    public SandboxResult Run(SandboxCommand command, ReadOnlyMemory<byte> input = default)
    {
        using SandboxProcess process = Start(command);
        process.Send(input);
        process.FinishInput();
        process.FinishRequests();
        return process.WaitForExit();
    }

    /// <summary>Why a kind of isolation does not work here; null where it does. Found by trying.</summary>
    public static string? Obstacle(Isolation isolation) => s_obstacles.GetOrAdd(isolation, kind => new Lazy<string?>(() => Try(kind))).Value;

    static string? Try(Isolation isolation)
    {
        if (!LaunchStub.Supported)
            return "the launcher is written for Linux on x64.";
        if (isolation == Isolation.Bubblewrap && BubblewrapPlan.Program is null)
            return "bwrap is not installed.";
        if (isolation == Isolation.Namespaces && LinuxCalls.EffectiveUser() != 0)
            return "Fathom does not run as root.";
        string? program = Array.Find(["/usr/bin/true", "/bin/true"], File.Exists);
        if (program is null)
            return "there is no program `true` to try it with.";
        try
        {
            using SandboxProcess process = new(isolation, new SandboxCommand(program, []));
            SandboxResult result = process.WaitForExit();
            return result.ExitCode == 0 ? null : $"a first program ended with {result.ExitCode}, signal {result.Signal}, limit {result.Limit}.";
        }
        catch (SandboxException e)
        {
            return e.Message;
        }
    }
}
