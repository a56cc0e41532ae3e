// The checkpoint protocol: whole or not there.

using Fathom.Training.Runs;

namespace Fathom.Training.Tests.Runs;

public sealed class CheckpointStoreTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static void WriteWeights(string into) => File.WriteAllText(Path.Combine(into, "weights"), "w");

    string[] Names() => [.. Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)).Order()];

    [Fact]
    public void Latest_Empty_IsNull() => Assert.Null(new CheckpointStore(folder.Path).Latest());

    [Fact]
    public void Save_Several_KeepsTheLastTwo()
    {
        CheckpointStore store = new(folder.Path);
        foreach (long step in new long[] { 0, 5, 123, 1_234_567 })
            store.Save(step, WriteWeights);
        Assert.Equal(["step-000123", "step-1234567"], Names());
        Assert.Equal(new Checkpoint(1_234_567, folder.In("step-1234567")), store.Latest());
        Assert.Equal("w", File.ReadAllText(folder.In("step-1234567", "weights")));
    }

    [Fact]
    public void Save_WriterFails_LeavesThePreviousOneAlone()
    {
        CheckpointStore store = new(folder.Path);
        store.Save(1, WriteWeights);
        Assert.Throws<InvalidDataException>(() => store.Save(2, into =>
        {
            WriteWeights(into);
            throw new InvalidDataException();
        }));
        Assert.Equal(["step-000001"], Names());
        Assert.Equal(1, store.Latest()!.Step);
    }

    [Fact]
    public void Save_StepNotGreater_Throws()
    {
        CheckpointStore store = new(folder.Path);
        store.Save(4, WriteWeights);
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Save(4, WriteWeights));
        Assert.Throws<ArgumentOutOfRangeException>(() => store.Save(3, WriteWeights));
    }

    [Fact]
    public void Open_HalfWrittenAndForeignFolders_IgnoresThemAndCleansItsOwn()
    {
        Directory.CreateDirectory(folder.In("step-000009.tmp"));
        WriteWeights(folder.In("step-000009.tmp"));
        Directory.CreateDirectory(folder.In("step-best"));
        Directory.CreateDirectory(folder.In("step-000002"));
        Assert.Equal(2, CheckpointStore.FindLatest(folder.Path)!.Step);
        Assert.Equal(2, new CheckpointStore(folder.Path).Latest()!.Step);
        Assert.Equal(["step-000002", "step-best"], Names());
    }

    /// <summary>/dev/full is Linux's file that is always full: writing to it is a real ENOSPC.</summary>
    [LinuxFact]
    public void Save_DiskFull_NamesThePlaceAndTheLastGoodCheckpoint()
    {
        CheckpointStore store = new(folder.Path);
        store.Save(7, WriteWeights);
        RunException e = Assert.Throws<RunException>(() => store.Save(8, into =>
        {
            WriteWeights(into);
            using FileStream full = new("/dev/full", FileMode.Open, FileAccess.Write);
            full.Write(new byte[10_000]);
            full.Flush();
        }));
        Assert.Equal(
            $"The disk is full: the checkpoint '{folder.In("step-000008")}' could not be written. "
            + $"The last good checkpoint is '{folder.In("step-000007")}'; after the cause is removed, --resume continues from it.",
            e.Message);
        Assert.Equal(["step-000007"], Names());
    }
}
