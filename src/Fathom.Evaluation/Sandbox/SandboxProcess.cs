// A running process in the sandbox: moves bytes, watches clocks and memory, and ends the process when a limit is hit.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fathom.Evaluation.Sandbox.Launching;

namespace Fathom.Evaluation.Sandbox;

/// <summary>
/// A process in the sandbox. Besides the standard streams it has descriptor 3, from which it reads the grader's requests, and descriptor 4,
/// to which it writes responses. For one thread at a time.
/// </summary>
public sealed unsafe class SandboxProcess : IDisposable
{
    // How often memory is looked at. In that time a program can fill some tens of megabytes.
    const int TickMilliseconds = 20;
    const int StatusBytes = 64 << 10;

    readonly SandboxLimits _limits;
    readonly OutgoingPipe _input = new(), _requests = new();
    readonly IncomingPipe _output, _errors, _responses, _status;
    readonly long _started = Stopwatch.GetTimestamp();
    readonly Isolation _isolation;
    readonly DirectoryInfo? _folder;
    readonly LinuxCalls.PollEntry[] _polled = new LinuxCalls.PollEntry[7];

    int _process, _processFile = -1, _program;
    TimeSpan _allowedTime, _allowedWallTime, _wallTimeLimit, _delayBefore, _time;
    long _peakBytes, _nextLook;
    bool _ended;
    int _exitStatus;

    internal SandboxProcess(Isolation isolation, SandboxCommand command)
    {
        _isolation = isolation;
        _limits = command.Limits;
        _output = new IncomingPipe(_limits.OutputBytes, _limits.OutputBytes);
        _errors = new IncomingPipe(_limits.OutputBytes, _limits.ErrorBytes);
        _responses = new IncomingPipe(_limits.OutputBytes, _limits.OutputBytes);
        _status = new IncomingPipe(StatusBytes, StatusBytes);
        try
        {
            if (isolation is Isolation.Bubblewrap or Isolation.None)
                _folder = MakeFolder(command);
            Launch(command);
            Allow(_limits.Time);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The limit that ended it, so far.</summary>
    public SandboxLimit Limit { get; private set; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _ended;

    /// <summary>Processor time so far.</summary>
    public TimeSpan Time => _ended ? _time : Gauge.ProcessorTime ?? _time;

    ProcessGauge Gauge => new(_program);

    /// <summary>Puts bytes at the end of its standard input.</summary>
    public void Send(ReadOnlyMemory<byte> input) => _input.Send(input);

    /// <summary>Closes its standard input once all is sent.</summary>
    public void FinishInput() => _input.Finish();

    /// <summary>Puts bytes at the end of descriptor 3.</summary>
    public void SendRequest(ReadOnlyMemory<byte> request) => _requests.Send(request);

    /// <summary>Closes descriptor 3 once all is sent.</summary>
    public void FinishRequests() => _requests.Finish();

    /// <summary>Counts limits of time from now: <paramref name="time"/> of processor time, and on the clock what
    /// <see cref="SandboxLimits.WallTime"/> makes of it.</summary>
    public void Allow(TimeSpan time)
    {
        _allowedTime = Time + time;
        _wallTimeLimit = (_limits with { Time = time }).WallTime;
        _allowedWallTime = Stopwatch.GetElapsedTime(_started) + _wallTimeLimit;
        _delayBefore = Gauge.Delay;
    }

    /// <summary>Waits for a line on descriptor 4.</summary>
    /// <returns>The line without its end; null where the process ended, closed the descriptor, or hit a limit (<see cref="Limit"/>).</returns>
    public byte[]? ReadResponse()
    {
        while (true)
        {
            if (_responses.TakeLine() is { } line)
                return line;
            if (_ended || _responses.File < 0)
                return null;
            Step();
        }
    }

    /// <summary>Waits for the end. What is in the pipes then is taken too.</summary>
    public SandboxResult WaitForExit()
    {
        while (!_ended)
            Step();
        // A descriptor of this process may live on in another only without isolation, so no more than what is there is waited for.
        _output.Move();
        _errors.Move();
        _responses.Move();
        _status.Move();
        if (Limit == SandboxLimit.None && (_output.Overflowed || _errors.Overflowed))
            Limit = SandboxLimit.Output;

        int ending = _exitStatus & 0x7f;
        (int? exit, int? signal) = ending == 0 ? (_exitStatus >> 8 & 0xff, null) : ((int?)null, (int?)ending);
        if (_isolation == Isolation.Bubblewrap)
            (exit, signal) = ReadBubblewrapStatus(exit);
        return new SandboxResult(exit, signal, Limit, _output.ToArray(), _errors.ToArray(), _time, Stopwatch.GetElapsedTime(_started), _peakBytes);
    }

    /// <summary>Ends the process, and with it everything it started.</summary>
    public void Kill()
    {
        const int kill = 9;
        if (_ended)
            return;
        // bubblewrap ends by itself when the program does.
        if (_program != _process)
            LinuxCalls.Kill(_program, kill);
        else
            LinuxCalls.SystemCall(SystemCallNumbers.SendSignalByFile, _processFile, kill, 0, 0);
        while (!_ended)
            Step();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_processFile >= 0)
            Kill();
        foreach (PipeEnd pipe in (ReadOnlySpan<PipeEnd>)[_input, _requests, _output, _errors, _responses, _status])
            pipe.Dispose();
        if (_processFile >= 0)
            LinuxCalls.Close(_processFile);
        _processFile = -1;
        if (_folder is { Exists: true })
            _folder.Delete(recursive: true);
    }

    void Launch(SandboxCommand command)
    {
        ReadOnlySpan<int> files = [_input.Theirs, _output.Theirs, _errors.Theirs, _requests.Theirs, _responses.Theirs];
        using LaunchPlan plan = new();
        switch (_isolation)
        {
            case Isolation.Bubblewrap:
                OutgoingPipe filter = new();
                filter.Send(ProcessSteps.FilterFile());
                filter.Finish();
                filter.Move(); // fits into a pipe
                using (filter)
                {
                    BubblewrapPlan.Fill(plan, command, [.. files, filter.Theirs, _status.Theirs], _folder!.FullName);
                    (_process, _processFile) = Launcher.Launch(plan, 0);
                }
                break;
            case Isolation.Namespaces or Isolation.UserNamespaces:
                long namespaces = NamespacePlan.Fill(plan, command, files, asUser: _isolation == Isolation.UserNamespaces);
                (_process, _processFile) = Launcher.Launch(plan, namespaces);
                break;
            default:
                UnsafePlan.Fill(plan, command, files, _folder!.FullName);
                (_process, _processFile) = Launcher.Launch(plan, 0);
                break;
        }
        _program = _process;
        foreach (PipeEnd pipe in (ReadOnlySpan<PipeEnd>)[_input, _requests, _output, _errors, _responses, _status])
            pipe.GiveAway();
        if (_isolation == Isolation.Bubblewrap)
            _program = ReadBubblewrapChild();
    }

    static DirectoryInfo MakeFolder(SandboxCommand command)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory($"fathom-sandbox-{Environment.ProcessId}-");
        foreach ((string name, ReadOnlyMemory<byte> content) in command.Files)
            File.WriteAllBytes(Path.Combine(folder.FullName, name), content.Span);
        return folder;
    }

    // One round: waits for a pipe, the end or the next look at the clocks, and moves what can be moved.
    void Step()
    {
        int count = 0;
        void Add(int file, short events)
        {
            if (file >= 0)
                _polled[count++] = new LinuxCalls.PollEntry { File = file, Events = events };
        }
        Add(_processFile, LinuxCalls.PollIn);
        Add(_output.File, LinuxCalls.PollIn);
        Add(_errors.File, LinuxCalls.PollIn);
        Add(_responses.File, LinuxCalls.PollIn);
        Add(_status.File, LinuxCalls.PollIn);
        Add(_input.Wants ? _input.File : -1, LinuxCalls.PollOut);
        Add(_requests.Wants ? _requests.File : -1, LinuxCalls.PollOut);
        fixed (LinuxCalls.PollEntry* polled = _polled)
            LinuxCalls.Poll(polled, (ulong)count, TickMilliseconds);

        _input.Move();
        _requests.Move();
        _output.Move();
        _errors.Move();
        _responses.Move();
        _status.Move();
        if ((_polled[0].Returned & LinuxCalls.PollIn) != 0)
            Reap();
        else
            CheckLimits();
    }

    void Reap()
    {
        int status;
        LinuxCalls.Usage usage;
        if (LinuxCalls.Wait(_process, &status, 0, &usage) != _process)
            return;
        _ended = true;
        _exitStatus = status;
        _time = TimeSpan.FromSeconds(usage.UserSeconds + usage.SystemSeconds)
            + TimeSpan.FromMicroseconds(usage.UserMicroseconds + usage.SystemMicroseconds);
        // The kernel's own limit on processor time is behind ours; a process that we did not look at in time may still meet it.
        if (Limit == SandboxLimit.None && _time >= _limits.Time + TimeSpan.FromSeconds(1))
            Limit = SandboxLimit.Time;
    }

    void CheckLimits()
    {
        if (Limit != SandboxLimit.None || _ended)
            return;
        if (_output.Overflowed || _errors.Overflowed || _responses.Overflowed)
            Limit = SandboxLimit.Output;
        else if (IsLate())
            Limit = SandboxLimit.WallTime;
        else if (Stopwatch.GetTimestamp() >= _nextLook)
        {
            _nextLook = Stopwatch.GetTimestamp() + Stopwatch.Frequency * TickMilliseconds / 1000;
            _peakBytes = Math.Max(_peakBytes, Gauge.ResidentBytes);
            if (_peakBytes > _limits.MemoryBytes)
                Limit = SandboxLimit.Memory;
            else if (Time > _allowedTime)
                Limit = SandboxLimit.Time;
        }
        if (Limit != SandboxLimit.None)
            Kill();
    }

    bool IsLate()
    {
        TimeSpan late = Stopwatch.GetElapsedTime(_started) - _allowedWallTime;
        return late > TimeSpan.Zero && (late > Gauge.Delay - _delayBefore || late > 9 * _wallTimeLimit);
    }

    int ReadBubblewrapChild()
    {
        const string key = "\"child-pid\"";
        long given = Stopwatch.GetTimestamp();
        while (true)
        {
            // Looked at before the end is: a short program may be over by now.
            string text = System.Text.Encoding.ASCII.GetString(_status.ToArray());
            int at = text.IndexOf(key, StringComparison.Ordinal), end = at < 0 ? -1 : text.IndexOfAny([',', '}'], at);
            if (end > 0)
                return int.Parse(text.AsSpan(at + key.Length, end - at - key.Length).Trim(" :"), CultureInfo.InvariantCulture);
            if (_ended || Stopwatch.GetElapsedTime(given) > TimeSpan.FromSeconds(10))
            {
                Kill();
                throw BubblewrapFailed();
            }
            Allow(_limits.Time);
            Step();
        }
    }

    // bubblewrap reports an exit code only of a program that it started; a signal is reported as 128 and its number.
    (int? Exit, int? Signal) ReadBubblewrapStatus(int? exit)
    {
        bool started = System.Text.Encoding.ASCII.GetString(_status.ToArray()).Contains("\"exit-code\"", StringComparison.Ordinal);
        if (!started && Limit == SandboxLimit.None)
            throw BubblewrapFailed();
        return exit is > 128 ? (null, exit - 128) : (exit, null);
    }

    SandboxException BubblewrapFailed() =>
        new($"bubblewrap did not start the program: {System.Text.Encoding.UTF8.GetString(_errors.ToArray()).Trim()}");
}
