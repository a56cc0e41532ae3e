// The steps every launch has, whatever isolates: signals, files, limits, rights, the filter, the program itself.
using System.Runtime.InteropServices;
using N = Fathom.Evaluation.Sandbox.Launching.SystemCallNumbers;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>Steps that do not depend on the kind of isolation.</summary>
static class ProcessSteps
{
    const int DefaultSignals = 64, CapabilityCount = 64;

    /// <summary>Signals as a new program expects them, and a session of its own (no terminal, no group of ours).</summary>
    public static void DetachFromParent(this LaunchPlan plan)
    {
        // struct kernel_sigaction, all zero: the default.
        long standard = plan.Values<long>(0, 0, 0, 0);
        for (int signal = 1; signal <= DefaultSignals; signal++)
            plan.Call("reset signal", N.SetSignalAction, signal, standard, 0, 8, kind: StepKind.MayFail);
        plan.Call("setsid", N.SetSession);
    }

    /// <summary>Makes <paramref name="files"/> the descriptors 0, 1, 2, ...; every other is closed when the program is loaded, which tells
    /// the parent of it (<see cref="LaunchPlan.Loaded"/>).</summary>
    public static void TakeFiles(this LaunchPlan plan, ReadOnlySpan<int> files)
    {
        const int closeOnExec = 4;
        // Two rounds, as a source may be the target of another.
        int above = Math.Max(files.Length, plan.Loaded.Theirs + 1);
        foreach (int file in files)
            above = Math.Max(above, file + 1);
        for (int i = 0; i < files.Length; i++)
            plan.Call("dup2", N.DuplicateTo, files[i], above + i);
        for (int i = 0; i < files.Length; i++)
            plan.Call("dup2", N.DuplicateTo, above + i, i);
        plan.Call("close_range", N.CloseRange, files.Length, uint.MaxValue, closeOnExec);
    }

    /// <summary>Sets the kernel's limits.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="command">The command with its limits.</param>
    /// <param name="countsOwnProcesses">Whether the user of the process has no others, so that their number may be limited.</param>
    public static void SetLimits(this LaunchPlan plan, SandboxCommand command, bool countsOwnProcesses)
    {
        const int time = 0, fileSize = 1, data = 2, stack = 3, core = 4, processes = 6, files = 7, addressSpace = 9, messages = 12;
        const long stackBytes = 64L << 20;
        SandboxLimits limits = command.Limits;

        void Set(int resource, long value) =>
            plan.Call($"set limit {resource} to {value}", N.SetLimit, 0, resource, plan.Values(value, value));

        // The grader looks at the clock of the process itself; this is for the case that there is no grader any more.
        Set(time, (long)Math.Ceiling(command.Limits.Time.TotalSeconds) + 1);
        Set(fileSize, limits.DiskBytes);
        Set(core, 0);
        Set(messages, 0);
        Set(files, limits.OpenFiles);
        Set(stack, stackBytes);
        if (countsOwnProcesses)
            Set(processes, limits.Threads);
        Set(command.LimitsAddressSpace ? addressSpace : data, limits.MemoryBytes);
    }

    /// <summary>Gives up every capability for good.</summary>
    public static void DropCapabilities(this LaunchPlan plan)
    {
        const int dropFromBoundingSet = 24;
        for (int capability = 0; capability < CapabilityCount; capability++)
            plan.Call("drop capability", N.ProcessControl, dropFromBoundingSet, capability, kind: StepKind.MayFail);
    }

    /// <summary>Empties the sets of capabilities.</summary>
    public static void ClearCapabilities(this LaunchPlan plan)
    {
        const uint version3 = 0x20080522;
        plan.Call("capset", N.SetCapabilities, plan.Values(version3, 0u), plan.Values(0, 0, 0, 0, 0, 0));
    }

    /// <summary>No new rights by running other programs, and death with the thread that launched.</summary>
    public static void TieToParent(this LaunchPlan plan, bool noNewPrivileges = true)
    {
        const int deathSignal = 1, setNoNewPrivileges = 38, kill = 9;
        if (noNewPrivileges)
            plan.Call("no_new_privs", N.ProcessControl, setNoNewPrivileges, 1);
        plan.Call("death signal", N.ProcessControl, deathSignal, kill);
        // If the parent died before that, the other end of standard input is gone: poll tells, with nothing asked and no wait.
        plan.Call("find the parent alive", N.Poll, plan.Values(new LinuxCalls.PollEntry { File = 0 }), 1, 0, kind: StepKind.MustBeZero);
    }

    /// <summary>Installs the filter of system calls.</summary>
    public static void FilterCalls(this LaunchPlan plan, StepKind kind = StepKind.Plain)
    {
        const int setFilter = 1;
        SeccompFilter.Instruction[] filter = SeccompFilter.Build();
        // struct sock_fprog: a 16-bit length, then a pointer.
        long program = plan.Values<long>(filter.Length, plan.Values<SeccompFilter.Instruction>(filter));
        plan.Call("seccomp", N.Seccomp, setFilter, 0, program, kind: kind);
    }

    /// <summary>Runs the program.</summary>
    public static void Execute(this LaunchPlan plan, string file, IEnumerable<string> arguments, IEnumerable<string> environment)
    {
        const int setMask = 2;
        plan.Call("umask", N.SetUmask, 0b000_010_010);
        long path = plan.Text(file), texts = plan.Texts([file, .. arguments]), variables = plan.Texts(environment);
        plan.Call("unblock signals", N.SetSignalMask, setMask, plan.Values(0L), 0, 8);
        plan.Call("run " + file, N.Execute, path, texts, variables);
    }

    /// <summary>The filter as a file that bubblewrap reads.</summary>
    public static byte[] FilterFile() => MemoryMarshal.AsBytes<SeccompFilter.Instruction>(SeccompFilter.Build()).ToArray();
}
