// A fixed team of threads that run numbered parts of one action: spin for a while, then park.
// Leaves out work stealing on purpose: which thread runs a part never decides a result, and parts are few and equal.
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Fathom.Numerics.Threading;

/// <summary>Work that falls into independent numbered parts. Implement as a struct: the team calls it without boxing.</summary>
public interface IParallelAction
{
    /// <summary>Runs part <paramref name="part"/> of the work; parts write to disjoint memory.</summary>
    /// <param name="part">0 to the number of parts, exclusive.</param>
    void Run(int part);
}

/// <summary>
/// A fixed team of threads. Parts are handed out by a shared counter, so an idle thread takes the next part; every part
/// computes the same numbers wherever it runs, hence results do not depend on <see cref="ThreadCount"/>.
/// </summary>
public sealed unsafe class ThreadTeam : IDisposable
{
    const int SpinRounds = 4000;

    static ThreadTeam? s_shared;
    static readonly Lock s_gate = new();

    readonly Thread[] _workers;
    readonly SemaphoreSlim[] _wake;
    readonly int[] _parked;
    delegate*<void*, int, void> _invoke;
    void* _action;
    int _partCount;
    PaddedCounter _next;
    PaddedCounter _pending;
    PaddedCounter _generation;
    volatile bool _stop;
    volatile Exception? _failure;
    int _busy;

    /// <summary>Starts a team of <paramref name="threadCount"/> threads, the caller counted in.</summary>
    /// <param name="threadCount">1 to 1024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is outside 1 to 1024.</exception>
    public ThreadTeam(int threadCount)
    {
        if (threadCount is < 1 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(threadCount), threadCount, "A thread team has 1 to 1024 threads.");
        ThreadCount = threadCount;
        _workers = new Thread[threadCount - 1];
        _wake = new SemaphoreSlim[threadCount - 1];
        _parked = new int[threadCount - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int index = i;
            _wake[i] = new SemaphoreSlim(0);
            _workers[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"fathom-{i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads in the team, the calling one counted in.</summary>
    public int ThreadCount { get; }

    /// <summary>The team all kernels use; one thread per processor until <see cref="SetSharedThreadCount"/> says otherwise.</summary>
    public static ThreadTeam Shared => s_shared ?? CreateShared(Environment.ProcessorCount);

    /// <summary>Replaces the shared team. Not to be called while kernels run.</summary>
    /// <param name="threadCount">1 to 1024.</param>
    public static void SetSharedThreadCount(int threadCount)
    {
        lock (s_gate)
        {
            if (s_shared?.ThreadCount == threadCount)
                return;
            ThreadTeam? old = s_shared;
            s_shared = new ThreadTeam(threadCount);
            old?.Dispose();
        }
    }

    static ThreadTeam CreateShared(int threadCount)
    {
        lock (s_gate)
            return s_shared ??= new ThreadTeam(threadCount);
    }

    /// <summary>Runs parts 0 to <paramref name="partCount"/> of <paramref name="action"/> and returns when all are done.</summary>
    /// <remarks>A call from within a part, or from a second thread while the team is busy, runs its parts on the caller alone.</remarks>
    public void Run<TAction>(int partCount, ref TAction action)
        where TAction : struct, IParallelAction
    {
        if (partCount <= 1 || _workers.Length == 0 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            for (int part = 0; part < partCount; part++)
                action.Run(part);
            return;
        }
        try
        {
            _action = Unsafe.AsPointer(ref action);
            _invoke = &Invoke<TAction>;
            _partCount = partCount;
            _pending.Value = _workers.Length;
            Volatile.Write(ref _next.Value, 0);
            Interlocked.Increment(ref _generation.Value);
            for (int i = 0; i < _parked.Length; i++)
            {
                if (Interlocked.Exchange(ref _parked[i], 0) == 1)
                    _wake[i].Release();
            }
            TakeParts();
            var spinner = new SpinWait();
            while (Volatile.Read(ref _pending.Value) != 0)
                spinner.SpinOnce(sleep1Threshold: -1);
            if (_failure is { } failure)
            {
                _failure = null;
                ExceptionDispatchInfo.Throw(failure);
            }
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    static void Invoke<TAction>(void* action, int part)
        where TAction : struct, IParallelAction
        => Unsafe.AsRef<TAction>(action).Run(part);

    void TakeParts()
    {
        try
        {
            int part;
            while ((part = Interlocked.Increment(ref _next.Value) - 1) < _partCount)
                _invoke(_action, part);
        }
        catch (Exception e)
        {
            _failure = e;
            Volatile.Write(ref _next.Value, _partCount);
        }
    }

    void Work(int index)
    {
        int seen = 0;
        while (true)
        {
            int spins = 0;
            while (Volatile.Read(ref _generation.Value) == seen && !_stop)
            {
                if (++spins < SpinRounds)
                {
                    Thread.SpinWait(20);
                    continue;
                }
                Volatile.Write(ref _parked[index], 1);
                Interlocked.MemoryBarrier();
                // A run that began between the last look and parking has either seen the flag (and releases us) or is seen here.
                if (Volatile.Read(ref _generation.Value) != seen || _stop)
                {
                    if (Interlocked.Exchange(ref _parked[index], 0) == 0)
                        _wake[index].Wait();
                    break;
                }
                _wake[index].Wait();
            }
            if (_stop)
                return;
            seen = Volatile.Read(ref _generation.Value);
            TakeParts();
            Interlocked.Decrement(ref _pending.Value);
        }
    }

    /// <summary>Ends the team's threads.</summary>
    public void Dispose()
    {
        _stop = true;
        for (int i = 0; i < _workers.Length; i++)
        {
            if (Interlocked.Exchange(ref _parked[i], 0) == 1)
                _wake[i].Release();
        }
        foreach (Thread worker in _workers)
            worker.Join();
    }

    [StructLayout(LayoutKind.Explicit, Size = 128)]
    struct PaddedCounter
    {
        [FieldOffset(64)]
        public int Value;
    }
}
