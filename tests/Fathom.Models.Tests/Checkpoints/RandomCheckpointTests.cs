// Random weights: ordinary numbers in every format, the same in memory as in a file.
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Models.Tests.Checkpoints;

[Collection(nameof(AloneCollection))]
public sealed unsafe class RandomCheckpointTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-random").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Targets => [.. GgufTarget.All.Select(target => target.Name)];

    static byte[] Bytes(Weight weight) => new ReadOnlySpan<byte>(weight.Data, checked((int)weight.ByteLength)).ToArray();

    // A standard deviation of n numbers is known to 1/√(2n), here 0.4 % at least, and the coarsest code (4 bits) loses 1 % of the squares.
    [Theory]
    [MemberData(nameof(Targets))]
    public void Matrices_HaveTheDeviationOfTheirColumns_AndNoRunOfZeros(string target)
    {
        using var checkpoint = new RandomCheckpoint(Presets.BenchMoe, GgufTarget.Find(target)!, 1);
        foreach (TensorSpec spec in TensorNames.Own(checkpoint.Config))
        {
            Weight weight = checkpoint.Read(spec);
            var values = new float[checked((int)spec.ElementCount)];
            fixed (float* to = values)
                weight.Decode(0, weight.Rows, to);
            if (spec.Role == TensorRole.Norm)
                Assert.All(values, value => Assert.Equal(1, value));
            if (spec.Shape.Length < 2 || values.Length < 30_000)
                continue;
            double deviation = Math.Sqrt(values.Average(value => (double)value * value)) * Math.Sqrt(spec.Shape[1]);
            Assert.InRange(deviation, 0.96, 1.04);
            foreach (float[] run in values.Chunk(256))
                Assert.Contains(run, value => value != 0);
        }
    }

    [Fact]
    public void TheFile_HoldsTheSameBits_WhateverTheThreads()
    {
        ModelConfig config = Presets.BenchMoe;
        GgufTarget target = GgufTarget.Find("q4_k_m")!;
        string file = Path.Combine(_folder, "m.gguf");
        ThreadTeam.SetSharedThreadCount(1);
        ModelConversion.RandomToGguf(config, 5, file, new GgufOptions { Target = target, Name = "random", Dialect = MlaDialect.Joined });
        ThreadTeam.SetSharedThreadCount(3);
        using var memory = new RandomCheckpoint(config, target, 5);
        using ICheckpoint stored = Checkpoint.Open(file);
        int compared = 0;
        foreach (TensorSpec spec in TensorNames.Own(config).Where(spec => !spec.Name.Contains("kv_b_proj", StringComparison.Ordinal)))
        {
            Weight inFile = stored.Read(spec), inMemory = memory.Read(spec);
            Assert.Equal(inFile.Type, inMemory.Type);
            Assert.True(Bytes(inFile).AsSpan().SequenceEqual(Bytes(inMemory)), spec.Name);
            compared++;
        }
        Assert.True(compared > 300);
        using var other = new RandomCheckpoint(config, target, 6);
        TensorSpec head = TensorNames.Own(config).First(spec => spec.Role == TensorRole.Head);
        Assert.NotEqual(Bytes(memory.Read(head)), Bytes(other.Read(head)));
        Assert.NotEqual(Bytes(memory.Read(head)), Bytes(memory.Read(TensorNames.Own(config).First(spec => spec.Role == TensorRole.Embedding))));
    }

    [Theory]
    [InlineData("bench-dense", "q8_0")]
    [InlineData("bench-moe", "q4_k_m")]
    public void AModelOfThem_GivesLogitsOfOrdinarySize(string preset, string target)
    {
        using var model = new DecoderModel(new StoredWeights(new RandomCheckpoint(Presets.Get(preset), GgufTarget.Find(target)!, 3)));
        float[] logits = Logits(model);
        Assert.All(logits, logit => Assert.True(float.IsFinite(logit)));
        // Normed states of size 1 times rows of length 1.
        Assert.InRange(Math.Sqrt(logits.Average(logit => (double)logit * logit)), 0.8, 1.2);
    }

    [Fact]
    public void AModelOfThem_RunsAsItDoesFromTheFile()
    {
        string file = Path.Combine(_folder, "m.gguf");
        var options = new GgufOptions { Target = GgufTarget.Find("bf16")!, Name = "random", Dialect = MlaDialect.Joined };
        ModelConversion.RandomToGguf(Presets.Nano, 3, file, options);
        using var memory = new DecoderModel(new StoredWeights(new RandomCheckpoint(Presets.Nano, options.Target, 3)));
        using DecoderModel stored = DecoderModel.Open(file);
        Assert.Equal(Logits(stored), Logits(memory));
    }

    [Fact]
    public void V2Lite_InQ4KM_IsThePublishedMix()
    {
        GgufTarget target = GgufTarget.Find("q4_k_m")!;
        ModelConfig config = Presets.DeepSeekV2Lite;
        ElementType TypeOf(string name, long rows, long columns, int layer) => target.TypeOf(name, [rows, columns], layer, config);
        Assert.Equal(ElementType.Q4_K, TypeOf("blk.4.ffn_gate_exps.weight", 1408, 2048, 4));
        // 1408 columns are no whole blocks of 256.
        Assert.Equal(ElementType.Q5_0, TypeOf("blk.4.ffn_down_exps.weight", 2048, 1408, 4));
        Assert.Equal(ElementType.Q8_0, TypeOf("blk.1.ffn_down_exps.weight", 2048, 1408, 1));
        Assert.Equal(ElementType.Q6_K, TypeOf("output.weight", 102400, 2048, -1));
        // The published file has 10.36 GB; latent attention's up-projection takes 8 bits here.
        Assert.InRange(RandomCheckpoint.BytesOf(config, target), 10.3e9, 10.5e9);
    }

    [Fact]
    public void AnUnknownTensor_IsNamed()
    {
        using var checkpoint = new RandomCheckpoint(Presets.Nano, GgufTarget.Find("f32")!, 1);
        var error = Assert.Throws<CheckpointException>(() => checkpoint.Read(new TensorSpec("model.nothing", [1], TensorRole.Norm, -1)));
        Assert.Contains("model.nothing", error.Message, StringComparison.Ordinal);
        Assert.False(checkpoint.Contains("model.nothing"));
        Assert.True(checkpoint.Contains(TensorNames.Embedding));
    }

    static float[] Logits(DecoderModel model)
    {
        using var tape = new Tape();
        using var batch = new PackedBatch();
        batch.Clear();
        batch.Add([1, 2, 3, 4, 5]);
        return model.Logits(tape, model.Forward(tape, batch)).Span.ToArray();
    }
}
