using Fathom.Models.Checkpoints;

namespace Fathom.Models.Tests.Checkpoints;

public sealed class ModelFolderTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("fathom-folder-").FullName;

    static TensorSource[] Tensors => [.. Enumerable.Range(0, 5).Select(i => TensorSource.Floats($"t{i}", [2, 3], Enumerable.Range(6 * i, 6).Select(x => (float)x).ToArray()))];

    string At(string name) => Path.Combine(folder, name);

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1000, 1)]
    [InlineData(60, 3)]
    [InlineData(1, 5)]
    public void Write_AnyShardSize_ReadsBackTheSame(long shardBytes, int files)
    {
        ModelFolder.Write(folder, Tensors.Reverse(), shardBytes);
        Assert.Equal(files, Directory.GetFiles(folder, "*.safetensors").Length);
        Assert.Equal(files > 1, File.Exists(At(ModelFolder.IndexFileName)));
        using var model = ModelFolder.Open(folder);
        Assert.Equal(["t0", "t1", "t2", "t3", "t4"], model.Names.Order());
        Assert.Equal([12f, 13, 14, 15, 16, 17], model.ReadFloats("t2", 2, 3));
    }

    [Fact]
    public void Write_OverTheOtherForm_TheNewOneIsRead()
    {
        ModelFolder.Write(folder, [TensorSource.Floats("old", [1], new float[1])]);
        ModelFolder.Write(folder, Tensors, 60);
        using (var sharded = ModelFolder.Open(folder))
        {
            Assert.False(sharded.Contains("old"));
        }

        ModelFolder.Write(folder, [TensorSource.Floats("new", [1], new float[1])]);
        using var single = ModelFolder.Open(folder);
        Assert.Equal(["new"], single.Names);
        Assert.Equal([ModelFolder.SingleFileName], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Open_AHundredGigabytes_TouchesTheHeadersOnly()
    {
        // Shards with holes for data: 25 of 4 GiB, two tensors each.
        const long gib = 1L << 30;
        string map = string.Join(", ", Enumerable.Range(0, 25).SelectMany(i => new[] { $"\"a{i}\": \"s{i}.safetensors\"", $"\"b{i}\": \"s{i}.safetensors\"" }));
        File.WriteAllText(At(ModelFolder.IndexFileName), $$"""{"weight_map": { {{map}} } }""");
        for (int i = 0; i < 25; i++)
        {
            byte[] header = System.Text.Encoding.UTF8.GetBytes(
                $$"""{"a{{i}}":{"dtype":"BF16","shape":[32768,32768],"data_offsets":[0,{{2 * gib}}]},"b{{i}}":{"dtype":"BF16","shape":[32768,32768],"data_offsets":[{{2 * gib}},{{4 * gib}}]} }""");
            using FileStream file = File.Create(At($"s{i}.safetensors"));
            file.Write(BitConverter.GetBytes((ulong)header.Length));
            file.Write(header);
            file.SetLength(8 + header.Length + 4 * gib);
        }
        long before = Environment.WorkingSet;
        using var model = ModelFolder.Open(folder);
        Assert.Equal(100 * gib, model.Tensors.Sum(tensor => tensor.ByteLength));
        Assert.True(Environment.WorkingSet - before < gib / 16, $"{Environment.WorkingSet - before} bytes more in memory");
    }

    [Fact]
    public void Read_WrongShapeOrName_SaysFileTensorFoundExpected()
    {
        ModelFolder.Write(folder, Tensors, 60);
        using var model = ModelFolder.Open(folder);
        var shape = Assert.Throws<CheckpointException>(() => model.ReadFloats("t3", 3, 2));
        Assert.Equal($"{At("model-00002-of-00003.safetensors")}: tensor 't3': found shape [2, 3], expected [3, 2]", shape.Message);
        Assert.Contains("tensor 't9': found no such tensor", Assert.Throws<CheckpointException>(() => model.ReadFloats("t9", 3, 2)).Message);
    }

    [Fact]
    public void Open_MissingPieces_Throws()
    {
        Assert.Contains("found neither file", Assert.Throws<CheckpointException>(() => ModelFolder.Open(folder)).Message);
        Assert.Contains("no such folder", Assert.Throws<CheckpointException>(() => ModelFolder.Open(At("x"))).Message);
        ModelFolder.Write(folder, Tensors, 60);
        File.Delete(At("model-00003-of-00003.safetensors"));
        Assert.Contains("model-00003-of-00003.safetensors: tensor 't4': found no such file", Assert.Throws<CheckpointException>(() => ModelFolder.Open(folder)).Message);
    }

    [Theory]
    [InlineData("{}", "unreadable")]
    [InlineData("nonsense", "unreadable")]
    [InlineData("""{"weight_map":{"a":3}}""", "unreadable")]
    [InlineData("""{"weight_map":{"a":"../model.safetensors"}}""", "the name of a file in the same folder")]
    [InlineData("""{"weight_map":{"a":"s.safetensors"}}""", "tensor 'a': found no such tensor")]
    public void Open_WrongIndex_Throws(string index, string message)
    {
        SafetensorsWriter.Write(At("s.safetensors"), Tensors);
        File.WriteAllText(At(ModelFolder.IndexFileName), index);
        Assert.Contains(message, Assert.Throws<CheckpointException>(() => ModelFolder.Open(folder)).Message);
    }
}
