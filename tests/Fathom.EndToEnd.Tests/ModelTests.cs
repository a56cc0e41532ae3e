// Models from nothing and from outside: init, inspect, tokenize, generate, verify.
using System.Text.Json;
using Fathom.Models.Checkpoints;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Testing;

namespace Fathom.EndToEnd.Tests;

public sealed class ModelTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Init(string name, params string[] more)
    {
        Executable.Run(["init", "nano", "-o", _folder.In(name), .. more]).Ends(0);
        return _folder.In(name);
    }

    [Fact]
    public void Init_SameSeed_SameBits_OtherSeed_OtherBits()
    {
        byte[] Weights(string folder) => File.ReadAllBytes(Path.Combine(folder, "model.safetensors"));
        byte[] first = Weights(Init("a", "--seed", "1"));
        Assert.Equal(first, Weights(Init("b", "--seed", "1", "--threads", "1")));
        Assert.NotEqual(first, Weights(Init("c", "--seed", "2")));
    }

    [Fact]
    public void Inspect_FolderAndPreset_Agree()
    {
        string model = Init("m", "--type", "bf16");
        JsonElement folder = Executable.Run("inspect", model, "--json").Json(), preset = Executable.Run("inspect", "nano", "--json").Json();
        Assert.Equal("DeepseekV3ForCausalLM", folder.GetProperty("architecture").GetString());
        foreach (string key in new[] { "parameters", "activeParameters" })
            Assert.Equal(preset.GetProperty(key).GetInt64(), folder.GetProperty(key).GetInt64());
        // BF16 is half of FP32, but for the selection biases: 3 layers of 8, which stay FP32.
        Assert.Equal(preset.GetProperty("bytes").GetInt64() / 2 + 3 * 8 * 2, folder.GetProperty("bytes").GetInt64());
        // 4 layers, a latent of 48 and a rotary key of 8.
        Assert.Equal(4 * 56 * 2, folder.GetProperty("cacheBytesPerToken").GetInt64());
        Assert.Equal(folder.GetProperty("tensors").GetArrayLength(), preset.GetProperty("tensors").GetArrayLength());
        Assert.True(folder.GetProperty("tokenizer").GetProperty("chatTemplate").GetBoolean());
    }

    [Fact]
    public void Inspect_DeepSeekV3_HasThePublishedSizes()
    {
        JsonElement v3 = Executable.Run("inspect", "deepseek-v3", "--json").Json();
        Assert.Equal(671e9, v3.GetProperty("parameters").GetDouble(), 0.5e9);
        Assert.Equal(37e9, v3.GetProperty("activeParameters").GetDouble(), 1e9);
        // 61 layers of 512 + 64 in BF16: 70 KB.
        Assert.Equal(61 * 576 * 2, v3.GetProperty("cacheBytesPerToken").GetInt64());
        Assert.Contains("latent", Executable.Run("inspect", "deepseek-v3").Ends(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tokenize_TextWithTheSpellingOfAMark_StaysText()
    {
        string model = Init("m");
        int[] Ids(params string[] more) => [.. Executable.Run(["tokenize", model, "--json", .. more]).Json().GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        // One token per byte.
        Assert.Equal("</think>é"u8.ToArray().Length, Ids("--text", "</think>é").Length);
        Assert.Equal(Ids("--text", "ab").Length + 1, Ids("--text", "ab", "--bos").Length);
        Assert.Equal(Ids("--text", "ab\n"), Ids("--file", _folder.Write("text.txt", "ab\n")));
        Executable.Run("tokenize", model).Says(2, "--text", "--file");
    }

    [Fact]
    public void Generate_SameSeed_SameTextAndLogProbabilitiesInAnyCompany()
    {
        string model = Init("m");
        JsonElement Samples(params string[] more) =>
            Executable.Run(["generate", model, "-p", "hello", "--max-tokens", "12", "--temperature", "1", "--top-p", "1", "--logprobs", "--json", .. more]).Json().GetProperty("samples");
        JsonElement one = Samples("--seed", "7"), many = Samples("--seed", "7", "-n", "3", "--threads", "1");
        Assert.Equal(3, many.GetArrayLength());
        Assert.Equal(one[0].ToString(), many[0].ToString());
        Assert.NotEqual(many[0].GetProperty("tokens").ToString(), many[1].GetProperty("tokens").ToString());
        Assert.Equal(one[0].GetProperty("tokens").GetArrayLength(), one[0].GetProperty("logProbabilities").GetArrayLength());
        Assert.All(one[0].GetProperty("logProbabilities").EnumerateArray(), p => Assert.True(p.GetDouble() <= 0));
    }

    [Fact]
    public void Generate_Speculating_GivesTheSameTokensInFewerSteps()
    {
        string model = Init("m");
        JsonElement Run(params string[] more) =>
            Executable.Run(["generate", model, "--raw", "-p", "hello hello hello", "--max-tokens", "40", "--temperature", "0", "--json", .. more]).Json();
        JsonElement plain = Run(), lookup = Run("--speculate", "lookup"), twin = Run("--speculate", model, "--draft-tokens", "3");
        foreach (JsonElement guessed in new[] { lookup, twin })
        {
            Assert.Equal(plain.GetProperty("samples").ToString(), guessed.GetProperty("samples").ToString());
            JsonElement statistics = guessed.GetProperty("statistics");
            Assert.InRange(statistics.GetProperty("acceptedTokens").GetInt32(), 0, statistics.GetProperty("draftedTokens").GetInt32());
        }
        Assert.Equal(40, plain.GetProperty("statistics").GetProperty("steps").GetInt32());
        // A model guesses what it says itself: four tokens a step.
        Assert.InRange(twin.GetProperty("statistics").GetProperty("steps").GetInt32(), 10, 12);
        Executable.Run("generate", model, "-p", "x", "--speculate", "mtp").Says(1, "no multi-token-prediction module");
        Executable.Run("generate", model, "-p", "x", "--speculate", "lookup", "--draft-tokens", "17").Says(2, "1 to 16");
    }

    [Fact]
    public void Generate_Constrained_HasTheForm()
    {
        string model = Init("m");
        string Text(params string[] form) => Executable.Run(["generate", model, "--raw", "-p", "hello", "--max-tokens", "60", "--json", .. form]).Json()
            .GetProperty("samples")[0].GetProperty("text").GetString()!;
        // A random model would not write these by chance.
        Assert.Matches("^[a-c]{3,6}-[0-9]{2}$", Text("--regex", "[a-c]{3,6}-[0-9]{2}"));
        string schema = Path.Combine(_folder.Path, "schema.json"), grammar = Path.Combine(_folder.Path, "list.gbnf");
        File.WriteAllText(schema, """{"type": "object", "properties": {"n": {"type": "integer", "minimum": 5, "maximum": 7}}, "required": ["n"], "additionalProperties": false}""");
        Assert.InRange(JsonDocument.Parse(Text("--json-schema", schema)).RootElement.GetProperty("n").GetInt32(), 5, 7);
        File.WriteAllText(grammar, "root ::= \"- \" [x-z]+ \"!\"");
        Assert.StartsWith("- ", Text("--grammar", grammar), StringComparison.Ordinal);
        Executable.Run("generate", model, "-p", "x", "--regex", "(a").Says(1, "pattern, line 1, column 3");
        Executable.Run("generate", model, "-p", "x", "--json-schema", schema + "x").Says(1, "schema.jsonx");
        Executable.Run("generate", model, "-p", "x", "--json-answer", "--regex", "a").Says(2, "--json-answer");
    }

    [Fact]
    public void Generate_Streamed_IsTheSameTextAsJson()
    {
        string model = Init("m");
        string[] arguments = ["generate", model, "--raw", "-p", "hello", "--max-tokens", "64", "--seed", "3"];
        string text = Executable.Run([.. arguments, "--json"]).Json().GetProperty("samples")[0].GetProperty("text").GetString()!;
        Assert.Equal(text + Environment.NewLine, Executable.Run(arguments).Ends(0).Output);
        // A stop text of two visible characters, hence of two tokens: what was streamed must not run into it.
        int at = Enumerable.Range(1, text.Length - 2).First(i => text[i] is > ' ' and < (char)127 && text[i + 1] is > ' ' and < (char)127);
        string stop = text.Substring(at, 2), before = text[..text.IndexOf(stop, StringComparison.Ordinal)];
        Assert.Equal(before + Environment.NewLine, Executable.Run([.. arguments, "--stop", stop]).Ends(0).Output);
    }

    [Fact]
    public void Generate_ReasoningBudget_EndsTheReasoning()
    {
        string model = Init("m");
        string text = Executable.Run("generate", model, "-p", "hello", "--max-tokens", "24", "--reasoning-budget", "5", "--repetition-penalty", "1.2", "--json").Json().GetProperty("samples")[0].GetProperty("text").GetString()!;
        Assert.Contains("</think>", text, StringComparison.Ordinal);
        Executable.Run("generate", model, "-p", "x", "--presence-penalty", "3").Says(2, "--presence-penalty", "3");
    }

    [Fact]
    public unsafe void Verify_OwnLogits_PassAndChangedOnes_Fail()
    {
        string path = Init("m"), good = _folder.In("good.safetensors"), bad = _folder.In("bad.safetensors");
        long[] ids = [.. Enumerable.Range(0, 12).Select(i => (long)(i * 37 % 256))];
        using (DecoderModel model = DecoderModel.Load(path))
        using (var tape = new Tape())
        using (var batch = new PackedBatch())
        {
            batch.Clear();
            batch.Add([.. ids.Select(id => (int)id)]);
            float[] logits = model.Logits(tape, model.Forward(tape, batch)).Span.ToArray();
            Write(good, logits);
            logits[^1] += 1;
            Write(bad, logits);
        }
        JsonElement passed = Executable.Run("verify", path, good, "--json").Ends(0).Json();
        Assert.True(passed.GetProperty("passed").GetBoolean());
        Assert.Equal(["logits", "logits (cached decoding)"], passed.GetProperty("checks").EnumerateArray().Select(check => check.GetProperty("name").GetString()!));
        Assert.Contains("DIFFERS", Executable.Run("verify", path, bad).Ends(1).Output, StringComparison.Ordinal);
        Assert.False(Executable.Run("verify", path, bad, "--json").Ends(1).Json().GetProperty("passed").GetBoolean());

        void Write(string file, float[] logits) => SafetensorsWriter.Write(file,
        [
            TensorSource.Raw<long>("input_ids", ElementType.I64, [1, ids.Length], ids),
            TensorSource.Floats("logits", [1, ids.Length, logits.Length / ids.Length], logits),
        ]);
    }

    [SharedDataTheory]
    [InlineData("deepseek_v1")]
    [InlineData("deepseek_v2_group")]
    [InlineData("deepseek_v2_lite")]
    [InlineData("deepseek_v3")]
    [InlineData("llama3")]
    [InlineData("qwen2_tied")]
    [InlineData("qwen2_untied")]
    public void Verify_ReferenceVectors_AllChecksPass(string name)
    {
        string folder = SharedData.Path("vectors", name);
        JsonElement result = Executable.Run("verify", folder, Path.Combine(folder, "vectors.safetensors"), "--json").Json();
        JsonElement[] checks = [.. result.GetProperty("checks").EnumerateArray()];
        Assert.All(checks, check =>
        {
            Assert.True(check.GetProperty("passed").GetBoolean(), check.ToString());
            Assert.True(check.GetProperty("maxAbs").GetDouble() <= check.GetProperty("tolerance").GetDouble(), check.ToString());
        });
        Assert.True(result.GetProperty("passed").GetBoolean());
        string[] names = [.. checks.Select(check => check.GetProperty("name").GetString()!)];
        Assert.Contains("logits", names);
        bool hasGradients = Directory.GetFiles(folder, "grads*.safetensors").Length > 0;
        Assert.Equal(hasGradients, names.Any(check => check.StartsWith("gradient ", StringComparison.Ordinal)));
        Assert.Equal(name == "deepseek_v3", names.Contains("mtp.logits"));
    }

    [SharedDataFact]
    public void Verify_Stories_GivesTheRecordedIds()
    {
        string folder = SharedData.Path("real", "stories260k");
        Outcome outcome = Executable.Run("verify", folder, Path.Combine(folder, "expected.safetensors")).Ends(0);
        Assert.Contains("greedy_ids", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("All 2 checks passed.", outcome.Output, StringComparison.Ordinal);
        Executable.Run("generate", folder, "-p", "Once").Says(1, "no tokenizer");
    }
}
