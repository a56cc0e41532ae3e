// Tests that need isolation are skipped, with the reason, where nothing on the machine isolates.
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Tests.Sandbox;

static class Isolations
{
    /// <summary>The kinds of isolation that work here.</summary>
    public static Isolation[] Working { get; } =
        [.. ((ReadOnlySpan<Isolation>)[Isolation.Bubblewrap, Isolation.Namespaces, Isolation.UserNamespaces]).ToArray().Where(kind => ProcessSandbox.Obstacle(kind) is null)];

    public static string? Obstacle { get; } = Working.Length > 0 ? null
        : $"Nothing isolates processes here: {ProcessSandbox.Obstacle(Isolation.Bubblewrap)} {ProcessSandbox.Obstacle(Isolation.UserNamespaces)}";

    public static TheoryData<Isolation> Data => [.. Working];
}

sealed class SandboxFactAttribute : FactAttribute
{
    public SandboxFactAttribute() => Skip = Isolations.Obstacle;
}

sealed class SandboxTheoryAttribute : TheoryAttribute
{
    public SandboxTheoryAttribute() => Skip = Isolations.Obstacle;
}
