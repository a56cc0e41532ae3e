// The few instructions that make a process: a clone that shares our memory until it runs another program, and a walk over a table of
// system calls in the child.
//
// Why not fork: it would copy the page tables of a process that maps gigabytes, and no managed code may run in the copy. Why not unshare:
// the kernel refuses user namespaces to processes with several threads. The child below runs on a stack of its own, calls nothing but the
// kernel, and its parent thread stands still until the child has become another program or died (CLONE_VM | CLONE_VFORK, as posix_spawn).
using System.Runtime.InteropServices;
using Fathom.Numerics.Kernels.Assembly;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;
using N = Fathom.Evaluation.Sandbox.Launching.SystemCallNumbers;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>How a step of the table is done.</summary>
[Flags]
enum StepKind : long
{
    /// <summary>A negative result ends the launch.</summary>
    Plain = 0,

    /// <summary>The first argument is the result that was kept.</summary>
    TakesKept = 1,

    /// <summary>The result is kept.</summary>
    Keeps = 2,

    /// <summary>A negative result does no harm.</summary>
    MayFail = 4,

    /// <summary>Any result but 0 ends the launch.</summary>
    MustBeZero = 8,
}

/// <summary>One system call of the child.</summary>
[StructLayout(LayoutKind.Sequential)]
struct LaunchStep
{
    public long Number, A, B, C, D, E, F;
    public StepKind Kind;
}

/// <summary>What the stub reads and writes.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct LaunchBlock
{
    public long CloneFlags;
    public byte* StackTop;
    public int* ProcessFile;
    public LaunchStep* Steps;
    public long StepCount;
    public long FailedStep, FailedResult;
    public ulong AllSignals, OldSignals;
}

/// <summary>The assembled stub.</summary>
static unsafe class LaunchStub
{
    /// <summary>Whether there is a stub for this machine: x64 Linux.</summary>
    public static bool Supported { get; } = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    static readonly Lazy<nint> s_code = new(() => (nint)MachineCode.Assemble(Emit));

    /// <summary>Makes a process and waits until it runs its program or gave up (<see cref="LaunchBlock.FailedStep"/>).</summary>
    /// <returns>The process, or a negative error number.</returns>
    public static long Run(LaunchBlock* block) => ((delegate* unmanaged<LaunchBlock*, long>)s_code.Value)(block);

    static void Emit(Assembler a)
    {
        static int At(string field) => (int)Marshal.OffsetOf<LaunchBlock>(field);
        const int setMask = 2, maskBytes = 8;
        Label child = a.CreateLabel(), next = a.CreateLabel(), noKept = a.CreateLabel(), notKept = a.CreateLabel(), failed = a.CreateLabel(),
            negative = a.CreateLabel(), advance = a.CreateLabel();

        a.push(rbx); a.push(rbp); a.push(r12); a.push(r13); a.push(r14); a.push(r15);
        a.mov(rbx, rdi);

        // No handler of ours may run in the child.
        a.mov(eax, N.SetSignalMask); a.mov(edi, setMask); a.lea(rsi, __[rbx + At(nameof(LaunchBlock.AllSignals))]);
        a.lea(rdx, __[rbx + At(nameof(LaunchBlock.OldSignals))]); a.mov(r10d, maskBytes); a.syscall();

        a.mov(eax, N.Clone); a.mov(rdi, __[rbx + At(nameof(LaunchBlock.CloneFlags))]); a.mov(rsi, __[rbx + At(nameof(LaunchBlock.StackTop))]);
        a.mov(rdx, __[rbx + At(nameof(LaunchBlock.ProcessFile))]); a.xor(r10d, r10d); a.xor(r8d, r8d); a.syscall();
        a.test(rax, rax); a.jz(child);

        // The parent goes on when the child has let go of our memory.
        a.mov(r12, rax);
        a.mov(eax, N.SetSignalMask); a.mov(edi, setMask); a.lea(rsi, __[rbx + At(nameof(LaunchBlock.OldSignals))]);
        a.xor(edx, edx); a.mov(r10d, maskBytes); a.syscall();
        a.mov(rax, r12);
        a.pop(r15); a.pop(r14); a.pop(r13); a.pop(r12); a.pop(rbp); a.pop(rbx);
        a.ret();

        // The child: rbp the step's index, r12 its address, r13 the kept result, r15 its kind.
        a.Label(ref child);
        a.xor(ebp, ebp); a.mov(r12, __[rbx + At(nameof(LaunchBlock.Steps))]); a.xor(r13d, r13d);
        a.Label(ref next);
        a.cmp(rbp, __[rbx + At(nameof(LaunchBlock.StepCount))]); a.mov(eax, 0); a.jae(failed);
        a.mov(rdi, __[r12 + 8]); a.mov(rsi, __[r12 + 16]); a.mov(rdx, __[r12 + 24]);
        a.mov(r10, __[r12 + 32]); a.mov(r8, __[r12 + 40]); a.mov(r9, __[r12 + 48]);
        a.mov(r15, __[r12 + 56]);
        a.test(r15d, (int)StepKind.TakesKept); a.jz(noKept);
        a.mov(rdi, r13);
        a.Label(ref noKept);
        a.mov(rax, __[r12]); a.syscall();
        a.test(r15d, (int)StepKind.Keeps); a.jz(notKept);
        a.mov(r13, rax);
        a.Label(ref notKept);
        a.test(r15d, (int)StepKind.MayFail); a.jnz(advance);
        a.test(r15d, (int)StepKind.MustBeZero); a.jz(negative);
        a.test(rax, rax); a.jnz(failed);
        a.Label(ref negative);
        a.test(rax, rax); a.js(failed);
        a.Label(ref advance);
        a.add(r12, sizeof(LaunchStep)); a.inc(rbp); a.jmp(next);

        a.Label(ref failed);
        a.mov(__[rbx + At(nameof(LaunchBlock.FailedStep))], rbp); a.mov(__[rbx + At(nameof(LaunchBlock.FailedResult))], rax);
        a.mov(edi, 127); a.mov(eax, N.Exit); a.syscall();
        a.ud2();
    }
}
