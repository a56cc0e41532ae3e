// A test that runs Python programs in the sandbox is skipped, with the reason, where there is no Python or nothing isolates.
using Fathom.Evaluation.Sandbox;

namespace Fathom.EndToEnd.Tests;

sealed class PythonSandboxFactAttribute : FactAttribute
{
    public PythonSandboxFactAttribute()
    {
        string[] folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        Skip = !folders.Any(folder => File.Exists(Path.Combine(folder, "python3"))) ? "There is no python3 here."
            : ProcessSandbox.Obstacle(Isolation.Bubblewrap) is { } bubblewrap && ProcessSandbox.Obstacle(Isolation.Namespaces) is { } namespaces ? $"Nothing isolates processes here: {bubblewrap} {namespaces}" : null;
    }
}
