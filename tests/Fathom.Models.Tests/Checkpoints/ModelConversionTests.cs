// Models from one stored form to another and back: the same numbers, the same config, the same logits.
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Models.Verification;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Models.Tests.Checkpoints;

public sealed unsafe class ModelConversionTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-conversion-").FullName;

    string At(params string[] names) => Path.Combine([_folder, .. names]);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, MlaDialect> ModelsAndDialects
    {
        get
        {
            var cases = new TheoryData<string, MlaDialect>();
            foreach (string model in new[] { "deepseek_v1", "deepseek_v2_group", "deepseek_v2_lite", "deepseek_v3", "deepseek_v3_fp8", "llama3", "qwen2_tied", "qwen2_untied" })
            {
                cases.Add(model, MlaDialect.Split);
                if (model.StartsWith("deepseek_v2", StringComparison.Ordinal) || model.StartsWith("deepseek_v3", StringComparison.Ordinal))
                    cases.Add(model, MlaDialect.Joined);
            }
            return cases;
        }
    }

    static float[] Values(ICheckpoint checkpoint, TensorSpec spec)
    {
        var values = new float[spec.ElementCount];
        EncodedRows rows = OfficialOrder.Rows(checkpoint, spec);
        fixed (float* destination = values)
            rows.Read(0, rows.Rows, destination);
        return values;
    }

    static void SameNumbers(ICheckpoint expected, ICheckpoint actual)
    {
        foreach (TensorSpec spec in TensorNames.Of(expected.Config with { Quantization = null }))
        {
            Assert.True(actual.Contains(spec.Name) || actual.Contains(spec.CopyOf!), spec.Name);
            Assert.Equal(Values(expected, spec), Values(actual, spec));
        }
    }

    // What a GGUF file cannot say of a model is how its weights were stored.
    static ModelConfig Comparable(ModelConfig config) => OfficialOrder.Config(config) with { WeightType = ElementType.F32, Quantization = null };

    static float[] Logits(DecoderModel model, int[] tokens)
    {
        using var tape = new Tape();
        using var batch = new PackedBatch();
        batch.Clear();
        batch.Add(tokens);
        Tensor hidden = model.Forward(tape, batch);
        return model.Logits(tape, hidden).Span.ToArray();
    }

    string ToGguf(ICheckpoint source, string target, MlaDialect dialect = MlaDialect.Split, Action<EncodingError>? report = null, bool keepPrediction = true, IReadOnlyDictionary<string, float[]>? importance = null)
    {
        string path = At($"{Guid.NewGuid():N}.gguf");
        ModelConversion.ToGguf(source, path, new GgufOptions
        {
            Target = GgufTarget.Find(target)!,
            Dialect = dialect,
            Name = "test",
            Report = report is null ? null : (error, _, _) => report(error),
            KeepPrediction = keepPrediction,
            Importance = importance,
        });
        return path;
    }

    [SharedDataTheory]
    [MemberData(nameof(ModelsAndDialects))]
    public void Published_ToGgufAndBack_KeepsEveryNumberTheConfigAndTheLogits(string model, MlaDialect dialect)
    {
        string folder = SharedData.Path("vectors", model), vectors = Path.Combine(folder, "vectors.safetensors"), back = At("back");
        using ModelFolder original = ModelFolder.Open(folder);
        string path = ToGguf(original, "f32", dialect);
        using (ICheckpoint gguf = Checkpoint.Open(path))
        {
            Assert.Equal(Comparable(original.Config), Comparable(gguf.Config));
            SameNumbers(original, gguf);
            Directory.CreateDirectory(back);
            ModelConversion.ToFolder(gguf, back, ElementType.F32);
        }
        using (ModelFolder returned = ModelFolder.Open(back))
        {
            Assert.Equal(Comparable(original.Config), Comparable(returned.Config));
            SameNumbers(original, returned);
        }

        // From the file, rotated pairs lie in another order, so sums round differently: the reference's own tolerance. From the folder: the same bits.
        using (DecoderModel run = DecoderModel.Open(path))
            Assert.All(ModelVerifier.Run(run, vectors), check => Assert.True(check.Passed, $"{check}"));
        int[] tokens = [.. Enumerable.Range(0, 20).Select(i => i * 7 % original.Config.VocabularySize)];
        using DecoderModel first = DecoderModel.Load(folder), second = DecoderModel.Load(back), third = DecoderModel.Load(path);
        float[] expected = Logits(first, tokens);
        Assert.Equal(expected, Logits(second, tokens));
        Assert.Equal(expected, Logits(third, tokens));
    }

    [SharedDataTheory]
    [InlineData("deepseek_v3")]
    [InlineData("deepseek_v1")]
    [InlineData("qwen2_tied")]
    public void Bf16Models_AsBf16Gguf_KeepEveryNumber(string model)
    {
        using ModelFolder original = ModelFolder.Open(SharedData.Path("vectors", model));
        string path = ToGguf(original, "bf16", MlaDialect.Split);
        using ICheckpoint gguf = Checkpoint.Open(path);
        SameNumbers(original, gguf);
        Assert.Contains(gguf.Tensors, tensor => tensor.Type == ElementType.BF16);
        Assert.All(gguf.Tensors.Where(tensor => tensor.Shape.Length == 1), tensor => Assert.Equal(ElementType.F32, tensor.Type));
    }

    [SharedDataFact]
    public void Fp8_ToFp8_KeepsEveryBit_AndBf16ToFp8StaysWithinItsBound()
    {
        using ModelFolder original = ModelFolder.Open(SharedData.Path("vectors", "deepseek_v3_fp8"));
        Directory.CreateDirectory(At("fp8"));
        ModelConversion.ToFolder(original, At("fp8"), ElementType.F8E4M3);
        using (ModelFolder copy = ModelFolder.Open(At("fp8")))
        {
            Assert.Equal(original.Config with { WeightType = ElementType.BF16 }, copy.Config);
            Assert.Equal(original.Names.Order(), copy.Names.Order());
            foreach (string name in original.Names)
            {
                TensorEntry entry = original.Entry(name);
                Assert.Equal(entry.Type, copy.Entry(name).Type);
                Assert.True(new ReadOnlySpan<byte>(original.Pointer(name), (int)entry.ByteLength).SequenceEqual(new ReadOnlySpan<byte>(copy.Pointer(name), (int)entry.ByteLength)), name);
            }
        }

        Directory.CreateDirectory(At("plain"));
        ModelConversion.ToFolder(original, At("plain"), ElementType.F32);
        using ModelFolder plain = ModelFolder.Open(At("plain"));
        SameNumbers(original, plain);
        Assert.Null(plain.Config.Quantization);

        using ModelFolder bf16 = ModelFolder.Open(SharedData.Path("vectors", "llama3"));
        Directory.CreateDirectory(At("llama"));
        ModelConversion.ToFolder(bf16, At("llama"), ElementType.F8E4M3);
        using ModelFolder quantised = ModelFolder.Open(At("llama"));
        foreach (TensorSpec spec in TensorNames.Of(bf16.Config).Where(spec => quantised.Contains(spec.Name + "_scale_inv")))
        {
            float[] expected = Values(bf16, spec), actual = Values(quantised, spec);
            float peak = expected.Max(MathF.Abs);
            // Three fraction bits: half a step is 1/16 of the number; below 2^-6 of 448 steps are 2^-9, half of that of the block's peak.
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(actual[i] - expected[i]) <= Math.Abs(expected[i]) / 16 * 1.001 + peak / 448 / 512 / 2, $"{spec.Name}[{i}]: {actual[i]} for {expected[i]}");
        }
    }

    [SharedDataFact]
    public void Stories_FromGguf_GiveTheSameIdsAndLogits()
    {
        string folder = SharedData.Path("real", "stories260k");
        using ModelFolder original = ModelFolder.Open(folder);
        using DecoderModel model = DecoderModel.Open(ToGguf(original, "f32"));
        IReadOnlyList<Check> checks = ModelVerifier.Run(model, Path.Combine(folder, "expected.safetensors"));
        Assert.Contains(checks, check => check.Name.Contains("greedy_ids", StringComparison.Ordinal));
        Assert.All(checks, check => Assert.True(check.Passed, $"{check}"));
    }

    // A model wide enough for blocks of 256.
    static ModelConfig Wide(string preset) => ToyPresets.All[preset] with
    {
        HiddenSize = 256,
        LayerCount = 8,
        IntermediateSize = 512,
    };

    ModelFolder Saved(ModelConfig config)
    {
        using DecoderModel model = DecoderModel.Initialize(config, 3);
        model.Save(At("source"), ElementType.F32);
        return ModelFolder.Open(At("source"));
    }

    [Fact]
    public void Q4KM_IsTheMixPeopleKnow()
    {
        using ModelFolder source = Saved(Wide("llama"));
        List<EncodingError> errors = [];
        using ICheckpoint gguf = Checkpoint.Open(ToGguf(source, "q4_k_m", report: errors.Add));
        Dictionary<string, ElementType> types = gguf.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Type);
        Assert.Equal(ElementType.Q4_K, types["token_embd.weight"]);
        Assert.Equal(ElementType.Q6_K, types["output.weight"]);
        Assert.Equal(ElementType.F32, types["blk.0.attn_norm.weight"]);
        Assert.Equal(ElementType.Q4_K, types["blk.0.attn_q.weight"]);
        // 8 layers: the first, every third from there, the last.
        Assert.Equal([0, 3, 6, 7], Enumerable.Range(0, 8).Where(layer => types[$"blk.{layer}.ffn_down.weight"] == ElementType.Q6_K));
        Assert.Equal([0, 3, 6, 7], Enumerable.Range(0, 8).Where(layer => types[$"blk.{layer}.attn_v.weight"] == ElementType.Q6_K));
        // Rows of 40 fit no block at all.
        Assert.Equal(ElementType.F16, types["blk.0.attn_output.weight"]);
        Assert.Equal(types.Count(pair => pair.Key != "rope_freqs.weight"), errors.Count);
        Assert.All(errors, error => Assert.InRange(error.Relative, 0, error.Type switch { ElementType.F32 => 0, ElementType.F16 => 1e-3, ElementType.Q6_K => 0.02, ElementType.Q4_K => 0.08, _ => 0.01 }));
        Assert.Equal(15u, ((GgufCheckpoint)gguf).Metadata["general.file_type"]);
    }

    // Errors of the logits follow those of the weights: each layer's maps miss by the format's relative error, here summed over all maps in
    // squares, with a factor of two for what the nonlinear parts add.
    [Theory]
    [InlineData("q8_0", 0.006)]
    [InlineData("q6_k", 0.02)]
    [InlineData("q5_k", 0.04)]
    [InlineData("q4_k_m", 0.075)]
    [InlineData("q4_k", 0.075)]
    [InlineData("q4_0", 0.09)]
    [InlineData("f16", 3e-4)]
    public void QuantisedModels_KeepTheirLogitsWithinTheFormatsError(string target, double perMap)
    {
        ModelConfig config = Wide("qwen2") with { LayerCount = 2, TieWordEmbeddings = false };
        using ModelFolder source = Saved(config);
        int[] tokens = ToyModel.Tokens(16, 1);
        using DecoderModel exact = DecoderModel.Open(At("source")), quantised = DecoderModel.Open(ToGguf(source, target));
        float[] expected = Logits(exact, tokens), actual = Logits(quantised, tokens);
        double error = Math.Sqrt(expected.Zip(actual, (a, b) => Math.Pow(a - b, 2)).Sum() / expected.Sum(a => (double)a * a));
        Assert.InRange(error, 0, 2 * perMap * Math.Sqrt(2 * 7 + 2));
    }

    [Fact]
    public void Importance_LowersTheWeightedErrorOfATensor()
    {
        using ModelFolder source = Saved(Wide("llama") with { LayerCount = 1 });
        var random = new Random(4);
        const string name = "model.layers.0.mlp.up_proj.weight";
        float[] importance = [.. Enumerable.Range(0, 256).Select(_ => MathF.Exp(6 * random.NextSingle()))];
        using ICheckpoint plain = Checkpoint.Open(ToGguf(source, "q4_k")), weighed = Checkpoint.Open(ToGguf(source, "q4_k", importance: new Dictionary<string, float[]> { [name] = importance }));
        TensorSpec spec = TensorNames.Of(source.Config).Single(s => s.Name == name);
        double Error(ICheckpoint c) => Values(source, spec).Zip(Values(c, spec)).Select((pair, i) => importance[i % 256] * Math.Pow(pair.First - pair.Second, 2)).Sum();
        Assert.InRange(Error(weighed) / Error(plain), 0, 0.97);
    }

    [Fact]
    public void NumbersThatAreNotFinite_AreRefusedByName()
    {
        using (DecoderModel model = DecoderModel.Initialize(Wide("llama") with { LayerCount = 1 }, 3))
        {
            model.Parameters["model.layers.0.mlp.up_proj.weight"].Span[5] = float.NaN;
            model.Save(At("source"), ElementType.F32);
        }
        using ModelFolder source = ModelFolder.Open(At("source"));
        Assert.Contains("blk.0.ffn_up.weight", Assert.Throws<CheckpointException>(() => ToGguf(source, "q4_k")).Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Prediction_IsKeptAsFurtherBlocks_OrLeftOut()
    {
        using ModelFolder source = Saved(ToyPresets.DeepSeekV3);
        using (ICheckpoint kept = Checkpoint.Open(ToGguf(source, "f32")))
        {
            Assert.Equal(1, kept.Config.MtpLayerCount);
            Assert.Contains(kept.Tensors, tensor => tensor.Name == "blk.2.nextn.eh_proj.weight");
            Assert.Equal(3u, ((GgufCheckpoint)kept).Metadata["deepseek2.block_count"]);
        }
        using ICheckpoint without = Checkpoint.Open(ToGguf(source, "f32", keepPrediction: false));
        Assert.Equal((0, 2), (without.Config.MtpLayerCount, without.Config.LayerCount));
        Assert.DoesNotContain(without.Tensors, tensor => tensor.Name.StartsWith("blk.2.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("deepseek-v2")]
    [InlineData("deepseek-v1")]
    [InlineData("llama")]
    [InlineData("qwen2")]
    public void EveryFamily_InParts_ReadsBackTheSame(string preset)
    {
        using ModelFolder source = Saved(ToyPresets.All[preset]);
        IReadOnlyList<string> parts = ModelConversion.ToGguf(source, At("m.gguf"), new GgufOptions { Target = GgufTarget.Find("f32")!, Name = "test", PartBytes = 10_000 });
        Assert.True(parts.Count > 2);
        using ICheckpoint gguf = Checkpoint.Open(parts[0]);
        Assert.Equal(Comparable(source.Config), Comparable(gguf.Config));
        SameNumbers(source, gguf);
    }
}
