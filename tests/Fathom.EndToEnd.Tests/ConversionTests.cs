// Models in other forms: convert, quantize, and what they leave behind for the other verbs.
using System.Text.Json;
using Fathom.Testing;

namespace Fathom.EndToEnd.Tests;

public sealed class ConversionTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Init(params string[] more)
    {
        Executable.Run(["init", "nano", "-o", _folder.In("model"), .. more]).Ends(0);
        return _folder.In("model");
    }

    static int[] Tokens(string model, string text) =>
        [.. Executable.Run("tokenize", model, "--text", text, "--json").Json().GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];

    static string Generated(string model) =>
        Executable.Run("generate", model, "-p", "hello", "--max-tokens", "8", "--temperature", "0", "--json").Json().GetProperty("samples")[0].GetProperty("tokens").ToString();

    [Fact]
    public void Convert_ToGgufAndBack_IsTheSameModel()
    {
        string model = Init();
        string gguf = _folder.In("model.gguf"), back = _folder.In("back");
        JsonElement written = Executable.Run("convert", model, "-o", gguf, "--json").Json();
        Assert.Equal("f32", written.GetProperty("type").GetString());
        Assert.Equal(new FileInfo(gguf).Length, written.GetProperty("bytes").GetInt64());
        Executable.Run("convert", gguf, "-o", back, "--type", "f32").Ends(0);
        Assert.Equal(File.ReadAllBytes(Path.Combine(model, "model.safetensors")), File.ReadAllBytes(Path.Combine(back, "model.safetensors")));
        Assert.Equal(File.ReadAllText(Path.Combine(model, "config.json")), File.ReadAllText(Path.Combine(back, "config.json")));
        foreach (string other in new[] { gguf, back })
        {
            Assert.Equal(Tokens(model, "a <think> b"), Tokens(other, "a <think> b"));
            Assert.Equal(Generated(model), Generated(other));
        }
    }

    [Fact]
    public void Convert_BetweenFormats_KeepsTheDialectAndShardsAsked()
    {
        string model = Init("--type", "bf16");
        string joined = _folder.In("joined.gguf");
        Executable.Run("convert", model, "-o", joined, "--mla", "joined", "--shard-size", "0.001").Ends(0);
        string[] parts = Directory.GetFiles(Path.GetDirectoryName(joined)!, "joined-*.gguf");
        Assert.True(parts.Length > 1);
        JsonElement inspected = Executable.Run("inspect", parts[0], "--json").Json();
        Assert.Contains(inspected.GetProperty("tensors").EnumerateArray(), tensor => tensor.GetProperty("name").GetString() == "blk.0.attn_kv_b.weight" && tensor.GetProperty("type").GetString() == "BF16");
        Executable.Run("convert", parts[0], "-o", _folder.In("fp8"), "--type", "fp8").Ends(0);
        Assert.Contains("weight_scale_inv", File.ReadAllText(Path.Combine(_folder.In("fp8"), "model.safetensors")), StringComparison.Ordinal);
        Executable.Run("convert", _folder.In("fp8"), "-o", _folder.In("plain"), "--type", "bf16").Ends(0);
        Assert.Equal("bfloat16", JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.In("plain"), "config.json"))).RootElement.GetProperty("torch_dtype").GetString());
    }

    [Fact]
    public void Quantize_SaysWhatWasLost()
    {
        string model = Init(), text = _folder.Write("text.txt", string.Concat(Enumerable.Repeat("Some words, some numbers: 1 2 3. ", 20)));
        JsonElement result = Executable.Run("quantize", model, "-o", _folder.In("q.gguf"), "--type", "q8_0", "--importance", text, "--text", text, "--json").Json();
        Assert.InRange(result.GetProperty("bitsPerWeight").GetDouble(), 8.5, 9.5);
        Assert.InRange(result.GetProperty("relativeError").GetDouble(), 1e-4, 0.01);
        double before = result.GetProperty("perplexityBefore").GetDouble(), after = result.GetProperty("perplexityAfter").GetDouble();
        Assert.InRange(after / before, 0.99, 1.01);
        Assert.Equal(before, Executable.Run("perplexity", model, text, "--window", "512", "--json").Json().GetProperty("perplexity").GetDouble(), 1e-9);
        Assert.Contains(result.GetProperty("tensors").EnumerateArray(), tensor => tensor.GetProperty("name").GetString() == "blk.1.ffn_down_exps.weight" && tensor.GetProperty("relativeError").GetDouble() > 0);
        string table = Executable.Run("quantize", model, "-o", _folder.In("q4.gguf"), "--threads", "1").Ends(0).Output;
        Assert.Contains("MB of FP16 per second", table, StringComparison.Ordinal);
        Assert.Contains("largest errors", table, StringComparison.Ordinal);
        // The same bytes whatever the number of threads.
        Directory.CreateDirectory(_folder.In("again"));
        Executable.Run("quantize", model, "-o", Path.Combine(_folder.In("again"), "q4.gguf"), "--threads", "3").Ends(0);
        Assert.Equal(File.ReadAllBytes(_folder.In("q4.gguf")), File.ReadAllBytes(Path.Combine(_folder.In("again"), "q4.gguf")));
    }

    [Fact]
    public void WrongUsage_IsNamed()
    {
        string model = Init();
        Executable.Run("convert", model, "-o", _folder.In("x.gguf"), "--type", "fp8").Says(2, "GGUF has no such format");
        Executable.Run("convert", model, "-o", _folder.In("x"), "--type", "q4_k").Says(2, "q4_k", "fp8");
        Executable.Run("convert", model, "-o", model).Says(2, "is not an empty folder");
        Executable.Run("convert", model, "-o", _folder.In("x"), "--shard-size", "-5").Says(2, "--shard-size is -5");
        Executable.Run("quantize", model, "-o", _folder.In("x")).Says(2, "ends in .gguf");
        Executable.Run("quantize", model, "-o", _folder.In("x.gguf"), "--text", _folder.In("none.txt")).Says(2, "there is no file");
        Executable.Run("convert", _folder.Write("bad.gguf", "GGUF but nothing else, not even a header"), "-o", _folder.In("y")).Says(1, "bad.gguf", "version");
    }

    [SharedDataFact]
    public void Verify_OfAGgufFile_Passes()
    {
        string model = SharedData.Path("vectors", "llama3"), gguf = _folder.In("llama3.gguf");
        Executable.Run("convert", model, "-o", gguf).Ends(0);
        Executable.Run("verify", gguf, Path.Combine(model, "vectors.safetensors")).Ends(0);
    }
}
