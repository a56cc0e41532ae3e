// Numbers of the system calls that the launcher makes or forbids, on x64.
namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>System call numbers (x64).</summary>
static class SystemCallNumbers
{
    // What the launcher's child does on its way to the program.
    public const int Write = 1, Close = 3, Poll = 7, SetSignalAction = 13, SetSignalMask = 14, DuplicateTo = 33, Clone = 56, Execute = 59,
        Exit = 60, ChangeFolder = 80, MakeFolder = 83, RemoveFolder = 84, SymbolicLink = 88, SetUmask = 95, SetSession = 112, SetGroups = 116,
        SetUser = 117, SetGroup = 119, SetCapabilities = 126, PivotRoot = 155, ProcessControl = 157, Mount = 165, Unmount = 166,
        OpenAt = 257, SetLimit = 302, Seccomp = 317, SendSignalByFile = 424, CloseRange = 436, SetMountAttributes = 442;

    /// <summary>The highest number the filter knows; later ones do not exist for the program.</summary>
    public const int Highest = 462;

    /// <summary>
    /// What a program in the sandbox has no business with: other processes, sockets that lead outside, mounts and namespaces, memory that
    /// no limit counts (shared memory without a mapping), the kernel's modules, keys and tracing, and calls with a history of holes.
    /// </summary>
    public static readonly int[] Forbidden =
    [
        29, 30, 31, 67, 64, 65, 66, 68, 69, 70, 71, 220, // System V shared memory, semaphores, messages
        240, 241, 242, 243, 244, 245, // POSIX message queues
        319, 447, // memfd_create, memfd_secret
        41, 42, 43, 44, 45, 46, 47, 49, 50, 288, 299, 307, // socket, connect, accept, send, receive, bind, listen (socketpair stays)
        57, 58, // fork, vfork (clone is looked at more closely)
        101, 310, 311, 312, 440, 448, // ptrace, process_vm_readv, process_vm_writev, kcmp, process_madvise, process_mrelease
        438, // pidfd_getfd
        155, 161, 165, 166, 272, 308, 428, 429, 430, 431, 432, 433, 442, 457, 458, // pivot_root, chroot, mounts old and new, unshare, setns
        303, 304, // file handles
        134, 135, 139, 153, 154, 156, 159, 163, 164, 167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 183, // the machine
        212, 227, 305, 246, 320, 313, 103, // lookup_dcookie, clock_settime, clock_adjtime, kexec, modules, syslog
        237, 238, 239, 256, 279, // memory policies and moving pages
        248, 249, 250, // keys
        298, 321, 323, 300, 301, // perf_event_open, bpf, userfaultfd, fanotify
        425, 426, 427, // io_uring
        133, 259, // mknod
    ];
}
