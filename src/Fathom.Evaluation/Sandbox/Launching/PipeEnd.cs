// The parent's ends of the pipes to a process. None of them ever blocks.
using System.Runtime.InteropServices;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>A pipe of which one end goes to the process and the other stays here.</summary>
abstract unsafe class PipeEnd : IDisposable
{
    const int SetStatus = 4;

    protected PipeEnd(bool weWrite)
    {
        int* files = stackalloc int[2];
        if (LinuxCalls.Pipe(files, LinuxCalls.CloseOnExec) != 0)
            throw new SandboxException($"No pipe could be made: {Marshal.GetLastPInvokeErrorMessage()}.");
        (File, Theirs) = weWrite ? (files[1], files[0]) : (files[0], files[1]);
        LinuxCalls.FileControl(File, SetStatus, LinuxCalls.NonBlocking);
    }

    /// <summary>Our end; -1 once closed.</summary>
    public int File { get; private set; }

    /// <summary>The end for the process; -1 once given away.</summary>
    public int Theirs { get; private set; }

    /// <summary>Closes our copy of the process's end.</summary>
    public void GiveAway()
    {
        if (Theirs >= 0)
            LinuxCalls.Close(Theirs);
        Theirs = -1;
    }

    /// <summary>Closes our end.</summary>
    public void Close()
    {
        if (File >= 0)
            LinuxCalls.Close(File);
        File = -1;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        GiveAway();
        Close();
    }
}

/// <summary>A pipe to the process.</summary>
sealed unsafe class OutgoingPipe() : PipeEnd(weWrite: true)
{
    readonly Queue<ReadOnlyMemory<byte>> _waiting = new();
    bool _closesWhenSent;

    /// <summary>Whether there is something to send.</summary>
    public bool Wants => File >= 0 && _waiting.Count > 0;

    /// <summary>Puts bytes at the end of what is to be sent.</summary>
    public void Send(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > 0 && File >= 0)
            _waiting.Enqueue(bytes);
    }

    /// <summary>Closes the pipe when everything is sent.</summary>
    public void Finish()
    {
        _closesWhenSent = true;
        if (_waiting.Count == 0)
            Close();
    }

    /// <summary>Sends what the pipe takes. A process that no longer reads ends it.</summary>
    public void Move()
    {
        while (Wants)
        {
            ReadOnlyMemory<byte> head = _waiting.Peek();
            nint sent;
            fixed (byte* bytes = head.Span)
                sent = LinuxCalls.Write(File, bytes, head.Length);
            if (sent < 0)
            {
                if (Marshal.GetLastPInvokeError() is not (LinuxCalls.EAgain or LinuxCalls.EIntr))
                    Close();
                return;
            }
            _waiting.Dequeue();
            if (sent < head.Length)
            {
                Requeue(head[(int)sent..]);
                return;
            }
        }
        if (_closesWhenSent)
            Close();
    }

    void Requeue(ReadOnlyMemory<byte> rest)
    {
        ReadOnlyMemory<byte>[] others = [.. _waiting];
        _waiting.Clear();
        _waiting.Enqueue(rest);
        foreach (ReadOnlyMemory<byte> other in others)
            _waiting.Enqueue(other);
    }
}

/// <summary>A pipe from the process.</summary>
/// <param name="limit">Bytes that may come; one more and <see cref="Overflowed"/> is set.</param>
/// <param name="kept">Bytes that are kept.</param>
sealed unsafe class IncomingPipe(long limit, int kept) : PipeEnd(weWrite: false)
{
    [ThreadStatic]
    static byte[]? s_buffer;

    readonly MemoryStream _bytes = new();
    long _read, _taken;

    /// <summary>Whether more came than may.</summary>
    public bool Overflowed => _read > limit;

    /// <summary>What came, up to what is kept.</summary>
    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>Takes what has come. The pipe is closed when the process's end is.</summary>
    public void Move()
    {
        byte[] buffer = s_buffer ??= new byte[64 << 10];
        while (File >= 0 && !Overflowed)
        {
            nint count;
            fixed (byte* bytes = buffer)
                count = LinuxCalls.Read(File, bytes, buffer.Length);
            if (count < 0 && Marshal.GetLastPInvokeError() is LinuxCalls.EAgain or LinuxCalls.EIntr)
                return;
            if (count <= 0)
            {
                Close();
                return;
            }
            _read += count;
            _bytes.Write(buffer, 0, (int)Math.Min(count, Math.Max(0, kept - _bytes.Length)));
        }
    }

    /// <summary>Takes one line off the front, without its end; null while none is complete. A taken line no longer counts against the limit.</summary>
    public byte[]? TakeLine()
    {
        ReadOnlySpan<byte> waiting = _bytes.GetBuffer().AsSpan((int)_taken, (int)(_bytes.Length - _taken));
        int end = waiting.IndexOf((byte)'\n');
        if (end < 0)
            return null;
        byte[] line = waiting[..end].ToArray();
        _taken += end + 1;
        _read -= end + 1;
        if (_taken == _bytes.Length)
        {
            _bytes.SetLength(0);
            _taken = 0;
        }
        return line;
    }
}

/// <summary>
/// A pipe whose other end the kernel closes when the process has become its program. The parent is let go a moment earlier, while the
/// child still has the parent's memory: whoever looked at the child's memory then would see the parent's.
/// </summary>
sealed unsafe class LoadedPipe() : PipeEnd(weWrite: false)
{
    /// <summary>Waits until the program is loaded or the process has ended.</summary>
    public void Wait()
    {
        GiveAway();
        LinuxCalls.PollEntry entry = new() { File = File, Events = LinuxCalls.PollIn };
        while (LinuxCalls.Poll(&entry, 1, -1) < 0 && Marshal.GetLastPInvokeError() == LinuxCalls.EIntr)
            continue;
    }
}
