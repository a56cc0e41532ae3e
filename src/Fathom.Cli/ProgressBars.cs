// Progress on a terminal: one bar per stage.
using Fathom.Training.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fathom.Cli;

/// <summary>Draws bars while something runs.</summary>
static class ProgressBars
{
    const string StateKey = "progress";

    // Drawing takes processor time from training.
    static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs <paramref name="run"/> and shows what it reports.</summary>
    public static T Show<T>(IAnsiConsole console, Func<Action<StageProgress>, T> run)
    {
        Progress bars = console.Progress().Columns(new ProgressBarColumn { Width = 24 }, new StageColumn());
        bars.RefreshRate = s_refresh;
        return bars.Start(context =>
        {
            ProgressTask? task = null;
            string? stage = null;
            return run(progress =>
            {
                if (stage != progress.Stage)
                {
                    stage = progress.Stage;
                    task?.StopTask();
                    task = context.AddTask(Markup.Escape(stage));
                }
                // An evaluation counts responses, then the one step that they make up.
                task!.MaxValue = Math.Max(1, progress.Steps);
                task.State.Update<StageProgress>(StateKey, _ => progress);
                task.Value = progress.Step;
            });
        });
    }

    // Stage, step, loss or reward, tokens per second, time left: the same words as in a log.
    sealed class StageColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Spectre.Console.Text(task.Value > 0 ? ProgressLines.Line(task.State.Get<StageProgress>(StateKey)) : task.Description);
    }
}
