using System.Text;
using Fathom.Models.Checkpoints;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Tests.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("fathom-safetensors-").FullName;

    string At(string name) => Path.Combine(folder, name);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    // A file with the given header text and that many bytes of data.
    string Raw(string header, int dataBytes, ulong? headerLength = null)
    {
        string path = At("raw.safetensors");
        byte[] json = Encoding.UTF8.GetBytes(header);
        using var stream = File.Create(path);
        stream.Write(BitConverter.GetBytes(headerLength ?? (ulong)json.Length));
        stream.Write(json);
        stream.Write(new byte[dataBytes]);
        return path;
    }

    [Fact]
    public unsafe void Write_ThenOpen_GivesTheSameTensors()
    {
        var values = Enumerable.Range(0, 70_001).Select(i => MathF.Sin(i)).ToArray();
        long[] ids = [-1, long.MaxValue, 5];
        double[] doubles = [Math.PI, -1e300];
        Half[] halves = [(Half)1.5f, (Half)(-65504f)];
        fixed (float* native = values)
        {
            SafetensorsWriter.Write(At("a.safetensors"),
            [
                TensorSource.Floats("z", [70_001], values),
                TensorSource.Floats("b", [1, 70_001], native, ElementType.BF16),
                TensorSource.Raw<long>("ids", ElementType.I64, [3], ids),
                TensorSource.Raw<ulong>("step", ElementType.U64, [], new ulong[] { 7 }),
                TensorSource.Raw<double>("d", ElementType.F64, [2], doubles),
                TensorSource.Raw<Half>("h", ElementType.F16, [2], halves),
                TensorSource.Floats("empty", [0, 4], Array.Empty<float>()),
            ], new Dictionary<string, string> { ["format"] = "pt", ["a"] = "\"é\"" });
        }

        using var file = SafetensorsFile.Open(At("a.safetensors"));
        Assert.Equal(["d", "ids", "step", "empty", "z", "b", "h"], file.Entries.Keys);
        Assert.Equal("\"é\"", file.Metadata["a"]);
        Assert.All(file.Entries.Values, entry => Assert.Equal(0, entry.Offset % entry.Type.ByteSize()));
        Assert.Equal(values, file.ReadFloats("z"));
        Assert.Equal(values.Select(v => BFloat16.ToSingle(BFloat16.FromSingle(v))), file.ReadFloats("b"));
        Assert.Equal(ids, file.ReadInt64("ids"));
        Assert.Equal(7ul, *(ulong*)file.Pointer(file.Entry("step")));
        Assert.Empty(file.Entry("step").Shape);
        Assert.Equal([MathF.PI, float.NegativeInfinity], file.ReadFloats("d"));
        Assert.Equal([1.5f, -65504f], file.ReadFloats("h"));
        Assert.Empty(file.ReadFloats("empty"));
        Assert.Equal([1L, 70_001], file.Entry("b").Shape);
    }

    [Fact]
    public void Write_AnyOrderOfTensors_GivesTheSameBytes()
    {
        TensorSource[] tensors = [TensorSource.Floats("a", [1], new[] { 1f }), TensorSource.Floats("b", [2], new[] { 2f, 3f }, ElementType.BF16)];
        SafetensorsWriter.Write(At("1"), tensors, new Dictionary<string, string> { ["x"] = "1", ["y"] = "2" });
        SafetensorsWriter.Write(At("2"), tensors.Reverse(), new Dictionary<string, string> { ["y"] = "2", ["x"] = "1" });
        Assert.Equal(File.ReadAllBytes(At("1")), File.ReadAllBytes(At("2")));
        Assert.Equal(0, (BitConverter.ToInt64(File.ReadAllBytes(At("1"))) + 8) % 8);
    }

    [Fact]
    public void Write_SourceThatFailsOrFallsShort_LeavesTheOldFileAndNoOther()
    {
        File.WriteAllText(At("old"), "old");
        Assert.Throws<DivideByZeroException>(() => SafetensorsWriter.Write(At("old"), [new TensorSource("a", ElementType.U8, [4], _ => throw new DivideByZeroException())]));
        var error = Assert.Throws<CheckpointException>(() => SafetensorsWriter.Write(At("old"), [new TensorSource("a", ElementType.U8, [4], s => s.WriteByte(1))]));
        Assert.Contains("tensor 'a': found 1 bytes written, expected 4", error.Message);
        Assert.Equal("old", File.ReadAllText(At("old")));
        Assert.Equal([At("old")], Directory.GetFiles(folder));
    }

    [Fact]
    public void Write_NameTwice_Throws() =>
        Assert.Throws<CheckpointException>(() => SafetensorsWriter.Write(At("t"), [TensorSource.Floats("a", [1], new float[1]), TensorSource.Floats("a", [1], new float[1])]));

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "'a': found data_offsets [0, 8]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "found 71 bytes, expected 70")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "'a': found 8 bytes of data, expected 12 for F32 [3]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "shape with -2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "shape with 1.5")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,8]}}""", 8, "below 2^63")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "data_offsets [8, 0]")]
    [InlineData("""{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", 8, "dtype F33, expected one of F64, F32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "'a': found no data_offsets")]
    [InlineData("""{"a":{"dtype":3,"shape":[2],"data_offsets":[0,8]}}""", 8, "found JSON Number, expected JSON String")]
    [InlineData("""{"a":7}""", 8, "'a': found JSON Number")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6, "'b': found data from byte")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}}""", 6, "'b': found data from byte")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "'a': found the name twice")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "'__metadata__': found JSON Number")]
    [InlineData("[]", 0, "header that is JSON Array")]
    [InlineData("{\"a\":", 0, "not JSON")]
    public void Open_WrongHeader_SaysWhatAndWhere(string header, int dataBytes, string message)
    {
        string path = Raw(header, dataBytes);
        var error = Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(path));
        Assert.StartsWith(path, error.Message);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData(1000ul)]
    [InlineData(ulong.MaxValue)]
    [InlineData(long.MaxValue)]
    public void Open_HeaderLengthBeyondTheFile_Throws(ulong headerLength) =>
        Assert.Contains($"a header of {headerLength} bytes, expected at most 2", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(Raw("{}", 0, headerLength))).Message);

    [Fact]
    public void Open_FileMissingOrTooShort_Throws()
    {
        Assert.Contains("no such file", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(At("none"))).Message);
        File.WriteAllBytes(At("empty"), []);
        Assert.Contains("0 bytes", Assert.Throws<CheckpointException>(() => SafetensorsFile.Open(At("empty"))).Message);
    }

    [Fact]
    public void Read_WrongNameOrType_SaysBoth()
    {
        SafetensorsWriter.Write(At("f"), [TensorSource.Raw<long>("i", ElementType.I64, [1], new long[1]), TensorSource.Floats("f", [1], new float[1])]);
        using var file = SafetensorsFile.Open(At("f"));
        Assert.Contains("tensor 'x': found no such tensor, expected one of the file's 2", Assert.Throws<CheckpointException>(() => file.ReadFloats("x")).Message);
        Assert.Contains("type I64, expected F32", Assert.Throws<CheckpointException>(() => file.ReadFloats("i")).Message);
        Assert.Contains("type F32, expected I64", Assert.Throws<CheckpointException>(() => file.ReadInt64("f")).Message);
    }
}
