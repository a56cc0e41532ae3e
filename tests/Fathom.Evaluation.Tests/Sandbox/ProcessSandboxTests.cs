// The sandbox itself, with small Python programs that try what must not work, for every kind of isolation this machine has.
using System.Runtime.InteropServices;
using System.Text;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;
using Fathom.Evaluation.Sandbox.Launching;

namespace Fathom.Evaluation.Tests.Sandbox;

public class ProcessSandboxTests
{
    public static TheoryData<Isolation> Working => Isolations.Data;

    static SandboxResult Python(Isolation isolation, string program, SandboxLimits? limits = null, string input = "", bool limitsAddressSpace = true)
    {
        ProcessSandbox sandbox = ProcessSandbox.Open(new SandboxOptions { Isolation = isolation, AllowUnsafe = true });
        SandboxCommand command = PythonRuntime.Installed.Command(limits ?? new SandboxLimits());
        string[] arguments = [.. command.Arguments];
        arguments[Array.IndexOf(arguments, "-c") + 1] = program;
        return sandbox.Run(command with { Arguments = arguments, LimitsAddressSpace = limitsAddressSpace }, Encoding.UTF8.GetBytes(input));
    }

    static string Output(SandboxResult result)
    {
        Assert.Equal("", Encoding.UTF8.GetString(result.Errors));
        Assert.Equal(0, result.ExitCode);
        return Encoding.UTF8.GetString(result.Output).TrimEnd();
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Program_GetsInput_GivesOutputErrorsAndExitCode(Isolation isolation)
    {
        SandboxResult result = Python(isolation, "import sys\nprint(input() * 2)\nprint('no', file=sys.stderr)\nsys.exit(7)", input: "ab\n");
        Assert.Equal("abab\n", Encoding.UTF8.GetString(result.Output));
        Assert.Equal("no\n", Encoding.UTF8.GetString(result.Errors));
        Assert.Equal((7, null, SandboxLimit.None), (result.ExitCode, result.Signal, result.Limit));
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void LargeInput_ComesThroughWhole(Isolation isolation)
    {
        string input = string.Join('\n', Enumerable.Range(0, 300_000));
        Assert.Equal("300000 44999850000", Output(Python(isolation, "import sys\nx = list(map(int, sys.stdin))\nprint(len(x), sum(x))", input: input)));
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Segfault_IsASignal(Isolation isolation)
    {
        SandboxResult result = Python(isolation, "import ctypes; ctypes.string_at(0)");
        Assert.Equal((null, 11), (result.ExitCode, result.Signal));
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Rights_AreNone(Isolation isolation)
    {
        string[] lines = Output(Python(isolation, """
            import os
            status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
            print(os.getuid() != 0, os.getgid() != 0, os.getpid())
            print(*[int(status[k], 16) for k in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")], status["NoNewPrivs"].strip(), status["Seccomp"].strip())
            print(sorted(k for k in os.environ if k != "LC_CTYPE"))
            print([p for p in os.listdir("/proc") if p.isdigit()])
            """)).Split('\n');
        Assert.Equal("True True 1", lines[0]);
        Assert.Equal("0 0 0 0 0 1 2", lines[1]);
        Assert.True(lines[2] is "[]" or "['PWD']", lines[2]); // bubblewrap sets PWD
        Assert.Equal("['1']", lines[3]);
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Descriptors_AreTheFiveGiven(Isolation isolation)
    {
        // In our process many files are open, among them one without close-on-exec.
        Assert.Equal("[0, 1, 2, 3, 4]", Output(Python(isolation, """
            import os
            def is_open(fd):
                try:
                    os.fstat(fd)
                    return True
                except OSError:
                    return False
            print([fd for fd in range(1000) if is_open(fd)])
            """)));
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Files_AreReadOnlyExceptTheOwnFolder(Isolation isolation)
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal("[] True True", Output(Python(isolation, $$"""
            import os
            written = []
            for folder in ["/", "/usr", "/dev", "/etc", "/proc", "/home", "/var/tmp", "/dev/shm", "{{home}}", os.path.dirname(os.__file__)]:
                try:
                    open(folder + "/escaped", "w")
                    written.append(folder)
                except OSError:
                    pass
            open("/box/a", "w").write("x")
            open("/tmp/b", "w").write("y")
            print(written, sorted(os.listdir(".")) == ["a", "b"], not os.path.exists("/etc/passwd") and not os.path.exists("{{AppContext.BaseDirectory}}"))
            """)));
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void ReadableFiles_AreVisible_WhereverTheyLie(Isolation isolation)
    {
        // Not one of the temporary folders that only their owner may read.
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"fathom-readable-{Guid.NewGuid():N}"));
        try
        {
            string file = Path.Combine(folder.FullName, "a file");
            File.WriteAllText(file, "seen");
            ProcessSandbox sandbox = ProcessSandbox.Open(new SandboxOptions { Isolation = isolation });
            Assert.Equal("seen", Output(sandbox.Run(new SandboxCommand("/usr/bin/cat", [file]) { ReadablePaths = [file] })));
            Assert.Equal("seen", Output(sandbox.Run(new SandboxCommand("/usr/bin/cat", [file]) { ReadablePaths = [folder.FullName, file, "/usr/bin"] })));
            Assert.Equal("given", Output(sandbox.Run(new SandboxCommand("/usr/bin/cat", ["given.txt"]) { Files = [("given.txt", "given"u8.ToArray())] })));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void ForbiddenCalls_AreRefused(Isolation isolation)
    {
        string output = Output(Python(isolation, """
            import ctypes, os, socket
            libc = ctypes.CDLL(None, use_errno=True)
            def error(number, *arguments):
                ctypes.set_errno(0)
                return ctypes.get_errno() if libc.syscall(number, *arguments) == -1 else "done"
            def refused(action):
                try:
                    action()
                    return False
                except PermissionError:
                    return True
            print(refused(os.fork), refused(lambda: socket.socket(socket.AF_INET)), refused(lambda: socket.socket(socket.AF_UNIX)))
            names = dict(ptrace=101, unshare=272, mount=165, setns=308, memfd=319, keyctl=250, bpf=321, io_uring=425, shmget=29, vfork=58, pidfd_getfd=438, perf=298)
            print([name for name, number in names.items() if error(number, 0, 0, 0, 0, 0) != 1])
            print(error(435, 0, 0), error(9999), error(56, 17, 0, 0, 0, 0), error(0x40000000 + 41, 2, 1, 0))
            """));
        Assert.Equal("True True True\n[]\n38 38 1 38", output);
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Threads_AreAllowed(Isolation isolation) => Assert.Equal("12", Output(Python(isolation, """
        from concurrent.futures import ThreadPoolExecutor
        print(sum(ThreadPoolExecutor(4).map(lambda x: x * x, range(4))) - 2)
        """)));

    [SandboxTheory, MemberData(nameof(Working))]
    public void Spinning_HitsProcessorTime(Isolation isolation)
    {
        SandboxResult result = Python(isolation, "while True: pass", new SandboxLimits { Time = TimeSpan.FromSeconds(0.3) });
        Assert.Equal((SandboxLimit.Time, null, 9), (result.Limit, result.ExitCode, result.Signal));
        Assert.InRange(result.Time.TotalSeconds, 0.3, 2.5); // the kernel's own limit is at 2 s
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Sleeping_HitsTheClock(Isolation isolation)
    {
        SandboxResult result = Python(isolation, "import time; time.sleep(100)", new SandboxLimits { Time = TimeSpan.FromSeconds(0.1) });
        Assert.Equal(SandboxLimit.WallTime, result.Limit);
        Assert.InRange(result.WallTime.TotalSeconds, 1.2, 60);
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Memory_IsBounded_InTheAddressSpaceAndResident(Isolation isolation)
    {
        SandboxLimits limits = new() { MemoryBytes = 200 << 20 };
        Assert.Contains("MemoryError", Encoding.UTF8.GetString(Python(isolation, "x = bytearray(300 << 20)", limits).Errors), StringComparison.Ordinal);
        // Private memory meets the kernel's limit, shared memory the watcher.
        Assert.Contains("MemoryError", Encoding.UTF8.GetString(Python(isolation, "x = bytearray(300 << 20)", limits, "", false).Errors), StringComparison.Ordinal);
        SandboxResult shared = Python(isolation, """
            import mmap
            m = mmap.mmap(-1, 2 << 30)
            for i in range(0, 2 << 30, 4096): m[i] = 1
            import time
            time.sleep(100)
            """, limits, "", false);
        Assert.Equal(SandboxLimit.Memory, shared.Limit);
        Assert.InRange(shared.PeakMemoryBytes, 200L << 20, 3L << 30);
    }

    [SandboxFact]
    public void Launch_ReturnsWhenTheMemoryIsTheProgramsOwn()
    {
        // A launch shares the host's memory until the program is loaded; a look before would see all of it. The kernel lets go of that memory
        // under its lock, which threads that map and unmap keep busy.
        byte[] held = GC.AllocateUninitializedArray<byte>(400 << 20, pinned: true);
        held.AsSpan().Fill(1);
        bool stop = false;
        Thread[] busy = [.. Enumerable.Range(0, 2 * Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
                MapAndUnmap(64 << 20);
        }))];
        Array.ForEach(busy, thread => thread.Start());
        try
        {
            for (int i = 0; i < 200; i++)
            {
                using OutgoingPipe input = new();
                using LaunchPlan plan = new();
                UnsafePlan.Fill(plan, new SandboxCommand("/usr/bin/sleep", ["1000"]), [input.Theirs], Path.GetTempPath());
                (int process, int processFile) = plan.Launch(0);
                long resident = new ProcessGauge(process).ResidentBytes;
                End(process, processFile);
                Assert.InRange(resident, 1, 100 << 20);
            }
        }
        finally
        {
            stop = true;
            Array.ForEach(busy, thread => thread.Join());
        }
        Assert.Equal(1, held[^1]);
    }

    static unsafe void End(int process, int processFile)
    {
        int status;
        LinuxCalls.Kill(process, 9);
        LinuxCalls.Wait(process, &status, 0, null);
        LinuxCalls.Close(processFile);
    }

    static unsafe void MapAndUnmap(int bytes)
    {
        void* memory = NativeMemory.Alloc((nuint)bytes);
        new Span<byte>(memory, bytes).Fill(1);
        NativeMemory.Free(memory);
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Disk_IsBounded(Isolation isolation)
    {
        string output = Output(Python(isolation, """
            import os
            total = 0
            try:
                for i in range(1000):
                    with open(f"/box/{i}", "wb", buffering=0) as f:
                        for j in range(8):
                            total += f.write(bytes(128 << 10))
            except OSError as error:
                print(error.strerror)
            print(total <= 4 << 20)
            """, new SandboxLimits { DiskBytes = 4 << 20 }));
        Assert.Equal("No space left on device\nTrue", output);
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Output_IsBounded_AndErrorsAreCut(Isolation isolation)
    {
        SandboxLimits limits = new() { OutputBytes = 1 << 20, ErrorBytes = 1000 };
        SandboxResult endless = Python(isolation, "while True: print('x' * 1000)", limits);
        Assert.Equal(SandboxLimit.Output, endless.Limit);
        Assert.InRange(endless.Output.Length, 1, 1 << 20);

        SandboxResult errors = Python(isolation, "import sys\nsys.stderr.write('e' * 50000)\nprint('end')", limits);
        Assert.Equal((SandboxLimit.None, 1000, "end\n"), (errors.Limit, errors.Errors.Length, Encoding.UTF8.GetString(errors.Output)));
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Dispose_EndsTheProcess(Isolation isolation)
    {
        ProcessSandbox sandbox = ProcessSandbox.Open(new SandboxOptions { Isolation = isolation });
        SandboxProcess process = sandbox.Start(new SandboxCommand("/usr/bin/sleep", ["1000"]));
        Assert.False(process.HasEnded);
        process.Dispose();
        Assert.True(process.HasEnded);
    }

    [SandboxFact]
    public void Process_DiesWithTheThreadThatLaunchedIt()
    {
        if (ProcessSandbox.Obstacle(Isolation.UserNamespaces) is not null)
            return;
        using OutgoingPipe input = new();
        (int Process, int ProcessFile) launched = default;
        Thread thread = new(() =>
        {
            using LaunchPlan plan = new();
            long namespaces = NamespacePlan.Fill(plan, new SandboxCommand("/usr/bin/sleep", ["1000"]), [input.Theirs], asUser: true);
            launched = plan.Launch(namespaces);
        });
        thread.Start();
        thread.Join();
        unsafe
        {
            // The descriptor of a process is readable once it has ended; nobody but the kernel has a reason to end this one.
            LinuxCalls.PollEntry entry = new() { File = launched.ProcessFile, Events = LinuxCalls.PollIn };
            Assert.Equal(1, LinuxCalls.Poll(&entry, 1, 10_000));
            int status;
            Assert.Equal(launched.Process, LinuxCalls.Wait(launched.Process, &status, 0, null));
            Assert.Equal(9, status & 0x7f);
            LinuxCalls.Close(launched.ProcessFile);
        }
    }

    [SandboxFact]
    public void UnknownProgram_IsAnErrorThatNamesIt()
    {
        ProcessSandbox sandbox = ProcessSandbox.Open(new SandboxOptions { Isolation = Isolations.Working[^1] });
        SandboxException error = Assert.Throws<SandboxException>(() => sandbox.Run(new SandboxCommand("/usr/bin/no-such-program", [])));
        Assert.Contains("/usr/bin/no-such-program", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<SandboxException>(() => sandbox.Run(new SandboxCommand("/usr/bin/true", []) { ReadablePaths = ["/no/such/folder"] }));
        Assert.Contains("/no/such/folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoIsolation_IsRefusedUnlessAllowed()
    {
        SandboxException error = Assert.Throws<SandboxException>(() => ProcessSandbox.Open(new SandboxOptions { Isolation = Isolation.None }));
        Assert.Contains("--unsafe", error.Message, StringComparison.Ordinal);
        Assert.Contains("bubblewrap", error.Message, StringComparison.Ordinal);
    }

    [SandboxFact]
    public void Unsafe_SaysSo_AndStillLimits()
    {
        ProcessSandbox sandbox = ProcessSandbox.Open(new SandboxOptions { Isolation = Isolation.None, AllowUnsafe = true });
        Assert.Contains("NONE", sandbox.Describe()[0], StringComparison.Ordinal);
        Assert.Equal(SandboxLimit.Time, Python(Isolation.None, "while True: pass", new SandboxLimits { Time = TimeSpan.FromSeconds(0.2) }).Limit);
        Assert.Equal("[] 0", Output(Python(Isolation.None, """
            import os
            status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
            print(sorted(k for k in os.environ if k != "LC_CTYPE"), int(status["CapEff"], 16))
            """)));
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Description_NamesTheIsolationAndTheLimits(Isolation isolation)
    {
        string text = string.Join('\n', ProcessSandbox.Open(new SandboxOptions { Isolation = isolation }).Describe());
        Assert.Contains(isolation == Isolation.Bubblewrap ? "bubblewrap" : "own launcher", text, StringComparison.Ordinal);
        Assert.Contains("network: none", text, StringComparison.Ordinal);
        Assert.Contains("1024 MiB", text, StringComparison.Ordinal);
    }
}
