// A process in namespaces of its own: our own launcher.
//
// Where Fathom runs as the machine's root, the process becomes a user nobody else is, without any capability; otherwise a user namespace gives
// it the right to set itself up, which it drops. Either way it is process 1 of its own process namespace: when it ends, the kernel ends what it left.
using N = Fathom.Evaluation.Sandbox.Launching.SystemCallNumbers;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>Plans for isolation by namespaces.</summary>
static class NamespacePlan
{
    const long NewMounts = 0x20000, NewCgroups = 0x02000000, NewHostName = 0x04000000, NewIpc = 0x08000000, NewUsers = 0x10000000,
        NewProcesses = 0x20000000, NewNetwork = 0x40000000;

    const long Recursive = 0x4000, Private = 0x40000, Bind = 0x1000, NoSetUser = 2, NoDevices = 4, NoExecution = 8;
    const int DetachMount = 2;

    /// <summary>The folder that is the program's own.</summary>
    public const string OwnFolder = "/box";

    // Users that are nobody's: above the ranges of containers, below the highest user; apart for processes that run at the same time.
    const int FirstUser = 2_000_000_000, UsersPerProcess = 1000, ProcessRange = 100_000;
    static int s_lastUser;

    /// <summary>Fills <paramref name="plan"/>.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="command">What to run.</param>
    /// <param name="files">Descriptors of the program.</param>
    /// <param name="asUser">Whether to use a user namespace; without one, the machine's root is needed.</param>
    /// <returns>The namespaces to make.</returns>
    public static long Fill(LaunchPlan plan, SandboxCommand command, ReadOnlySpan<int> files, bool asUser)
    {
        bool root = !asUser;
        int user = root
            ? FirstUser + Environment.ProcessId % ProcessRange * UsersPerProcess + (int)((uint)Interlocked.Increment(ref s_lastUser) % UsersPerProcess)
            : 65534;

        plan.DetachFromParent();
        plan.Call("umask", N.SetUmask, 0);
        if (!root)
            MapUser(plan, user);
        BuildTree(plan, command, user);
        plan.TakeFiles(files);
        plan.SetLimits(command, countsOwnProcesses: true);

        plan.DropCapabilities();
        if (root)
        {
            plan.Call("setgroups", N.SetGroups);
            plan.Call("setresgid", N.SetGroup, user, user, user);
            plan.Call("setresuid", N.SetUser, user, user, user);
        }
        plan.ClearCapabilities();
        plan.TieToParent();
        plan.Call("chdir", N.ChangeFolder, plan.Text(OwnFolder));
        plan.FilterCalls();
        plan.Execute(command.File, command.Arguments, command.Environment);
        return NewMounts | NewCgroups | NewHostName | NewIpc | NewProcesses | NewNetwork | (root ? 0 : NewUsers);
    }

    static void MapUser(LaunchPlan plan, int user)
    {
        plan.WriteFile("/proc/self/setgroups", "deny"u8, create: false, StepKind.MayFail);
        plan.WriteFile("/proc/self/uid_map", Ascii($"{user} {LinuxCalls.EffectiveUser()} 1\n"), create: false);
        plan.WriteFile("/proc/self/gid_map", Ascii($"{user} {LinuxCalls.EffectiveGroup()} 1\n"), create: false);
    }

    // The old tree is moved to a folder of a new one in memory, what may be seen is bound from there, and the old tree is let go.
    static void BuildTree(LaunchPlan plan, SandboxCommand command, int user)
    {
        const string old = "/.old", gate = "/tmp";
        plan.Mount(null, "/", null, Recursive | Private);
        plan.Mount("tmpfs", gate, "tmpfs", NoSetUser | NoDevices, "size=1m,nr_inodes=1000,mode=755");
        plan.MakeFolder(gate + old);
        plan.Call("pivot_root", N.PivotRoot, plan.Text(gate), plan.Text(gate + old));
        plan.Call("chdir", N.ChangeFolder, plan.Text("/"));

        IReadOnlyList<VisiblePath> visible = VisiblePath.Of(command);
        foreach (VisiblePath path in visible)
        {
            if (Path.GetDirectoryName(path.Target) is { } parent)
                MakeFolders(plan, parent);
            if (path.LinkTo is { } target)
            {
                plan.Call("symlink " + path.Target, N.SymbolicLink, plan.Text(target), plan.Text(path.Target));
                continue;
            }
            MakePlace(plan, path.Target, path.IsFolder);
            plan.Mount(old + path.Target, path.Target, null, Bind | Recursive);
            ProtectMount(plan, path.Target, recursive: true);
        }

        plan.MakeFolder("/dev");
        foreach (string device in (ReadOnlySpan<string>)["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"])
        {
            MakePlace(plan, device, isFolder: false);
            plan.Mount(old + device, device, null, Bind);
        }

        plan.MakeFolder("/proc");
        // Processes only, where the kernel can; a container may forbid it, and then there is no /proc.
        plan.Mount("proc", "/proc", "proc", NoSetUser | NoDevices | NoExecution, "subset=pid", StepKind.MayFail);

        plan.MakeFolder(OwnFolder);
        plan.Mount("tmpfs", OwnFolder, "tmpfs", NoSetUser | NoDevices,
            $"size={command.Limits.DiskBytes},nr_inodes=10000,mode=700,uid={user},gid={user}");
        foreach ((string name, ReadOnlyMemory<byte> content) in command.Files)
            plan.WriteFile(OwnFolder + "/" + name, content.Span);
        if (VisiblePath.LeaveFree(visible, "/tmp"))
            plan.Call("symlink /tmp", N.SymbolicLink, plan.Text(OwnFolder), plan.Text("/tmp"));

        plan.Call("umount old", N.Unmount, plan.Text(old), DetachMount);
        plan.Call("rmdir old", N.RemoveFolder, plan.Text(old));
        ProtectMount(plan, "/", recursive: false);
    }

    static void MakeFolders(LaunchPlan plan, string path)
    {
        for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
            plan.MakeFolder(path[..slash]);
        if (path.Length > 1)
            plan.MakeFolder(path);
    }

    static void MakePlace(LaunchPlan plan, string path, bool isFolder)
    {
        if (isFolder)
            plan.MakeFolder(path);
        else
            plan.WriteFile(path, []);
    }

    static void ProtectMount(LaunchPlan plan, string path, bool recursive)
    {
        // struct mount_attr: set, clear, propagation, user namespace. Read-only, no set-user-id, no devices.
        const int currentFolder = -100, attributesBytes = 32, recursiveFlag = 0x8000;
        const long readOnly = 1 | 2 | 4;
        plan.Call("protect " + path, N.SetMountAttributes, currentFolder, plan.Text(path), recursive ? recursiveFlag : 0,
            plan.Values(readOnly, 0, 0, 0), attributesBytes);
    }

    static byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
