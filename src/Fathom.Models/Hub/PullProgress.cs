// How far a pull is.
using System.Diagnostics;

namespace Fathom.Models.Hub;

/// <summary>How far a pull is.</summary>
/// <param name="Bytes">Bytes of the files that are being fetched that are there, with those of earlier tries.</param>
/// <param name="TotalBytes">Bytes of those files; 0 while that is not known.</param>
/// <param name="Transferred">Bytes that came over the network in this pull.</param>
/// <param name="Note">What is waited for, or null.</param>
public readonly record struct PullProgress(long Bytes, long TotalBytes, long Transferred, string? Note);

/// <summary>Progress of several threads, told by one at a time and not too often.</summary>
sealed class PullReporter(Action<PullProgress>? report)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    readonly Lock gate = new();
    PullProgress at;
    long told;

    public long Transferred => at.Transferred;

    public void Begin(long present, long total) => Tell(_ => true, now => now with { Bytes = present, TotalBytes = total });

    public void Say(string note) => Tell(_ => true, now => now with { Note = note });

    public void Add(long bytes, long transferred) =>
        Tell(now => now.Bytes == now.TotalBytes, now => now with { Bytes = now.Bytes + bytes, Transferred = now.Transferred + transferred, Note = null });

    void Tell(Func<PullProgress, bool> always, Func<PullProgress, PullProgress> change)
    {
        lock (gate)
        {
            at = change(at);
            if (always(at) || Stopwatch.GetElapsedTime(told) >= Interval)
            {
                told = Stopwatch.GetTimestamp();
                report?.Invoke(at);
            }
        }
    }
}
