// The progress of a pull: a bar on a terminal, lines elsewhere; beside JSON both go to the error stream.
using System.Diagnostics;
using Fathom.Models.Hub;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fathom.Cli;

/// <summary>Shows pulls.</summary>
static class PullDisplay
{
    const string LineKey = "line";

    // More than anyone waits; what is longer has no TimeSpan.
    const double MaxSeconds = 1e9;

    static readonly TimeSpan s_lineInterval = TimeSpan.FromSeconds(3);

    /// <summary>Runs <paramref name="pull"/> and shows what it reports.</summary>
    /// <param name="name">What is pulled.</param>
    /// <param name="json">Whether the standard output is for JSON alone.</param>
    /// <param name="pull">Pulls and reports.</param>
    public static PullResult Show(string name, bool json, Func<Action<PullProgress>, PullResult> pull)
    {
        var rate = new TransferRate();
        bool watched = !(json ? Console.IsErrorRedirected : Console.IsOutputRedirected);
        return !watched
            ? WithLines(json ? Console.Error : Console.Out, rate, pull)
            : WithBar(json ? Terminal.Error : Terminal.Out, name, rate, pull);
    }

    /// <summary>A time as people say it: 40 s, 12 min, 3.5 h.</summary>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 99.5 => Terminal.Invariant($"{time.TotalSeconds:0} s"),
        < 5970 => Terminal.Invariant($"{time.TotalMinutes:0} min"),
        _ => Terminal.Invariant($"{time.TotalHours:0.0} h"),
    };

    static PullResult WithBar(IAnsiConsole console, string name, TransferRate rate, Func<Action<PullProgress>, PullResult> pull) =>
        console.Progress().Columns(new ProgressBarColumn { Width = 24 }, new LineColumn()).Start(context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(name));
            return pull(progress =>
            {
                task.MaxValue = Math.Max(1, progress.TotalBytes);
                task.State.Update<Shown>(LineKey, _ => new Shown(Line(progress, rate)));
                task.Value = progress.Bytes;
            });
        });

    static PullResult WithLines(TextWriter output, TransferRate rate, Func<Action<PullProgress>, PullResult> pull)
    {
        long written = Stopwatch.GetTimestamp();
        string? note = null;
        return pull(progress =>
        {
            string line = Line(progress, rate);
            bool news = progress.Note is not null && progress.Note != note;
            note = progress.Note;
            if (!news && Stopwatch.GetElapsedTime(written) < s_lineInterval)
                return;
            written = Stopwatch.GetTimestamp();
            output.WriteLine(line);
            output.Flush();
        });
    }

    // 1.25 GB of 5.3 GB, 43 MB/s, 95 s left
    static string Line(PullProgress progress, TransferRate rate)
    {
        double bytesPerSecond = rate.Update(progress.Transferred);
        string share = progress.TotalBytes == 0 ? "" : $"{Terminal.Scaled(progress.Bytes)}B of {Terminal.Scaled(progress.TotalBytes)}B";
        if (progress.Note is not null)
            return share.Length == 0 ? progress.Note : $"{share}, {progress.Note}";
        return bytesPerSecond <= 0
            ? share
            : $"{share}, {Terminal.Scaled(bytesPerSecond)}B/s, {Duration(TimeSpan.FromSeconds(Math.Min(MaxSeconds, (progress.TotalBytes - progress.Bytes) / bytesPerSecond)))} left";
    }

    // Spectre keeps values only.
    readonly record struct Shown(string? Line);

    sealed class LineColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Spectre.Console.Text(task.State.Get<Shown>(LineKey).Line ?? task.Description);
    }

    // Bytes per second over the last seconds: what a person sees happen.
    sealed class TransferRate
    {
        static readonly TimeSpan s_window = TimeSpan.FromSeconds(10);

        readonly Queue<(long Time, long Bytes)> _samples = new();

        public double Update(long bytes)
        {
            long now = Stopwatch.GetTimestamp();
            _samples.Enqueue((now, bytes));
            while (_samples.Count > 2 && Stopwatch.GetElapsedTime(_samples.Peek().Time, now) > s_window)
                _samples.Dequeue();
            (long time, long before) = _samples.Peek();
            double seconds = Stopwatch.GetElapsedTime(time, now).TotalSeconds;
            return seconds > 0 ? (bytes - before) / seconds : 0;
        }
    }
}
