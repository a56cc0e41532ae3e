// The .NET that C# programs run on: the one that runs Fathom.
using System.Text;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>Commands that run .NET assemblies in the sandbox.</summary>
static class CSharpRuntime
{
    const string HostAssembly = "Fathom.CodeHost.dll";

    // Beside the collector's heap a runtime needs memory for itself: its own structures, machine code, stacks.
    const long RuntimeBytes = 256L << 20;

    static readonly Lazy<string> s_root = new(FindRoot);

    // One framework, exactly; no telemetry of any kind.
    static byte[] Config => Encoding.UTF8.GetBytes(
        """{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "VERSION"} } }"""
            .Replace("VERSION", $"{Environment.Version}", StringComparison.Ordinal));

    /// <summary>A command that compiles: it lives long, sees only texts, and reads the compiler's files.</summary>
    public static SandboxCommand Compiler(SandboxLimits limits)
    {
        string[] files = [HostPath, .. Directory.GetFiles(AppContext.BaseDirectory, "Microsoft.CodeAnalysis*.dll")];
        return Command(HostPath, ["compile"], limits) with { ReadablePaths = [s_root.Value, .. files], Files = [("run.json", Config)] };
    }

    /// <summary>A command that runs a program.</summary>
    public static SandboxCommand Program(byte[] assembly, SandboxLimits limits) =>
        Command("program.dll", [], limits) with { Files = [("run.json", Config), ("program.dll", assembly)] };

    /// <summary>A command that holds a program and calls its methods.</summary>
    public static SandboxCommand Caller(byte[] assembly, SandboxLimits limits) => Command(HostAssembly, ["call", "program.dll"], limits) with
    {
        Files = [("run.json", Config), ("program.dll", assembly), (HostAssembly, File.ReadAllBytes(HostPath))],
    };

    static string HostPath => Path.Combine(AppContext.BaseDirectory, HostAssembly);

    static SandboxCommand Command(string assembly, string[] arguments, SandboxLimits limits) =>
        new(Path.Combine(s_root.Value, "dotnet"), ["exec", "--runtimeconfig", "run.json", assembly, .. arguments])
        {
            ReadablePaths = [s_root.Value],
            LimitsAddressSpace = false,
            Limits = limits with { MemoryBytes = limits.MemoryBytes + RuntimeBytes, OpenFiles = Math.Max(limits.OpenFiles, 512) },
            Environment =
            [
                $"DOTNET_GCHeapHardLimit={limits.MemoryBytes:x}",
                "DOTNET_gcServer=0", "DOTNET_gcConcurrent=0",
                "DOTNET_TieredPGO=0",
                "DOTNET_EnableDiagnostics=0", // no debugger's pipe, no profiler
                "DOTNET_EnableWriteXorExecute=0", // its second mapping needs a file in memory, which the filter refuses
                "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1",
            ],
        };

    static string FindRoot()
    {
        // .../shared/Microsoft.NETCore.App/10.0.0/System.Private.CoreLib.dll
        string? root = typeof(object).Assembly.Location is { Length: > 0 } library ? Path.GetFullPath(Path.Combine(library, "..", "..", "..", "..")) : null;
        if (root is null || !File.Exists(Path.Combine(root, "dotnet")))
            throw new SandboxException("C# programs cannot be graded: Fathom does not run on an installed .NET runtime (https://dotnet.microsoft.com/download).");
        if (!File.Exists(HostPath))
            throw new SandboxException($"C# programs cannot be graded: {HostPath} is missing.");
        return root;
    }
}
