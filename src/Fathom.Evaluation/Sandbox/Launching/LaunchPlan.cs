// The table of system calls that turns a fresh child into the program, with the memory its arguments lie in.
using System.Runtime.InteropServices;
using System.Text;
using N = Fathom.Evaluation.Sandbox.Launching.SystemCallNumbers;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>Steps of a launch, each with a name for messages. The memory is freed with the plan, which outlives the launch.</summary>
sealed unsafe class LaunchPlan : IDisposable
{
    readonly List<LaunchStep> _steps = [];
    readonly List<string> _names = [];
    readonly List<nint> _memory = [];

    /// <summary>Tells when the program is loaded.</summary>
    public LoadedPipe Loaded { get; } = new();

    /// <summary>Steps so far.</summary>
    public int Count => _steps.Count;

    /// <summary>Adds a system call.</summary>
    public void Call(string name, long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, StepKind kind = StepKind.Plain)
    {
        _steps.Add(new LaunchStep { Number = number, A = a, B = b, C = c, D = d, E = e, Kind = kind });
        _names.Add(name);
    }

    /// <summary>A text as the kernel reads it.</summary>
    public long Text(string text) => Bytes([.. Encoding.UTF8.GetBytes(text), 0]);

    /// <summary>A copy of some bytes.</summary>
    public long Bytes(ReadOnlySpan<byte> bytes)
    {
        byte* copy = (byte*)NativeMemory.Alloc((nuint)Math.Max(bytes.Length, 1));
        _memory.Add((nint)copy);
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        return (long)copy;
    }

    /// <summary>A copy of some values.</summary>
    public long Values<T>(params ReadOnlySpan<T> values) where T : unmanaged => Bytes(MemoryMarshal.AsBytes(values));

    /// <summary>A list of texts that ends with a null pointer.</summary>
    public long Texts(IEnumerable<string> texts) => Values<long>([.. texts.Select(Text), 0]);

    /// <summary>Adds a folder; that it exists does no harm.</summary>
    public void MakeFolder(string path, int mode = 0b111_101_101) => Call("mkdir " + path, N.MakeFolder, Text(path), mode, kind: StepKind.MayFail);

    /// <summary>Adds a mount.</summary>
    public void Mount(string? source, string target, string? type, long flags, string? data = null, StepKind kind = StepKind.Plain) => Call(
        $"mount {type ?? source} on {target}", N.Mount, source is null ? 0 : Text(source), Text(target), type is null ? 0 : Text(type), flags,
        data is null ? 0 : Text(data), kind);

    /// <summary>Adds a file with its content.</summary>
    public void WriteFile(string path, ReadOnlySpan<byte> content, bool create = true, StepKind kind = StepKind.Plain)
    {
        const int currentFolder = -100, writeOnly = 1, createFlag = 0x40, readableByAll = 0b100_100_100;
        Call("open " + path, N.OpenAt, currentFolder, Text(path), create ? writeOnly | createFlag : writeOnly, readableByAll, kind: StepKind.Keeps | kind);
        if (content.Length > 0)
            Call("write " + path, N.Write, 0, Bytes(content), content.Length, kind: StepKind.TakesKept | kind);
        Call("close " + path, N.Close, kind: StepKind.TakesKept | StepKind.MayFail);
    }

    /// <summary>Makes the process, and returns when it has memory of its own.</summary>
    /// <param name="cloneFlags">Namespaces to make, on top of what every launch needs.</param>
    /// <returns>The process and a file descriptor of it.</returns>
    /// <exception cref="SandboxException">A step failed.</exception>
    public (int Process, int ProcessFile) Launch(long cloneFlags)
    {
        const long shareMemory = 0x100, waitForProgram = 0x4000, giveProcessFile = 0x1000, signalChild = 17;
        const nuint stackBytes = 16 << 10;
        const int getDumpable = 3, setDumpable = 4;

        LaunchStep[] steps = [.. _steps];
        byte* stack = (byte*)NativeMemory.AlignedAlloc(stackBytes, 64);
        int processFile = -1;
        try
        {
            fixed (LaunchStep* first = steps)
            {
                LaunchBlock block = new()
                {
                    CloneFlags = cloneFlags | shareMemory | waitForProgram | giveProcessFile | signalChild,
                    StackTop = stack + stackBytes - 64,
                    ProcessFile = &processFile,
                    Steps = first,
                    StepCount = steps.Length,
                    FailedStep = -1,
                    AllSignals = ulong.MaxValue,
                };
                // A child that gives up its user id marks the memory it shares with us as not to be looked into; that is undone.
                int dumpable = LinuxCalls.ProcessControl(getDumpable, 0, 0, 0, 0);
                long process = LaunchStub.Run(&block);
                if (dumpable == 1)
                    LinuxCalls.ProcessControl(setDumpable, 1, 0, 0, 0);
                if (process < 0)
                    throw new SandboxException($"No process could be made: {Marshal.GetPInvokeErrorMessage((int)-process)}.");
                if (block.FailedStep < 0)
                {
                    Loaded.Wait();
                    return ((int)process, processFile);
                }

                int status;
                LinuxCalls.Wait((int)process, &status, 0, null);
                LinuxCalls.Close(processFile);
                string step = block.FailedStep < _names.Count ? _names[(int)block.FailedStep] : "start";
                throw new SandboxException($"The sandbox could not be set up: {step} failed: {Marshal.GetPInvokeErrorMessage((int)-block.FailedResult)}.");
            }
        }
        finally
        {
            NativeMemory.AlignedFree(stack);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint memory in _memory)
            NativeMemory.Free((void*)memory);
        _memory.Clear();
        Loaded.Dispose();
    }
}
