// The one exception of run folders, and the telling of a full disk from other failures.

namespace Fathom.Training.Runs;

/// <summary>A run folder that cannot be used or written. The message names the folder or file and says what to do.</summary>
/// <param name="message">The whole message, fit to be shown to the user as it is.</param>
/// <param name="innerException">What caused it, if anything did.</param>
public sealed class RunException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether a write failed because the disk is full or a quota is used up.</summary>
    internal static bool IsDiskFull(IOException e) => e.HResult switch
    {
        28 or 122 => !OperatingSystem.IsWindows(), // ENOSPC, EDQUOT: .NET passes the number of the system through
        unchecked((int)0x80070070) or unchecked((int)0x80070027) => true, // ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL
        _ => false,
    };
}
