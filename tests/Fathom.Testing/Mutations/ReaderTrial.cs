// Runs a reader over inputs that nobody should trust and holds it to its contract: success or one of its typed errors, soon, in little memory.

using System.Diagnostics;
using System.Text;

namespace Fathom.Testing.Mutations;

/// <summary>Counts what became of the inputs, and keeps what broke the contract.</summary>
/// <param name="typed">Errors that the reader may end in.</param>
public sealed class ReaderTrial(params Type[] typed)
{
    // Managed bytes that one reading may allocate, whatever the input says: so many, and so many for each byte of the input.
    const long MaxBytes = 2_000_000, MaxBytesPerByte = 30;

    // A reading takes microseconds; this is only passed by a loop that does not end, on the busiest machine.
    static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    readonly StringBuilder broken = new();
    int brokenCount;

    /// <summary>Inputs that were read.</summary>
    public int Accepted { get; private set; }

    /// <summary>Inputs that ended in a typed error.</summary>
    public int Refused { get; private set; }

    /// <summary>Reads one input.</summary>
    /// <param name="name">How to find the input again.</param>
    /// <param name="read">Reads it, and asserts what holds for every input that can be read.</param>
    /// <param name="input">The input.</param>
    public void Try(string name, Action read, byte[] input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        string? wrong = null;
        try
        {
            read();
            Accepted++;
        }
        catch (Exception error)
        {
            Refused++;
            if (!typed.Contains(error.GetType()))
                wrong = $"{error.GetType().Name}: {error.Message}\n{error.StackTrace}";
            else if (error.Message.Length > 5_000)
                wrong = $"a message of {error.Message.Length} characters";
        }
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        if (bytes > MaxBytes + MaxBytesPerByte * input.Length)
            wrong ??= $"{bytes} bytes allocated for an input of {input.Length}";
        if (time > MaxTime)
            wrong ??= $"it took {time}";
        if (wrong is not null && ++brokenCount <= 5)
            broken.Append($"\n--- {name}: {wrong}\n{Cut(Encoding.Latin1.GetString(input))}\n");
    }

    /// <summary>Fails where an input broke the contract, or where the inputs were all accepted or all refused and so tested little.</summary>
    public void AssertKept()
    {
        Assert.True(brokenCount == 0, $"{brokenCount} of {Accepted + Refused} inputs:{broken}");
        Assert.True(Accepted > 0 && Refused > 0, $"{Accepted} accepted, {Refused} refused");
    }

    static string Cut(string text) => text.Length <= 3000 ? text : text[..3000] + "...";
}
