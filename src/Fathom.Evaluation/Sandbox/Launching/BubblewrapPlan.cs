// A process in a sandbox that bubblewrap sets up; limits and the filter of system calls are ours.
using N = Fathom.Evaluation.Sandbox.Launching.SystemCallNumbers;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>Plans for isolation by bubblewrap.</summary>
static class BubblewrapPlan
{
    /// <summary>The program, where it is installed.</summary>
    public static string? Program { get; } = Array.Find(["/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"], File.Exists);

    /// <summary>Fills <paramref name="plan"/>.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="command">What to run.</param>
    /// <param name="files">Descriptors of the program, then the one the filter is read from and the one bubblewrap reports the process to.</param>
    /// <param name="folder">The folder of the machine that holds the command's files.</param>
    public static void Fill(LaunchPlan plan, SandboxCommand command, ReadOnlySpan<int> files, string folder)
    {
        int filter = files.Length - 2, report = files.Length - 1;
        List<string> arguments =
        [
            "--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--die-with-parent", "--new-session", "--as-pid-1",
            "--cap-drop", "ALL", "--hostname", "sandbox",
        ];
        IReadOnlyList<VisiblePath> visible = VisiblePath.Of(command);
        foreach (VisiblePath path in visible)
            arguments.AddRange(path.LinkTo is { } target ? ["--symlink", target, path.Target] : ["--ro-bind", path.Target, path.Target]);
        arguments.AddRange(["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--size", $"{command.Limits.DiskBytes}", "--tmpfs", NamespacePlan.OwnFolder]);
        foreach ((string name, _) in command.Files)
            arguments.AddRange(["--ro-bind", Path.Combine(folder, name), NamespacePlan.OwnFolder + "/" + name]);
        if (VisiblePath.LeaveFree(visible, "/tmp"))
            arguments.AddRange(["--symlink", NamespacePlan.OwnFolder, "/tmp"]);
        arguments.AddRange(
        [
            "--remount-ro", "/", "--chdir", NamespacePlan.OwnFolder, "--seccomp", $"{filter}",
            "--json-status-fd", $"{report}", "--", command.File, .. command.Arguments,
        ]);

        plan.DetachFromParent();
        plan.TakeFiles(files);
        plan.SetLimits(command, countsOwnProcesses: false);
        plan.TieToParent(noNewPrivileges: false);
        plan.Execute(Program!, arguments, command.Environment);
    }
}
