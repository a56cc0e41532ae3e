// Compiles C# in a process of its own, in the sandbox; Roslyn is never loaded here.
using System.Text.Json;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>A compiler that is started at the first program and again when it dies or has compiled many. Safe for several threads.</summary>
sealed class CSharpCompiler(ProcessSandbox sandbox) : IDisposable
{
    // Its memory grows slowly; a new process costs a few seconds.
    const int ProgramsPerProcess = 1000;

    // The first compilation compiles the compiler.
    static readonly TimeSpan s_startTime = TimeSpan.FromSeconds(60), s_time = TimeSpan.FromSeconds(5);

    static readonly SandboxLimits s_limits = new() { Time = TimeSpan.FromHours(1), MemoryBytes = 1L << 30, OutputBytes = 16 << 20 };

    readonly Lock _gate = new();
    SandboxProcess? _process;
    int _compiled;

    /// <summary>Compiles a program.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="executable">Whether it must have an entry point.</param>
    /// <returns>The assembly, or why there is none.</returns>
    /// <exception cref="SandboxException">The compiler does not start.</exception>
    public (byte[]? Assembly, string? Error) Compile(string source, bool executable)
    {
        lock (_gate)
        {
            if (_process is null || _compiled >= ProgramsPerProcess)
                Start();
            _compiled++;
            string nonce = CallSession.NewNonce();
            _process!.Allow(s_time);
            _process.SendRequest(CallSession.Line(w => { w.WriteString("n", nonce); w.WriteString("source", source); w.WriteBoolean("executable", executable); }));
            if (_process.ReadResponse() is not { } line)
            {
                // It has compiled before, so this program is what it died of.
                string reason = $"compiling it {TestTally.Describe(End())}";
                return (null, reason);
            }
            if (PlainData.Read(line) is not { } answer || answer.GetProperty("n").GetString() != nonce)
                throw new SandboxException("The compiler answered what was not asked.");
            return answer.TryGetProperty("assembly", out JsonElement assembly) ? (assembly.GetBytesFromBase64(), null) : (null, answer.GetProperty("error").GetString());
        }
    }

    void Start()
    {
        _process?.Dispose();
        _compiled = 0;
        _process = sandbox.Start(CSharpRuntime.Compiler(s_limits));
        _process.Allow(s_startTime);
        if (_process.ReadResponse() is null)
            throw new SandboxException($"The C# compiler did not start: {TestTally.Describe(End())}");
    }

    SandboxResult End()
    {
        _process!.FinishRequests();
        SandboxResult result = _process.WaitForExit();
        _process.Dispose();
        _process = null;
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
            _process?.Dispose();
    }
}
