// Damaged model folders: an index that lies about its shards, a config that lies about the weights.
using System.Text;
using System.Text.Json.Nodes;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Testing;
using Fathom.Testing.Mutations;

namespace Fathom.Models.Tests.BadInput;

public sealed class FolderMutationTests : IDisposable
{
    const int IndexMutations = 8_000, ConfigMutations = 4_000;

    readonly string folder = Directory.CreateTempSubdirectory("fathom-bad-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string At(string name) => Path.Combine(folder, name);

    static ReaderTrial Kept() => new(typeof(CheckpointException), typeof(ConfigException));

    [Fact]
    public void Open_IndexMutations_EndInSuccessOrATypedError()
    {
        string index = WriteShards();
        var mutator = new JsonMutator(index, seed: 51);
        var result = Kept();
        for (int i = 0; i < IndexMutations; i++)
        {
            byte[] json = mutator.Next();
            File.WriteAllBytes(At(ModelFolder.IndexFileName), json);
            result.Try($"mutation {i}", Use, json);
        }

        result.AssertKept();
    }

    [Fact]
    public void Open_IndexCutAtEveryByte_IsRefused()
    {
        string index = WriteShards().TrimEnd();
        var result = Kept();
        for (int length = 0; length <= index.Length; length++)
        {
            string cut = index[..length];
            File.WriteAllText(At(ModelFolder.IndexFileName), cut);
            result.Try($"cut at {length}", Use, Encoding.UTF8.GetBytes(cut));
        }

        result.AssertKept();
        Assert.Equal((1, index.Length), (result.Accepted, result.Refused));
    }

    [Fact]
    public void Open_FoundIndexes_EndInATypedError()
    {
        WriteShards();
        foreach (string path in FoundCases.Of("index"))
        {
            File.Copy(path, At(ModelFolder.IndexFileName), overwrite: true);
            Assert.Throws<CheckpointException>(Use);
        }
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("qwen2")]
    public void Model_ConfigMutations_EndInAModelOrATypedError(string preset)
    {
        using (DecoderModel model = DecoderModel.Initialize(ToyPresets.All[preset], 1))
        {
            model.Save(folder);
        }

        var mutator = new JsonMutator(File.ReadAllText(At(ModelFolder.ConfigFileName)), seed: 61);
        var result = Kept();
        for (int i = 0; i < ConfigMutations / 2; i++)
        {
            byte[] json = mutator.Next();
            File.WriteAllBytes(At(ModelFolder.ConfigFileName), json);
            result.Try($"mutation {i}, opened", () => DecoderModel.Open(folder).Dispose(), json);
            result.Try($"mutation {i}, loaded", () => DecoderModel.Load(folder).Dispose(), json);
        }

        result.AssertKept();
    }

    void Use()
    {
        using ModelFolder model = ModelFolder.Open(folder);
        foreach (string name in model.Names)
        {
            Assert.Equal(name, model.Entry(name).Name);
            _ = model.ReadFloats(name, [.. model.Entry(name).Shape.Select(size => (int)size)]);
        }
    }

    // Four tensors in two shards; gives the index.
    string WriteShards()
    {
        ModelFolder.Write(folder, Enumerable.Range(0, 4).Select(i => TensorSource.Floats($"t{i}", [2, 3], new float[] { i, 1, 2, 3, 4, 5 })), shardBytes: 60);
        return File.ReadAllText(At(ModelFolder.IndexFileName));
    }
}
