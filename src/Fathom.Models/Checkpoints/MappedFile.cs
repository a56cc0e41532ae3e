// A file mapped into memory, read only: the one place that turns a path into bytes that are read when they are touched.
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace Fathom.Models.Checkpoints;

/// <summary>A whole file as memory. <see cref="Start"/> is valid until <see cref="Dispose"/>.</summary>
sealed unsafe class MappedFile : IDisposable
{
    readonly MemoryMappedFile file;
    readonly MemoryMappedViewAccessor view;

    MappedFile(string path, long length, MemoryMappedFile file, MemoryMappedViewAccessor view, byte* start)
    {
        (Path, Length, this.file, this.view) = (path, length, file, view);
        Start = start;
    }

    /// <summary>The path it was opened with.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>The first byte; null after <see cref="Dispose"/>.</summary>
    public byte* Start { get; private set; }

    /// <summary>Maps a file of at least <paramref name="least"/> bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What the file should be, for messages.</param>
    /// <param name="least">1 or more.</param>
    /// <exception cref="CheckpointException">It is missing, shorter or unreadable.</exception>
    public static MappedFile Open(string path, string what, long least)
    {
        FileStream? stream = null;
        MemoryMappedFile? file = null;
        MemoryMappedViewAccessor? view = null;
        byte* start = null;
        try
        {
            // The stream's length, not the path's: that of a symbolic link, as Hugging Face's cache has them, is its own.
            stream = File.Exists(path) ? File.OpenRead(path) : throw new CheckpointException(path, null, "no such file", what);
            long length = stream.Length;
            if (length < least)
                throw new CheckpointException(path, null, $"{length} bytes", $"{what} of at least {least} bytes");
            file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return new MappedFile(path, length, file, view, start + view.PointerOffset);
        }
        catch (Exception error)
        {
            view?.Dispose();
            file?.Dispose();
            stream?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
                throw new CheckpointException(path, null, $"it unreadable ({error.Message})", "a readable file", error);
            throw;
        }
    }

    /// <summary>Gives back the memory that mirrors a part of the file; it is read again when it is touched again.</summary>
    /// <param name="from">First byte of the part.</param>
    /// <param name="bytes">How many.</param>
    public void Forget(byte* from, long bytes)
    {
        nint page = Environment.SystemPageSize, first = ((nint)from + page - 1) / page * page, end = (nint)(from + bytes) / page * page;
        // Only whole pages of this mapping: of any other memory the call would destroy the content.
        if (OperatingSystem.IsLinux() && from >= Start && from + bytes <= Start + Length && end > first)
            _ = Advise((void*)first, (nuint)(end - first), DontNeed);
    }

    const int DontNeed = 4;

    [DllImport("libc", EntryPoint = "madvise")]
    static extern int Advise(void* address, nuint length, int advice);

    /// <summary>Releases the mapping.</summary>
    public void Dispose()
    {
        if (Start == null)
            return;
        Start = null;
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
        file.Dispose();
    }
}
