using System.Diagnostics;
using System.Text;
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Numerics.Formats;
using Fathom.Testing;

namespace Fathom.Models.Tests.Checkpoints.Gguf;

public sealed unsafe class GgufFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-gguf-").FullName;

    string At(string name) => Path.Combine(_folder, name);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static TensorSource Bytes(string name, ElementType type, long[] shape, byte seed)
    {
        long bytes = type.ByteLength(shape.Aggregate(1L, (a, b) => a * b));
        return new TensorSource(name, type, shape, stream =>
        {
            for (long i = 0; i < bytes; i++)
                stream.WriteByte((byte)(seed + i));
        });
    }

    static readonly Dictionary<string, object> s_metadata = new()
    {
        ["general.architecture"] = "llama",
        ["u8"] = (byte)200,
        ["i8"] = (sbyte)-3,
        ["u16"] = (ushort)60000,
        ["i16"] = (short)-30000,
        ["u32"] = 4_000_000_000u,
        ["i32"] = -5,
        ["u64"] = ulong.MaxValue,
        ["i64"] = long.MinValue,
        ["f32"] = 1.5f,
        ["f64"] = Math.PI,
        ["yes"] = true,
        ["text"] = "zwölf Boxkämpfer 🥊",
        ["empty"] = "",
        ["texts"] = new[] { "a", "", "ü", "<｜User｜>" },
        ["floats"] = new[] { 1f, -2f },
        ["ints"] = new[] { 1, -2, 3 },
        ["flags"] = new[] { true, false },
        ["none"] = Array.Empty<string>(),
    };

    [Fact]
    public void Write_ThenOpen_GivesTheSameMetadataAndTensors()
    {
        TensorSource[] tensors =
        [
            TensorSource.Floats("token_embd.weight", [3, 5], Enumerable.Range(0, 15).Select(i => i / 2f).ToArray()),
            Bytes("blk.0.ffn_down.weight", ElementType.Q4_K, [2, 512], 7),
            Bytes("blk.0.ffn_up_exps.weight", ElementType.Q6_K, [3, 2, 256], 9),
            Bytes("output_norm.weight", ElementType.BF16, [7], 1),
            Bytes("scalar", ElementType.F64, [], 2),
        ];
        Assert.Equal([At("a.gguf")], GgufWriter.Write(At("a.gguf"), s_metadata, tensors));
        using GgufFile file = GgufFile.Open(At("a.gguf"));
        Assert.Equal(s_metadata.Keys, file.Metadata.Keys);
        foreach ((string key, object value) in s_metadata)
        {
            Assert.Equal(value, file.Metadata[key]);
            Assert.Equal(value.GetType(), file.Metadata[key].GetType());
        }
        Assert.Equal(tensors.Select(t => t.Name), file.Entries.Keys);
        foreach (TensorSource tensor in tensors)
        {
            TensorEntry entry = file.Entry(tensor.Name);
            Assert.Equal((tensor.Type, tensor.ByteLength), (entry.Type, entry.ByteLength));
            Assert.Equal(tensor.Shape, entry.Shape);
            Assert.Equal(0, entry.Offset % 32);
            using var memory = new MemoryStream();
            tensor.WriteTo(memory);
            Assert.True(new ReadOnlySpan<byte>(file.Pointer(tensor.Name), (int)entry.ByteLength).SequenceEqual(memory.ToArray()));
        }
        Assert.Equal(3 * 2 * 256, file.Entry("blk.0.ffn_up_exps.weight").ElementCount);
    }

    [Theory]
    [InlineData(8u)]
    [InlineData(4096u)]
    public void Write_WithAlignment_PutsTensorsOnIt(uint alignment)
    {
        GgufWriter.Write(At("a.gguf"), new Dictionary<string, object> { [GgufFile.AlignmentKey] = alignment }, [Bytes("a", ElementType.I8, [3], 1), Bytes("b", ElementType.I8, [5], 2)]);
        using GgufFile file = GgufFile.Open(At("a.gguf"));
        Assert.All(file.Entries.Values, entry => Assert.Equal(0, entry.Offset % alignment));
        Assert.Equal(2, *file.Pointer("b"));
    }

    [Fact]
    public void Write_InParts_OpensFromAnyPart()
    {
        TensorSource[] tensors = [.. Enumerable.Range(0, 7).Select(i => Bytes($"t{i}", ElementType.Q8_0, [32], (byte)(10 * i)))];
        IReadOnlyList<string> paths = GgufWriter.Write(At("m.gguf"), s_metadata, tensors, partBytes: 70);
        Assert.Equal([At("m-00001-of-00004.gguf"), At("m-00002-of-00004.gguf"), At("m-00003-of-00004.gguf"), At("m-00004-of-00004.gguf")], paths);
        foreach (string path in paths)
        {
            using GgufFile file = GgufFile.Open(path);
            Assert.Equal(tensors.Select(t => t.Name), file.Entries.Keys);
            Assert.Equal("llama", file.Metadata["general.architecture"]);
            for (int i = 0; i < 7; i++)
                Assert.Equal(10 * i, *file.Pointer($"t{i}"));
            Assert.Equal(paths[1], file.PartOf("t2"));
        }

        File.Delete(paths[2]);
        Assert.Contains($"{paths[2]}: found no such file", Assert.Throws<CheckpointException>(() => GgufFile.Open(paths[0])).Message);
        File.Copy(paths[1], paths[2]);
        Assert.Contains("found the name twice", Assert.Throws<CheckpointException>(() => GgufFile.Open(paths[0])).Message);
        File.Move(paths[0], At("renamed.gguf"));
        Assert.Contains("expected NAME-00001-of-00004.gguf", Assert.Throws<CheckpointException>(() => GgufFile.Open(At("renamed.gguf"))).Message);
    }

    [Fact]
    public void Write_SameContent_GivesTheSameBytes_AndFailureLeavesTheOldFile()
    {
        GgufWriter.Write(At("1"), s_metadata, [Bytes("a", ElementType.F16, [3], 1)]);
        GgufWriter.Write(At("2"), s_metadata, [Bytes("a", ElementType.F16, [3], 1)]);
        byte[] bytes = File.ReadAllBytes(At("1"));
        Assert.Equal(bytes, File.ReadAllBytes(At("2")));
        Assert.Contains("1 bytes written, expected 2", Assert.Throws<CheckpointException>(() => GgufWriter.Write(At("1"), s_metadata, [new TensorSource("a", ElementType.F16, [1], s => s.WriteByte(1))])).Message);
        Assert.Equal(bytes, File.ReadAllBytes(At("1")));
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public void Write_WhatTheFormatLacks_Throws()
    {
        string Message(Dictionary<string, object> metadata, params TensorSource[] tensors) => Assert.Throws<CheckpointException>(() => GgufWriter.Write(At("x"), metadata, tensors)).Message;
        Assert.Contains("type F8E4M3, expected one of F32", Message([], Bytes("a", ElementType.F8E4M3, [1], 0)));
        Assert.Contains("the name twice", Message([], Bytes("a", ElementType.F16, [1], 0), Bytes("a", ElementType.F16, [1], 0)));
        Assert.Contains("at most 63 bytes", Message([], Bytes(new string('n', 64), ElementType.F16, [1], 0)));
        Assert.Contains("5 dimensions", Message([], Bytes("a", ElementType.F16, [1, 1, 1, 1, 1], 0)));
        Assert.Contains("key 'd' of type Decimal", Message(new() { ["d"] = 1m }));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    // A file of raw parts: counts, pairs and infos as bytes, then data.
    sealed class Raw
    {
        readonly MemoryStream _bytes = new();

        public Raw(ulong tensors, ulong pairs, uint version = 3) => _ = Add("GGUF"u8.ToArray(), version, tensors, pairs);

        public Raw Add(params object[] values)
        {
            foreach (object value in values)
            {
                _bytes.Write(value switch
                {
                    byte[] v => v,
                    byte v => [v],
                    uint v => BitConverter.GetBytes(v),
                    ulong v => BitConverter.GetBytes(v),
                    string v => [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(v)), .. Encoding.UTF8.GetBytes(v)],
                    _ => throw new ArgumentException($"{value}"),
                });
            }
            return this;
        }

        public Raw Info(string name, uint type, ulong offset, params ulong[] sizes) => Add([name, (uint)sizes.Length, .. sizes.Cast<object>(), type, offset]);

        public Raw Data(int bytes) => Add(new byte[(32 - _bytes.Length % 32) % 32 + bytes]);

        public byte[] Bytes => _bytes.ToArray();
    }

    string Error(Raw raw)
    {
        File.WriteAllBytes(At("raw.gguf"), raw.Bytes);
        CheckpointException error = Assert.Throws<CheckpointException>(() => GgufFile.Open(At("raw.gguf")));
        Assert.StartsWith(At("raw.gguf"), error.Message);
        return error.Message;
    }

    [Theory]
    [InlineData(16u, "IQ2_XXS")]
    [InlineData(35u, "TQ2_0")]
    [InlineData(40u, "NVFP4")]
    [InlineData(31u, "Q4_0_4_4 (abandoned in 2024)")]
    [InlineData(138u, "number 138, one of ik_llama.cpp's own")]
    [InlineData(60u, "number 60, which is unknown")]
    public void Open_TypeThatIsNotRead_IsNamed(uint type, string name) =>
        Assert.Contains($"tensor 'a': found type {name}, expected one of F32, F16, Q4_0", Error(new Raw(1, 0).Info("a", type, 0, 256).Data(512)));

    [Fact]
    public void Open_DamagedTensorInfos_SayWhatAndWhere()
    {
        Assert.Contains("'a': found shape [4611686018427387904, 4611686018427387904], expected a size below", Error(new Raw(1, 0).Info("a", 0, 0, 1ul << 62, 1ul << 62).Data(32)));
        Assert.Contains("'a': found shape [4611686018427387904], expected a size below", Error(new Raw(1, 0).Info("a", 24, 0, 1ul << 62).Data(32)));
        Assert.Contains("'a': found size 18446744073709551615", Error(new Raw(1, 0).Info("a", 0, 0, ulong.MaxValue).Data(32)));
        Assert.Contains("'a': found rows of 33, expected whole blocks of Q4_0, which hold 32", Error(new Raw(1, 0).Info("a", 2, 0, 33).Data(64)));
        Assert.Contains("'a': found offset 32, expected 0", Error(new Raw(1, 0).Info("a", 0, 32, 4).Data(64)));
        Assert.Contains("'b': found offset 0, expected 32", Error(new Raw(2, 0).Info("a", 0, 0, 4).Info("b", 0, 0, 4).Data(64)));
        Assert.Contains("'a': found the name twice", Error(new Raw(2, 0).Info("a", 0, 0, 4).Info("a", 0, 32, 4).Data(64)));
        Assert.Contains("'a': found 12 bytes of data, expected 16", Error(new Raw(1, 0).Info("a", 0, 0, 4).Data(12)));
        Assert.Contains("'a': found 5 dimensions", Error(new Raw(1, 0).Info("a", 0, 0, 1, 1, 1, 1, 1).Data(12)));
        Assert.Contains("found a longer name, expected at most 63 bytes", Error(new Raw(1, 0).Info(new string('ü', 32), 0, 0, 1).Data(12)));
        Assert.Contains("found 1000000 tensors, expected at most 0", Error(new Raw(1_000_000, 0)));
        Assert.Contains("18446744073709551615 tensors", Error(new Raw(ulong.MaxValue, 0)));
    }

    [Fact]
    public void Open_DamagedMetadata_SaysWhatAndWhere()
    {
        Assert.Contains("18446744073709551615 pairs of metadata, expected at most 0", Error(new Raw(0, ulong.MaxValue)));
        Assert.Contains("key 'a' twice", Error(new Raw(0, 2).Add("a", 4u, 1u, "a", 4u, 2u)));
        Assert.Contains("key 'a' of type 13", Error(new Raw(0, 1).Add("a", 13u, 1u)));
        Assert.Contains("an array of arrays", Error(new Raw(0, 1).Add("a", 9u, 9u, 1ul, 4u, 0ul)));
        Assert.Contains("18446744073709551615 elements of key 'a', expected at most 0", Error(new Raw(0, 1).Add("a", 9u, 4u, ulong.MaxValue)));
        Assert.Contains("1000 elements of key 'a'", Error(new Raw(0, 1).Add("a", 9u, 8u, 1000ul)));
        Assert.Contains("bytes of key 'a', expected at most 2", Error(new Raw(0, 1).Add("a", 8u, 3ul, (byte)1, (byte)2)));
        Assert.Contains("truth value 2", Error(new Raw(0, 1).Add("a", 7u, (byte)2)));
        Assert.Contains("not UTF-8 (C3)", Error(new Raw(0, 1).Add(1ul, (byte)0xC3, 4u, 1u)));
        Assert.Contains("key 0 empty", Error(new Raw(0, 1).Add("", 4u, 1u)));
        Assert.Contains("'general.alignment' = 0", Error(new Raw(0, 1).Add(GgufFile.AlignmentKey, 4u, 0u)));
        Assert.Contains("'general.alignment' = 24", Error(new Raw(0, 1).Add(GgufFile.AlignmentKey, 4u, 24u)));
        Assert.Contains("'general.alignment' = 32 (Int32)", Error(new Raw(0, 1).Add(GgufFile.AlignmentKey, 5u, 32u)));
        Assert.Contains("version 1, expected version 3", Error(new Raw(0, 0, 1)));
        Assert.Contains("a big-endian file", Error(new Raw(0, 0, 0x03000000)));
    }

    [Fact]
    public void Open_NoFileOrNoGguf_Throws()
    {
        Assert.Contains("no such file", Assert.Throws<CheckpointException>(() => GgufFile.Open(At("none"))).Message);
        File.WriteAllText(At("short"), "GGUF");
        Assert.Contains("found 4 bytes, expected a GGUF file of at least 24", Assert.Throws<CheckpointException>(() => GgufFile.Open(At("short"))).Message);
        File.WriteAllText(At("text"), new string('x', 100));
        Assert.Contains("0x78787878 in the first four bytes", Assert.Throws<CheckpointException>(() => GgufFile.Open(At("text"))).Message);
        Assert.Throws<CheckpointException>(() => GgufFile.Open(_folder));
    }

    [Fact]
    public void Open_TruncatedAtEveryByte_Throws()
    {
        GgufWriter.Write(At("a.gguf"), s_metadata, [Bytes("a", ElementType.Q8_0, [2, 32], 1), Bytes("b", ElementType.F32, [16], 1)]);
        byte[] whole = File.ReadAllBytes(At("a.gguf"));
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(At("cut.gguf"), whole[..length]);
            Assert.Throws<CheckpointException>(() => GgufFile.Open(At("cut.gguf")));
        }
    }

    // A sparse file: nothing of its 100 GB of tensors may be touched.
    [Fact]
    public void Open_HundredGigabytes_TakesMilliseconds()
    {
        const int Tensors = 1000;
        ulong size = 100_000_000;
        var raw = new Raw(Tensors, 1).Add("tokenizer.ggml.tokens", 9u, 8u, 130_000ul);
        for (int i = 0; i < 130_000; i++)
            raw.Add($"token {i}");
        for (uint i = 0; i < Tensors; i++)
            raw.Info($"blk.{i}.weight", 24, i * size, size);
        using (FileStream stream = File.Create(At("large.gguf")))
        {
            stream.Write(raw.Data(0).Bytes);
            try
            {
                stream.SetLength(stream.Length + (long)size * Tensors);
            }
            catch (IOException)
            {
                return; // A file system without sparse files of this size has nothing to show here.
            }
        }
        GgufFile.Open(At("large.gguf")).Dispose();
        var clock = Stopwatch.StartNew();
        using GgufFile file = GgufFile.Open(At("large.gguf"));
        // Some ten milliseconds of work; the bound leaves room for a busy machine and is far below reading even one tensor.
        Assert.InRange(clock.Elapsed.TotalMilliseconds, 0, 1000);
        Assert.Equal(Tensors, file.Entries.Count);
        Assert.Equal("token 129999", ((string[])file.Metadata["tokenizer.ggml.tokens"])[^1]);
    }

    [SharedDataFact]
    public void Open_PublishedVocabulary_GivesItsTokensAndMerges()
    {
        using GgufFile file = GgufFile.Open(SharedData.Path("real", "tokenizers", "deepseek-llm.gguf"));
        Assert.Empty(file.Entries);
        Assert.Equal("gpt2", file.Metadata["tokenizer.ggml.model"]);
        Assert.Equal("deepseek-llm", file.Metadata["tokenizer.ggml.pre"]);
        var tokens = (string[])file.Metadata["tokenizer.ggml.tokens"];
        Assert.Equal(tokens.Length, ((int[])file.Metadata["tokenizer.ggml.token_type"]).Length);
        Assert.Equal("!", tokens[0]);
        Assert.All((string[])file.Metadata["tokenizer.ggml.merges"], merge => Assert.Contains(' ', merge));
    }
}
