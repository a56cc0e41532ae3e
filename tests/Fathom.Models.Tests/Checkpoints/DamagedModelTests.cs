// A model folder with one thing wrong: the error names the file, the tensor, what was found and what was expected.
using System.Text.Json.Nodes;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Testing;

namespace Fathom.Models.Tests.Checkpoints;

public sealed class DamagedModelTests : IDisposable
{
    const string Tensor = "model.layers.1.mlp.down_proj.weight"; // [24, 40]

    readonly string folder = Directory.CreateTempSubdirectory("fathom-damaged-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    string At(string name) => Path.Combine(folder, name);

    // Saves a small model, its tensors changed, in one file or in shards.
    void Save(Func<TensorSource, TensorSource?> change, long shardBytes = ModelFolder.DefaultShardBytes)
    {
        using DecoderModel model = DecoderModel.Initialize(ToyPresets.Llama, 1);
        File.WriteAllText(At(ModelFolder.ConfigFileName), model.Config.ToJson());
        ModelFolder.Write(folder, model.Parameters.ToSources(ElementType.F32).Select(change).OfType<TensorSource>(), shardBytes);
    }

    static TensorSource With(TensorSource tensor, Func<TensorSource?> changed) => tensor.Name == Tensor ? changed()! : tensor;

    // Both ways to a model end in the same error.
    string Said()
    {
        string opened = Assert.Throws<CheckpointException>(() => DecoderModel.Open(folder).Dispose()).Message;
        Assert.Equal(opened, Assert.Throws<CheckpointException>(() => DecoderModel.Load(folder).Dispose()).Message);
        return opened;
    }

    [Fact]
    public void Model_Undamaged_Opens()
    {
        Save(tensor => tensor);
        DecoderModel.Open(folder).Dispose();
        DecoderModel.Load(folder).Dispose();
    }

    [Fact]
    public void Model_MissingTensor_IsNamedWithItsShape()
    {
        Save(tensor => With(tensor, () => null));
        Assert.Equal($"{folder}: tensor '{Tensor}': found no such tensor among the model's 20, expected one of shape [24, 40]", Said());
    }

    [Fact]
    public void Model_WrongShape_IsNamedWithBothShapes()
    {
        Save(tensor => With(tensor, () => TensorSource.Floats(Tensor, [40, 24], new float[960])));
        Assert.Equal($"{At(ModelFolder.SingleFileName)}: tensor '{Tensor}': found shape [40, 24], expected [24, 40]", Said());
    }

    [Fact]
    public void Model_WrongType_IsNamedWithThoseThatAreRead()
    {
        Save(tensor => With(tensor, () => TensorSource.Raw<long>(Tensor, ElementType.I64, [24, 40], new long[960])));
        Assert.Equal($"{At(ModelFolder.SingleFileName)}: tensor '{Tensor}': found type I64, expected F32, BF16, F16, F64 or F8_E4M3", Said());
    }

    [Fact]
    public void Model_MissingShard_IsNamedWithATensorOfIt()
    {
        Save(tensor => tensor, shardBytes: 8_000);
        string shard = ShardOf(Tensor);
        File.Delete(shard);
        Assert.Matches($"^{shard}: tensor 'model\\..*': found no such file, expected the shard that model.safetensors.index.json names for it$", Said());
    }

    [Fact]
    public void Model_ShardWithoutATensorOfTheIndex_IsNamed()
    {
        Save(tensor => tensor, shardBytes: 8_000);
        string shard = ShardOf(Tensor);
        string other = Directory.GetFiles(folder, "*.safetensors").First(path => path != shard);
        EditIndex(map => map[Tensor] = Path.GetFileName(other));
        Assert.Matches($"^{other}: tensor '{Tensor}': found no such tensor among the file's [0-9]+, expected it here, as model.safetensors.index.json says$", Said());
    }

    [Fact]
    public void Model_TensorThatTheIndexForgets_IsNamed()
    {
        Save(tensor => tensor, shardBytes: 8_000);
        EditIndex(map => map.Remove(Tensor));
        Assert.Equal($"{folder}: tensor '{Tensor}': found no such tensor among the model's 20, expected one of shape [24, 40]", Said());
    }

    [Fact]
    public void Model_CutShard_IsNamed()
    {
        Save(tensor => tensor, shardBytes: 8_000);
        string shard = ShardOf(Tensor);
        File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..^1]);
        Assert.StartsWith($"{shard}: tensor '", Said());
        Assert.Contains("is it truncated?", Said());
    }

    [Fact]
    public void Model_ConfigOfALargerModel_IsRefusedBeforeMemoryIsTaken()
    {
        Save(tensor => tensor);
        File.WriteAllText(At(ModelFolder.ConfigFileName), (ToyPresets.Llama with { VocabularySize = 1 << 24, HiddenSize = 1 << 18 }).ToJson());
        Assert.Equal($"{At(ModelFolder.SingleFileName)}: tensor 'model.embed_tokens.weight': found shape [37, 24], expected [16777216, 262144]", Said());
    }

    [Fact]
    public void Model_NameThatCommandsATerminal_IsShownWithoutThat()
    {
        string name = "\u001b[2J" + new string('x', 2000);
        SafetensorsWriter.Write(At("f"), [TensorSource.Floats(name, [1], new float[1])]);
        using var file = SafetensorsFile.Open(At("f"));
        string message = Assert.Throws<CheckpointException>(() => file.ReadInt64(name)).Message;
        Assert.DoesNotContain(message, char.IsControl);
        Assert.InRange(message.Length, 300, 600);
    }

    [Fact]
    public void Model_OfSymbolicLinks_OpensAsThoseOfHuggingFacesCacheDo()
    {
        Save(tensor => tensor);
        string links = Directory.CreateDirectory(At("snapshot")).FullName;
        foreach (string name in new[] { ModelFolder.ConfigFileName, ModelFolder.SingleFileName })
        {
            File.CreateSymbolicLink(Path.Combine(links, name), Path.Combine("..", name));
        }

        DecoderModel.Open(links).Dispose();
        DecoderModel.Load(links).Dispose();
    }

    string ShardOf(string tensor) => At(JsonNode.Parse(File.ReadAllText(At(ModelFolder.IndexFileName)))!["weight_map"]![tensor]!.GetValue<string>());

    void EditIndex(Action<JsonObject> edit)
    {
        JsonNode index = JsonNode.Parse(File.ReadAllText(At(ModelFolder.IndexFileName)))!;
        edit(index["weight_map"]!.AsObject());
        File.WriteAllText(At(ModelFolder.IndexFileName), index.ToJsonString());
    }
}
