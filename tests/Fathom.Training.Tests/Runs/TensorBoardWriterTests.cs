// Event files read back by an independent reader; checksums against published vectors.

using System.Text;
using Fathom.Training.Runs;

namespace Fathom.Training.Tests.Runs;

public sealed class TensorBoardWriterTests
{
    static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000.5);

    [Fact]
    public void Crc32C_KnownVectors()
    {
        // RFC 3720 (iSCSI), appendix B.4, and the check value of the CRC catalogue.
        Assert.Equal(0x8a9136aau, EventFile.Crc32C(new byte[32]));
        Assert.Equal(0x62a8ab43u, EventFile.Crc32C([.. Enumerable.Repeat((byte)0xff, 32)]));
        Assert.Equal(0x46dd794eu, EventFile.Crc32C([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0xe3069283u, EventFile.Crc32C("123456789"u8));
    }

    [Fact]
    public void Records_ReadBack_HoldWhatWasWritten()
    {
        using TemporaryFolder folder = new();
        string path = folder.In("events");
        using (FileStream stream = File.Create(path))
        {
            stream.Write(TensorBoardWriter.FileVersion(Time));
            stream.Write(TensorBoardWriter.Scalars(Time, 12345678901, "rl", [new("reward", 0.75), new("entropy", -3e-5)]));
            stream.Write(TensorBoardWriter.Scalars(Time.AddSeconds(1), 0, null, [new("loss", double.NaN)]));
            stream.Write(TensorBoardWriter.Scalars(Time, 7, "x", []));
        }
        List<ReadEvent> events = EventFile.Read(path);
        Assert.Equal(4, events.Count);
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        Assert.Equal(1_700_000_000.5, events[0].WallTime);
        Assert.Equal(12345678901, events[1].Step);
        Assert.Equal([("rl/reward", 0.75f), ("rl/entropy", -3e-5f)], events[1].Scalars);
        Assert.Equal(1_700_000_001.5, events[2].WallTime);
        Assert.True(float.IsNaN(Assert.Single(events[2].Scalars).Value));
        Assert.Equal("loss", events[2].Scalars[0].Tag);
        Assert.Empty(events[3].Scalars);
    }

    [Fact]
    public void FileVersion_Framing_MatchesTheBytesOfTensorFlow()
    {
        // Length 24 = 9 (time) + 15 (version), then its masked checksum, as every TensorFlow event file with this version begins.
        byte[] record = TensorBoardWriter.FileVersion(Time);
        Assert.Equal("1800000000000000a37f4b22", Convert.ToHexStringLower(record.AsSpan(0, 12)));
        Assert.Equal("brain.Event:2", Encoding.ASCII.GetString(record.AsSpan(23, 13)));
    }
}
