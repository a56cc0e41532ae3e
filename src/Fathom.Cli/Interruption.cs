// Ctrl-C and SIGTERM: the first asks the command to end where it can, the second ends the process.
using System.Runtime.InteropServices;

namespace Fathom.Cli;

/// <summary>Watches for the wish to stop while it exists.</summary>
sealed class Interruption : IDisposable
{
    readonly PosixSignalRegistration[] _registrations;
    readonly Action? _onFirst;
    volatile bool _requested;

    /// <summary>Begins to watch.</summary>
    /// <param name="onFirst">Called at the first wish, on another thread; may be null.</param>
    public Interruption(Action? onFirst = null)
    {
        _onFirst = onFirst;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    /// <summary>Whether the user wants to stop.</summary>
    public bool Requested => _requested;

    void Handle(PosixSignalContext context)
    {
        if (_requested)
            return;
        context.Cancel = true;
        _requested = true;
        _onFirst?.Invoke();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
    }
}
