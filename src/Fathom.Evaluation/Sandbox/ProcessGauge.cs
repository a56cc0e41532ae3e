// What the kernel tells of a running process: processor time, time in the queue for a processor, memory.
using System.Globalization;
using Fathom.Evaluation.Sandbox.Launching;

namespace Fathom.Evaluation.Sandbox;

/// <summary>Reads a process's clocks and memory. It may end at any time: then there is nothing to read, which is no error.</summary>
/// <param name="process">Its number.</param>
readonly unsafe struct ProcessGauge(int process)
{
    /// <summary>Processor time of all its threads; null once it has ended.</summary>
    public TimeSpan? ProcessorTime
    {
        get
        {
            // The number of a process's own clock, as the kernel composes it.
            int clock = ~process << 3 | 2;
            LinuxCalls.TimeSpec time;
            return LinuxCalls.ClockTime(clock, &time) == 0
                ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000)
                : null;
        }
    }

    /// <summary>How long its first thread has waited for a processor; zero once it has ended, and where the kernel does not count.</summary>
    // Nanoseconds on a processor, nanoseconds waiting for one, ...
    public TimeSpan Delay => TimeSpan.FromMicroseconds(SecondNumberOf("schedstat") / 1000);

    /// <summary>Bytes of its pages that are in memory; 0 once it has ended.</summary>
    // Pages: all, resident, ...
    public long ResidentBytes => SecondNumberOf("statm") * Environment.SystemPageSize;

    long SecondNumberOf(string file)
    {
        try
        {
            return long.Parse(File.ReadAllText($"/proc/{process}/{file}").Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
