// Which files a pull takes: the main weights in one form, and what describes them.
using Fathom.Models.Hub;
using Fathom.Testing.Hub;

namespace Fathom.Models.Tests.Hub;

public sealed class FileSelectionTests : IDisposable
{
    readonly PullFixture at = new();

    public void Dispose() => at.Dispose();

    HubModel Add(params string[] paths)
    {
        HubModel model = at.Server.Add("o/m");
        foreach (string path in paths)
        {
            model.With(path, path);
        }

        return model;
    }

    string[] Pulled(string? file = null) => [.. at.Pull("o/m", file).Model.Files.Select(f => f.Path).Order(StringComparer.Ordinal)];

    [Fact]
    public void Choose_SafetensorsRepository_LeavesOtherFormsVariantsAndCodeOut()
    {
        string[] needed =
        [
            "added_tokens.json", "chat_template.jinja", "config.json", "generation_config.json", "model.safetensors", "special_tokens_map.json", "tokenizer.json",
            "tokenizer.model", "tokenizer_config.json",
        ];
        Add(
        [
            .. needed, "README.md", "LICENSE", "pytorch_model.bin", "model.fp16.safetensors", "consolidated.safetensors", "original/consolidated.00.pth", "original/config.json",
            "onnx/model.onnx", "modeling_deepseek.py", "tokenization_deepseek.py", "figures/benchmark.png", "model-Q4_K_M.gguf", "tf_model.h5", "flax_model.msgpack",
        ]);
        Assert.Equal(needed, Pulled());
    }

    [Fact]
    public void Choose_Shards_TakesThoseOfTheIndex()
    {
        Add("config.json", "model-00001-of-000002.safetensors", "model-00002-of-000002.safetensors", "model-00009-of-000009.safetensors")
            .With("model.safetensors.index.json", """{"metadata": {}, "weight_map": {"a": "model-00002-of-000002.safetensors", "b": "model-00001-of-000002.safetensors", "c": "model-00002-of-000002.safetensors"}}""");
        Assert.Equal(["config.json", "model-00001-of-000002.safetensors", "model-00002-of-000002.safetensors", "model.safetensors.index.json"], Pulled());
        Assert.Single(at.Server.Requests, request => request.IsFor("index.json"));
    }

    [Theory]
    [InlineData("""{"weight_map": {"a": "model-00003.safetensors"}}""", "the shard 'model-00003.safetensors'")]
    [InlineData("""{"weight_map": {"a": "../../etc/passwd"}}""", "the shard '../../etc/passwd'")]
    [InlineData("""{"weight_map": {"a": "config.json"}}""", "the shard 'config.json'")]
    [InlineData("""{"weight_map": {"a": 3}}""", "not readable")]
    [InlineData("""{"weight_map": []}""", "not readable")]
    [InlineData("nonsense", "not readable")]
    public void Choose_WrongIndex_NamesIt(string index, string message)
    {
        Add("config.json").With("model.safetensors.index.json", index);
        string said = at.Fails("o/m");
        Assert.StartsWith("o/m, model.safetensors.index.json: ", said);
        Assert.Contains(message, said);
    }

    [Fact]
    public void Choose_OneGguf_TakesItAlone()
    {
        Add("config.json", "README.md", "m.gguf");
        Assert.Equal(["m.gguf"], Pulled());
        StoredModel stored = at.Store.Find(ModelReference.Parse("o/m"));
        Assert.Equal("GGUF", stored.Format);
        Assert.Equal(Path.Combine(stored.Folder, "m.gguf"), stored.Locate(null));
    }

    [Fact]
    public void Choose_SeveralGgufs_ListsThemWithSizes()
    {
        Add("m-Q4_K_M.gguf", "m-Q8_0.gguf", "UD/m-IQ1_S-00001-of-00002.gguf", "UD/m-IQ1_S-00002-of-00002.gguf");
        string message = Assert.Throws<ModelNameException>(() => at.Pull("o/m")).Message;
        Assert.Contains("has 3 GGUF files; choose one with --file", message);
        Assert.Contains("\n  m-Q4_K_M.gguf (0.00 GB)", message);
        Assert.Contains("\n  UD/m-IQ1_S-00001-of-00002.gguf (0.00 GB in 2 parts)", message);
    }

    [Theory]
    [InlineData("Q8_0")]
    [InlineData("m-Q8_0.gguf")]
    [InlineData("*q8_0*")]
    [InlineData("m-Q?_0.gguf")]
    public void Choose_Pattern_TakesTheOneThatFits(string pattern)
    {
        Add("m-Q4_K_M.gguf", "m-Q8_0.gguf");
        Assert.Equal(["m-Q8_0.gguf"], Pulled(pattern));
    }

    [Fact]
    public void Choose_WholeName_GoesBeforeNamesThatHoldIt()
    {
        Add("m.gguf", "mmproj-m.gguf");
        Assert.Equal(["m.gguf"], Pulled("m.gguf"));
        Assert.Equal("o/m", at.Pull("o/m/mmproj-m.gguf").Model.Name);
    }

    [Fact]
    public void Choose_SplitGguf_TakesAllPartsAndLocatesTheFirst()
    {
        Add("m-Q4_K_M.gguf", "UD/m-IQ1_S-00001-of-00003.gguf", "UD/m-IQ1_S-00002-of-00003.gguf", "UD/m-IQ1_S-00003-of-00003.gguf");
        Assert.Equal(["UD/m-IQ1_S-00001-of-00003.gguf", "UD/m-IQ1_S-00002-of-00003.gguf", "UD/m-IQ1_S-00003-of-00003.gguf"], Pulled("IQ1_S"));
        StoredModel stored = at.Store.Find(ModelReference.Parse("o/m"));
        Assert.EndsWith("UD/m-IQ1_S-00001-of-00003.gguf", stored.Locate(null).Replace('\\', '/'));
        // A second quantisation joins the first; then one must be named.
        Assert.Equal(4, Pulled("Q4_K_M").Length);
        stored = at.Store.Find(ModelReference.Parse("o/m"));
        Assert.Contains("o/m/m-Q4_K_M.gguf", Assert.Throws<ModelNameException>(() => stored.Locate(null)).Message);
        Assert.EndsWith("m-Q4_K_M.gguf", stored.Locate("m-Q4_K_M.gguf"));
        Assert.Contains("has no 'x.gguf'", Assert.Throws<ModelNameException>(() => stored.Locate("x.gguf")).Message);
    }

    [Theory]
    [InlineData("Q4", "that fit 'Q4'; choose one with --file")]
    [InlineData("Q3", "no GGUF file of o/m fits 'Q3'")]
    public void Choose_PatternThatFitsSeveralOrNone_ListsThem(string pattern, string message)
    {
        Add("m-Q4_K_M.gguf", "m-Q4_K_S.gguf", "m-Q8_0.gguf");
        string said = Assert.Throws<ModelNameException>(() => at.Pull("o/m", pattern)).Message;
        Assert.Contains(message, said);
        Assert.Contains("m-Q4_K_S.gguf", said);
    }

    [Theory]
    [InlineData("m-00001-of-00003.gguf", "m-00003-of-00003.gguf")]
    [InlineData("m-00002-of-00002.gguf")]
    [InlineData("m-00001-of-00002.gguf", "m-00007-of-00002.gguf")]
    public void Choose_SplitGgufWithMissingParts_NamesThoseThere(params string[] parts)
    {
        Add(parts);
        string message = at.Fails("o/m");
        Assert.Contains(parts[^1], message);
        Assert.Contains("expected", message);
    }

    [Fact]
    public void Choose_NothingReadable_SaysWhatIsThere()
    {
        Add("config.json", "pytorch_model.bin");
        Assert.Contains("neither model.safetensors, model.safetensors.index.json nor a GGUF file; it has pytorch_model.bin, config.json", at.Fails("o/m"));
    }

    [Fact]
    public void Choose_FileOfASafetensorsRepository_TakesTheGguf()
    {
        Add("config.json", "model.safetensors", "m-Q8_0.gguf");
        Assert.Equal(["m-Q8_0.gguf"], Pulled("Q8_0"));
    }
}
