// Damaged safetensors files: tens of thousands of them, and one cut at every byte.
using System.Buffers.Binary;
using System.Text;
using Fathom.Models.Checkpoints;
using Fathom.Numerics.Formats;
using Fathom.Testing.Mutations;

namespace Fathom.Models.Tests.BadInput;

public sealed class SafetensorsMutationTests : IDisposable
{
    const int HeaderMutations = 40_000, FileMutations = 10_000;

    static readonly ulong[] HeaderLengths = [0, 1, 7, 8, 100_000_000, 100_000_001, int.MaxValue, 1ul << 31, uint.MaxValue, 1ul << 32, long.MaxValue, 1ul << 63, ulong.MaxValue - 7, ulong.MaxValue];

    readonly string folder = Directory.CreateTempSubdirectory("fathom-bad-").FullName;

    string Path => System.IO.Path.Combine(folder, "bad.safetensors");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Parse_HeaderMutations_EndInSuccessOrATypedError()
    {
        (byte[] header, byte[] data) = Seed();
        var mutator = new JsonMutator(Encoding.UTF8.GetString(header), seed: 40);
        var result = Kept();
        for (int i = 0; i < HeaderMutations; i++)
        {
            byte[] json = mutator.Next();
            long length = 8 + json.Length + data.Length;
            result.Try($"mutation {i}", () => Check(SafetensorsHeader.Parse("f", json, length).Entries.Values, length), json);
        }

        result.AssertKept();
    }

    [Fact]
    public void Open_FileMutations_EndInSuccessOrATypedError()
    {
        (byte[] header, byte[] data) = Seed();
        var mutator = new JsonMutator(Encoding.UTF8.GetString(header), seed: 41);
        var random = new Random(42);
        var result = Kept();
        for (int i = 0; i < FileMutations; i++)
        {
            byte[] json = mutator.Next();
            ulong length = random.Next(25) == 0 ? HeaderLengths[random.Next(HeaderLengths.Length)] : (ulong)Math.Max(0, json.Length + (random.Next(25) == 0 ? random.Next(-3, 4) : 0));
            byte[] rest = random.Next(25) == 0 ? data[..random.Next(data.Length)] : random.Next(25) == 0 ? [.. data, .. new byte[random.Next(1, 9)]] : data;
            byte[] lengthBytes = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(lengthBytes, length);
            byte[] file = [.. lengthBytes, .. json, .. rest];
            if (random.Next(50) == 0)
                file = file[..random.Next(file.Length)];
            Try(result, $"mutation {i}", file);
        }

        result.AssertKept();
    }

    [Fact]
    public void Open_CutAtEveryByte_IsRefused()
    {
        (byte[] header, byte[] data) = Seed();
        byte[] lengthBytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(lengthBytes, (ulong)header.Length);
        byte[] file = [.. lengthBytes, .. header, .. data];
        var result = Kept();
        for (int length = 0; length <= file.Length; length++)
        {
            Try(result, $"cut at {length}", file[..length]);
        }

        result.AssertKept();
        Assert.Equal((1, file.Length), (result.Accepted, result.Refused));
    }

    [Fact]
    public void Open_AnyByteOfTheHeaderChanged_EndsInSuccessOrATypedError()
    {
        (byte[] header, byte[] data) = Seed();
        var result = Kept();
        foreach (byte value in new byte[] { 0, (byte)'"', (byte)'9', (byte)'}', 0x80, 0xFF })
        {
            for (int at = 0; at < 8 + header.Length; at++)
            {
                byte[] file = [.. BitConverter.GetBytes((ulong)header.Length), .. header, .. data];
                file[at] = value;
                Try(result, $"byte {at} to {value}", file);
            }
        }

        result.AssertKept();
    }

    [Fact]
    public void Open_FoundCases_EndInATypedError()
    {
        foreach (string path in FoundCases.Of("safetensors"))
        {
            Assert.Throws<CheckpointException>(() => Use(path));
        }
    }

    static ReaderTrial Kept() => new(typeof(CheckpointException));

    void Try(ReaderTrial result, string name, byte[] file)
    {
        File.WriteAllBytes(Path, file);
        result.Try(name, () => Use(Path), file);
    }

    // Opens a file and touches all that it says it has.
    static void Use(string path)
    {
        using var file = SafetensorsFile.Open(path);
        Check(file.Entries.Values, new FileInfo(path).Length);
        foreach (TensorEntry entry in file.Entries.Values)
        {
            if (entry.Type is ElementType.F32 or ElementType.BF16 or ElementType.F16 or ElementType.F64)
            {
                Assert.Equal(entry.ElementCount, file.ReadFloats(entry.Name).Length);
            }
            else if (entry.Type == ElementType.I64)
            {
                Assert.Equal(entry.ElementCount, file.ReadInt64(entry.Name).Length);
            }
        }
    }

    // Every entry lies inside the file, behind the header, over no other, and is as long as its shape says.
    static void Check(IEnumerable<TensorEntry> entries, long size)
    {
        long end = 10;
        foreach (TensorEntry entry in entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.ByteLength))
        {
            Assert.False(entry.Offset < end || entry.ByteLength < 0 || entry.Offset + entry.ByteLength > size, $"{entry}");
            Assert.Equal(entry.ByteLength, entry.Shape.Aggregate((System.Numerics.BigInteger)entry.Type.ByteSize(), (product, n) => product * n));
            end = entry.Offset + entry.ByteLength;
        }
    }

    // A file of all kinds of entries: [2, 3] FP32, a scalar, an empty one, BF16, I64, FP8 with its scales, metadata.
    (byte[] Header, byte[] Data) Seed()
    {
        SafetensorsWriter.Write(Path,
        [
            TensorSource.Floats("model.norm.weight", [2, 3], new float[] { 1, 2, 3, 4, 5, 6 }),
            TensorSource.Floats("empty", [0, 4], Array.Empty<float>()),
            TensorSource.Raw<ulong>("step", ElementType.U64, [], new ulong[] { 7 }),
            TensorSource.Floats("b", [5], new float[] { 1, 2, 3, 4, 5 }, ElementType.BF16),
            TensorSource.Raw<long>("ids", ElementType.I64, [1, 2], new long[] { 1, 2 }),
            TensorSource.Raw<double>("d", ElementType.F64, [1, 1, 2], new double[] { double.NaN, 1e300 }),
            TensorSource.Raw<byte>("w", ElementType.F8E4M3, [2, 4], new byte[] { 0, 1, 2, 3, 4, 127, 128, 255 }),
            TensorSource.Floats("w_scale_inv", [1, 1], new[] { float.NaN }),
        ], new Dictionary<string, string> { ["format"] = "pt" });
        byte[] file = File.ReadAllBytes(Path);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file);
        return (file[8..(8 + length)], file[(8 + length)..]);
    }
}
