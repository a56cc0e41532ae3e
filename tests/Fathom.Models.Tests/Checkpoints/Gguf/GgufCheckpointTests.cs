// Files as other programs write them, made from ours by editing: dialects, left-out keys, fused tensors, and what must be refused.
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Models.Tests.Checkpoints.Gguf;

public sealed unsafe class GgufCheckpointTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-gguf-").FullName;

    string At(string name) => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    string Written(ModelConfig config, string target = "f32", MlaDialect dialect = MlaDialect.Split)
    {
        string source = At("source");
        using (DecoderModel model = DecoderModel.Initialize(config, 3))
            model.Save(source, ElementType.F32);
        using ModelFolder folder = ModelFolder.Open(source);
        ModelConversion.ToGguf(folder, At("model.gguf"), new GgufOptions { Target = GgufTarget.Find(target)!, Dialect = dialect, Name = "test" });
        return At("model.gguf");
    }

    // The same file with other metadata (a null value removes the key) and other tensors.
    string Edited(string path, Dictionary<string, object?>? keys = null, Func<TensorSource, TensorSource?>? tensor = null, params TensorSource[] more)
    {
        string edited = At($"{Guid.NewGuid():N}.gguf");
        using GgufFile file = GgufFile.Open(path);
        Dictionary<string, object> metadata = file.Metadata.ToDictionary();
        foreach ((string key, object? value) in keys ?? [])
        {
            metadata.Remove(key);
            if (value is not null)
                metadata[key] = value;
        }
        IEnumerable<TensorSource> tensors = file.Entries.Values.Select(entry =>
        {
            var bytes = new byte[entry.ByteLength];
            new ReadOnlySpan<byte>(file.Pointer(entry.Name), bytes.Length).CopyTo(bytes);
            return new TensorSource(entry.Name, entry.Type, entry.Shape, stream => stream.Write(bytes));
        });
        GgufWriter.Write(edited, metadata, [.. tensors.Select(t => tensor is null ? t : tensor(t)).OfType<TensorSource>(), .. more]);
        return edited;
    }

    static byte[] Bytes(TensorSource tensor)
    {
        using var memory = new MemoryStream();
        tensor.WriteTo(memory);
        return memory.ToArray();
    }

    static void SameNumbers(string expected, string actual)
    {
        using ICheckpoint a = Checkpoint.Open(expected), b = Checkpoint.Open(actual);
        Assert.Equal(a.Config, b.Config);
        foreach (TensorSpec spec in TensorNames.Of(a.Config))
        {
            Weight x = a.Read(spec), y = b.Read(spec);
            var (first, second) = (new float[spec.ElementCount], new float[spec.ElementCount]);
            fixed (float* f = first, s = second)
            {
                x.Decode(0, x.Rows, f);
                y.Decode(0, y.Rows, s);
            }
            Assert.Equal(first, second);
        }
    }

    [Fact]
    public void FusedExperts_AndFlatKeyHeads_AreTheSameModel()
    {
        string path = Written(ToyPresets.DeepSeekV3);
        ExpertConfig experts = ToyPresets.DeepSeekV3.Experts!;
        List<TensorSource> fused = [];
        Dictionary<string, byte[]> gates = [];
        string edited = Edited(path, null, tensor =>
        {
            if (tensor.Name.EndsWith("attn_k_b.weight", StringComparison.Ordinal))
                return new TensorSource(tensor.Name, tensor.Type, [tensor.Shape[0] * tensor.Shape[1], tensor.Shape[2]], tensor.WriteTo);
            if (tensor.Name.EndsWith("ffn_gate_exps.weight", StringComparison.Ordinal))
            {
                gates.Add(tensor.Name, Bytes(tensor));
                return null;
            }
            if (!tensor.Name.EndsWith("ffn_up_exps.weight", StringComparison.Ordinal))
                return tensor;
            byte[] gate = gates[tensor.Name.Replace("_up_", "_gate_", StringComparison.Ordinal)], up = Bytes(tensor);
            int part = gate.Length / experts.RoutedExpertCount;
            byte[] both = [.. Enumerable.Range(0, experts.RoutedExpertCount).SelectMany(e => gate[(e * part)..((e + 1) * part)].Concat(up[(e * part)..((e + 1) * part)]))];
            return new TensorSource(tensor.Name.Replace("_up_", "_gate_up_", StringComparison.Ordinal), tensor.Type, [tensor.Shape[0], 2 * tensor.Shape[1], tensor.Shape[2]], s => s.Write(both));
        });
        using (GgufFile file = GgufFile.Open(edited))
        {
            Assert.Contains("blk.1.ffn_gate_up_exps.weight", file.Entries.Keys);
            Assert.Equal(2, file.Entry("blk.0.attn_k_b.weight").Shape.Length);
        }
        SameNumbers(path, edited);
    }

    [Theory]
    [InlineData(MlaDialect.Split)]
    [InlineData(MlaDialect.Joined)]
    public void Dialects_HaveTheirOwnKeysAndTensors(MlaDialect dialect)
    {
        var latent = (LatentAttentionConfig)ToyPresets.DeepSeekV2.Attention;
        using GgufFile file = GgufFile.Open(Written(ToyPresets.DeepSeekV2, "f32", dialect));
        bool split = dialect == MlaDialect.Split;
        Assert.Equal(split ? 1u : 3u, file.Metadata["deepseek2.attention.head_count_kv"]);
        Assert.Equal((uint)(split ? latent.KvLoraRank + latent.QkRopeHeadDim : latent.QkHeadDim), file.Metadata["deepseek2.attention.key_length"]);
        Assert.Equal(split, file.Metadata.ContainsKey("deepseek2.attention.key_length_mla"));
        Assert.Equal(split, file.Entries.ContainsKey("blk.0.attn_k_b.weight"));
        Assert.Equal(!split, file.Entries.ContainsKey("blk.0.attn_kv_b.weight"));
        if (split)
            Assert.Equal([3L, latent.KvLoraRank, latent.QkNopeHeadDim], file.Entry("blk.0.attn_k_b.weight").Shape);
    }

    [Fact]
    public void SplitHeadsInBlocks_AreJoinedAsF16()
    {
        ModelConfig config = ToyPresets.DeepSeekV2 with { HiddenSize = 64, Attention = new LatentAttentionConfig(null, 64, 32, 8, 32) };
        string path = Written(config, "q8_0");
        using ICheckpoint gguf = Checkpoint.Open(path);
        TensorSpec spec = TensorNames.Of(config).First(s => s.Name.EndsWith("kv_b_proj.weight", StringComparison.Ordinal));
        Assert.Equal(ElementType.F16, gguf.Read(spec).Type);
        Assert.Equal(ElementType.Q8_0, gguf.Tensors.First(t => t.Name == "blk.0.attn_k_b.weight").Type);
        using ModelFolder source = ModelFolder.Open(At("source"));
        var (expected, actual) = (new float[spec.ElementCount], new float[spec.ElementCount]);
        fixed (float* e = expected, a = actual)
        {
            source.Read(spec).Decode(0, spec.Shape[0], e);
            gguf.Read(spec).Decode(0, spec.Shape[0], a);
        }
        // Q8_0 misses by half a step of a block's peak over 127; F16 adds 2^-11 of the number.
        float peak = expected.Max(MathF.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, peak / 254 * 1.02 + peak / 2048));
    }

    [Fact]
    public void Llama3Factors_WithoutTheSource_GiveTheRuleBack()
    {
        foreach (Llama3Scaling scaling in new[] { new Llama3Scaling(8, 1, 4, 8192), new Llama3Scaling(32, 1, 4, 8192) })
        {
            ModelConfig config = ToyPresets.Llama with { Attention = new GroupedQueryAttentionConfig(2, 64, false), Rotary = new RotaryConfig(500000, false, scaling) };
            using ICheckpoint gguf = Checkpoint.Open(Edited(Written(config), new() { ["fathom.config"] = null }));
            Assert.Equal(new RotaryConfig(500000, Interleaved: true, scaling), gguf.Config.Rotary);
        }
        string odd = Edited(Written(ToyPresets.Llama), new() { ["fathom.config"] = null },
            tensor => tensor.Name == "rope_freqs.weight" ? TensorSource.Floats(tensor.Name, tensor.Shape, new float[] { 1, 2, 1, 3, 1 }) : tensor);
        Assert.Contains("rope_freqs.weight", Assert.Throws<CheckpointException>(() => Checkpoint.Open(odd)).Message);
    }

    [Fact]
    public void Scalings_WithoutTheSource_AreReadFromTheirKeys()
    {
        string path = Written(ToyPresets.Llama with { Rotary = new RotaryConfig(100000, false, new LinearScaling(4)) });
        // Old files have the factor under another key, and no type.
        using (ICheckpoint old = Checkpoint.Open(Edited(path, new() { ["fathom.config"] = null, ["llama.rope.scaling.type"] = null, ["llama.rope.scaling.factor"] = null, ["llama.rope.scale_linear"] = 4f })))
            Assert.Equal(new LinearScaling(4), old.Config.Rotary.Scaling);
        using ICheckpoint yarn = Checkpoint.Open(Edited(Written(ToyPresets.DeepSeekV3 with { Rotary = new RotaryConfig(10000, true, new YarnScaling(40, 16, MScale: 0.707, MScaleAllDim: 0.707)) }), new() { ["fathom.config"] = null }));
        Assert.Equal(new YarnScaling(40, 16, MScale: 0.707, MScaleAllDim: 0.707), yarn.Config.Rotary.Scaling);
    }

    [Fact]
    public void LeftOutKeys_TakeWhatOlderWritersMeant()
    {
        // No gating function: softmax. No groups: one, unless the shape is that of a published model.
        using (ICheckpoint v2 = Checkpoint.Open(Edited(Written(ToyPresets.DeepSeekV2), new() { ["fathom.config"] = null, ["deepseek2.expert_gating_func"] = null, ["deepseek2.expert_group_count"] = null, ["deepseek2.expert_weights_norm"] = null })))
        {
            Assert.Equal((ModelFamily.DeepSeekV2, ScoringFunction.Softmax, 1, false), (v2.Config.Family, v2.Config.Experts!.ScoringFunction, v2.Config.Experts.ExpertGroupCount, v2.Config.Experts.NormalizeWeights));
        }
        // A prediction module that is announced but not there.
        string path = Written(ToyPresets.DeepSeekV3 with { MtpLayerCount = 0 });
        using ICheckpoint announced = Checkpoint.Open(Edited(path, new() { ["deepseek2.nextn_predict_layers"] = 1u }));
        Assert.Equal((2, 0), (announced.Config.LayerCount, announced.Config.MtpLayerCount));
    }

    [Fact]
    public void WhatTheModelDoesNotHave_IsRefusedByName()
    {
        string path = Written(ToyPresets.Llama);
        string Refused(string file) => Assert.Throws<CheckpointException>(() => Checkpoint.Open(file)).Message;
        Assert.Contains("tensor 'blk.0.attn_q.bias': found a tensor that the architecture does not have", Refused(Edited(path, null, null, TensorSource.Floats("blk.0.attn_q.bias", [40], new float[40]))));
        string missing = Edited(path, null, tensor => tensor.Name == "blk.1.ffn_up.weight" ? null : tensor);
        using (ICheckpoint checkpoint = Checkpoint.Open(missing))
            Assert.Contains("tensor 'blk.1.ffn_up.weight': found no such tensor", Assert.Throws<CheckpointException>(() => new StoredWeights(checkpoint)).Message);
        string other = Edited(path, null, tensor => tensor.Name == "blk.1.ffn_up.weight" ? TensorSource.Floats(tensor.Name, [40, 12], new float[480]) : tensor);
        using (ICheckpoint checkpoint = Checkpoint.Open(other))
            Assert.Contains("'blk.1.ffn_up.weight': found shape [40, 12], expected [40, 24]", Assert.Throws<CheckpointException>(() => new StoredWeights(checkpoint)).Message);
        string whole = Edited(path, null, tensor => tensor.Name == "blk.1.ffn_up.weight" ? new TensorSource(tensor.Name, ElementType.I32, tensor.Shape, s => s.Write(new byte[tensor.ByteLength])) : tensor);
        using (ICheckpoint checkpoint = Checkpoint.Open(whole))
            Assert.Contains("type I32, expected a floating-point or block type", Assert.Throws<CheckpointException>(() => new StoredWeights(checkpoint)).Message);
    }

    [Theory]
    [InlineData("general.architecture", "gemma", "key 'general.architecture': found gemma, expected one of llama, qwen2, deepseek, deepseek2")]
    [InlineData("general.architecture", null, "key 'general.architecture': found nothing")]
    [InlineData("llama.block_count", null, "key 'llama.block_count': found nothing")]
    [InlineData("llama.block_count", 4000000000u, "key 'llama.block_count': found 4000000000 (UInt32)")]
    [InlineData("llama.block_count", "two", "key 'llama.block_count': found two (String), expected a whole number")]
    [InlineData("llama.attention.head_count", 0u, "key 'llama.attention.head_count': found 0 (UInt32)")]
    [InlineData("llama.attention.layer_norm_rms_epsilon", float.NaN, "found NaN (Single), expected a finite number")]
    [InlineData("llama.attention.value_length", 12u, "key 'llama.attention.value_length': found 12 (UInt32), expected 10")]
    [InlineData("llama.rope.scaling.type", "longrope", "expected one of none, linear, yarn")]
    [InlineData("llama.expert_count", 8u, "key 'llama.expert_count': found 8")]
    [InlineData("llama.attention.scale", 0.5f, "key 'llama.attention.scale': found 0.5 (Single), expected nothing (it is not supported)")]
    [InlineData("fathom.config", "{", "key 'fathom.config': not JSON")]
    [InlineData("fathom.config", "[]", "key 'fathom.config': found no JSON object")]
    [InlineData("fathom.config", "{\"a\":1,\"a\":2,\"rope_scaling\":3}", null)]
    public void DamagedKeys_AreNamed(string key, object? value, string? message)
    {
        string path = Edited(Written(ToyPresets.Llama), new() { [key] = value });
        if (message is null)
        {
            if (Record.Exception(() => Checkpoint.Open(path).Dispose()) is { } other)
                Assert.True(other is ConfigException or CheckpointException, $"{other}");
            return;
        }
        string found = Assert.Throws<ConfigException>(() => Checkpoint.Open(path)).Message;
        Assert.StartsWith(path, found);
        Assert.Contains(message, found);
    }

    [Fact]
    public void ExpertCountsThatTheTensorsDoNotHave_AreRefusedAtOnce()
    {
        string path = Edited(Written(ToyPresets.DeepSeekV1), new() { ["deepseek.expert_count"] = 2_000_000_000u, ["fathom.config"] = null });
        Assert.Contains("2000000000 experts, as expert_count says", Assert.Throws<CheckpointException>(() => Checkpoint.Open(path)).Message);
    }
}
