// The thread that launches. The kernel ends a process with the thread that made it, so that thread must live as long as Fathom does.
using System.Collections.Concurrent;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>Runs launches one after another on one thread that never ends.</summary>
static class Launcher
{
    static readonly BlockingCollection<Action> s_work = Start();

    /// <summary>Launches, and waits for it.</summary>
    /// <exception cref="SandboxException">It failed.</exception>
    public static (int Process, int ProcessFile) Launch(LaunchPlan plan, long cloneFlags)
    {
        TaskCompletionSource<(int, int)> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        s_work.Add(() =>
        {
            try
            {
                done.SetResult(plan.Launch(cloneFlags));
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    static BlockingCollection<Action> Start()
    {
        BlockingCollection<Action> work = [];
        new Thread(() =>
        {
            foreach (Action launch in work.GetConsumingEnumerable())
                launch();
        })
        { IsBackground = true, Name = "sandbox launcher" }.Start();
        return work;
    }
}
