// A disk so small that it fills up: a tmpfs of 64 KiB, where this process may mount one (root on Linux).

using System.Diagnostics;

namespace Fathom.Training.Tests;

sealed class SmallDisk : IDisposable
{
    readonly TemporaryFolder folder = new();

    public SmallDisk()
    {
        if (Execute("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.Path) != 0)
        {
            folder.Dispose();
            throw new InvalidOperationException("A tmpfs cannot be mounted here.");
        }
    }

    public string In(string name) => folder.In(name);

    /// <summary>Takes all the room that is left but <paramref name="bytes"/>, rounded to pages.</summary>
    public void FillAllBut(int bytes)
    {
        using FileStream filler = File.Create(In("filler"));
        byte[] page = new byte[4096];
        try
        {
            while (true)
                filler.Write(page);
        }
        catch (IOException)
        {
            filler.SetLength(Math.Max(0, filler.Length - bytes));
        }
    }

    public static bool IsPossible()
    {
        try
        {
            new SmallDisk().Dispose();
            return true;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _ = Execute("umount", folder.Path);
        folder.Dispose();
    }

    static int Execute(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}

/// <summary>A fact that needs a disk which fills up.</summary>
sealed class SmallDiskFactAttribute : FactAttribute
{
    static readonly bool Possible = OperatingSystem.IsLinux() && SmallDisk.IsPossible();

    public SmallDiskFactAttribute()
    {
        if (!Possible)
            Skip = "Needs the right to mount a tmpfs.";
    }
}
