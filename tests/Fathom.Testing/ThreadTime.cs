// Processor time of one thread: what bounds on hostile input are asserted on, since the clock on a busy machine says little.
using System.Runtime.InteropServices;

namespace Fathom.Testing;

public static partial class ThreadTime
{
    const int ThisThread = 3;

    /// <summary>Processor time that the calling thread has used; on systems other than Linux the clock's time.</summary>
    public static TimeSpan Now => OperatingSystem.IsLinux() && GetTime(ThisThread, out Time time) == 0
        ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
        : TimeSpan.FromMilliseconds(Environment.TickCount64);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
