// Tests that run programs in isolation, most of them in Python, are skipped, with the reason, where nothing on the machine isolates or there is no Python.
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Tests.Sandbox;

static class Isolations
{
    /// <summary>The kinds of isolation that work here.</summary>
    public static Isolation[] Working { get; } =
        [.. ((ReadOnlySpan<Isolation>)[Isolation.Bubblewrap, Isolation.Namespaces, Isolation.UserNamespaces]).ToArray().Where(kind => ProcessSandbox.Obstacle(kind) is null)];

    public static string? Obstacle { get; } = Working.Length == 0
        ? $"Nothing isolates processes here: {ProcessSandbox.Obstacle(Isolation.Bubblewrap)} {ProcessSandbox.Obstacle(Isolation.UserNamespaces)}"
        : PythonObstacle();

    public static TheoryData<Isolation> Data => [.. Working];

    static string? PythonObstacle()
    {
        try
        {
            _ = PythonRuntime.Installed;
            return null;
        }
        catch (SandboxException error)
        {
            return error.Message;
        }
    }
}

sealed class SandboxFactAttribute : FactAttribute
{
    public SandboxFactAttribute() => Skip = Isolations.Obstacle;
}

sealed class SandboxTheoryAttribute : TheoryAttribute
{
    public SandboxTheoryAttribute() => Skip = Isolations.Obstacle;
}
