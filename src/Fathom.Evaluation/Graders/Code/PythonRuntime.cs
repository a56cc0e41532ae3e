// The Python interpreter that programs run with.
using System.ComponentModel;
using System.Diagnostics;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>An interpreter and the folders it needs.</summary>
sealed class PythonRuntime
{
    static readonly Lazy<PythonRuntime> s_found = new(Find);

    readonly string _executable;
    readonly string[] _folders, _packages;

    PythonRuntime(string executable, string[] folders, string[] packages, string version) =>
        (_executable, _folders, _packages, Version) = (executable, folders, packages, version);

    /// <summary>The interpreter <c>python3</c> on the path, looked up once.</summary>
    /// <exception cref="SandboxException">There is none.</exception>
    public static PythonRuntime Installed => s_found.Value;

    /// <summary>Its version.</summary>
    public string Version { get; }

    /// <summary>A command that runs parts of our own Python text, one after the other as one program.</summary>
    public SandboxCommand Command(SandboxLimits limits, params ReadOnlySpan<string> parts)
    {
        string text = string.Join('\n', parts.ToArray().Select(EmbeddedText));
        // Isolated from variables and the user's folder, no search for packages (they are given by name), nothing written.
        return new SandboxCommand(_executable, ["-I", "-S", "-B", "-X", "utf8", "-c", text, .. _packages])
        {
            ReadablePaths = _folders,
            Limits = limits,
        };
    }

    static PythonRuntime Find()
    {
        // What is on the path may be a script that chooses an interpreter: that is asked once which one it is.
        const string question = """
            import os, site, sys
            folders = {sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.realpath(sys.executable)), *site.getsitepackages()}
            print(os.path.realpath(sys.executable), sys.version.split()[0], sep="\n")
            print(*[f for f in folders if os.path.isdir(f)], sep=os.pathsep)
            print(*[f for f in site.getsitepackages() if os.path.isdir(f)], sep=os.pathsep)
            """;
        try
        {
            ProcessStartInfo start = new("python3", ["-I", "-c", question]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string errors = "";
            process.ErrorDataReceived += (_, line) => errors += line.Data;
            process.BeginErrorReadLine();
            string[] lines = process.StandardOutput.ReadToEnd().Split('\n');
            process.WaitForExit();
            if (process.ExitCode != 0 || lines.Length < 4)
                throw new SandboxException($"python3 on the path does not say where it is: {errors}");
            return new PythonRuntime(lines[0], Folders(lines[2]), Folders(lines[3]), lines[1]);
        }
        catch (Win32Exception e)
        {
            throw new SandboxException("Python programs cannot be graded: there is no python3 on the path (Debian and Ubuntu: apt install python3).", e);
        }

        static string[] Folders(string line) => line.Split(':', StringSplitOptions.RemoveEmptyEntries);
    }

    static string EmbeddedText(string name)
    {
        using Stream stream = typeof(PythonRuntime).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
