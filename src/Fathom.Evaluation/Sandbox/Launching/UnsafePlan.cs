// A process without isolation, for machines where nothing isolates and users who say that they accept it.
using N = Fathom.Evaluation.Sandbox.Launching.SystemCallNumbers;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>Plans without isolation: limits, an empty environment, and the filter of system calls where the system allows one.</summary>
static class UnsafePlan
{
    /// <summary>Fills <paramref name="plan"/>.</summary>
    public static void Fill(LaunchPlan plan, SandboxCommand command, ReadOnlySpan<int> files, string folder)
    {
        plan.DetachFromParent();
        plan.TakeFiles(files);
        plan.SetLimits(command, countsOwnProcesses: false);
        plan.DropCapabilities();
        plan.ClearCapabilities();
        plan.TieToParent();
        plan.Call("chdir", N.ChangeFolder, plan.Text(folder));
        plan.FilterCalls(StepKind.MayFail);
        plan.Execute(command.File, command.Arguments, command.Environment);
    }
}
