// Damaged GGUF files: metadata, tensor infos and whole files changed where it hurts, tens of thousands of them, and one cut at every byte.
// A file that is accepted is used: its model is opened and every weight decoded.
using System.Text;
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Random;
using Fathom.Numerics.Tensors;
using Fathom.Testing;
using Fathom.Testing.Mutations;

namespace Fathom.Models.Tests.BadInput;

public sealed unsafe class GgufMutationTests : IDisposable
{
    const int StructureMutations = 70_000, ByteMutations = 30_000;

    static readonly ulong[] s_sizes = [0, 1, 2, 31, 32, 33, 255, 256, 1ul << 20, int.MaxValue, 1ul << 31, uint.MaxValue, 1ul << 32, 1ul << 40, 1ul << 61, long.MaxValue, 1ul << 63, ulong.MaxValue - 31, ulong.MaxValue];
    static readonly string[] s_names = ["", "blk.0.attn_q.weight", "token_embd.weight", "general.alignment", "general.architecture", "split.count", "blk.99999999999.attn_q.weight", "blk.-1.x", "é", "a\0b", new('n', 64), new('k', 70_000), "nextn.eh_proj.weight"];
    static readonly object[] s_values = ["", "llama", "deepseek2", "\0", "{}", "{\"rope_scaling\":{\"factor\":1e999}}", 0u, 1u, 7u, uint.MaxValue, -1, int.MinValue, 0f, -1f, float.NaN, float.PositiveInfinity, float.Epsilon, float.MaxValue, true, false, ulong.MaxValue, long.MinValue, 1e300, (byte)255, new[] { 1u, 2u }, new[] { "a" }, Array.Empty<float>()];

    readonly string _folder = Directory.CreateTempSubdirectory("fathom-bad-").FullName;

    string File_ => Path.Combine(_folder, "bad.gguf");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A GGUF file as parts that can be changed one by one and put together again, right or wrong.</summary>
    sealed class Parts
    {
        public required uint Magic { get; set; }

        public required uint Version { get; set; }

        public required List<(string Key, object Value)> Pairs { get; init; }

        public required List<(string Name, ulong[] Sizes, uint Type, ulong Offset)> Infos { get; init; }

        public required byte[] Data { get; set; }

        public ulong? TensorCount { get; set; }

        public ulong? PairCount { get; set; }

        public Parts Copy() => new() { Magic = Magic, Version = Version, Pairs = [.. Pairs], Infos = [.. Infos.Select(i => i with { Sizes = [.. i.Sizes] })], Data = [.. Data] };

        public byte[] ToBytes(CounterRandom random, ref ulong at)
        {
            using var memory = new MemoryStream();
            using var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true);
            writer.Write(Magic);
            writer.Write(Version);
            writer.Write(TensorCount ?? (ulong)Infos.Count);
            writer.Write(PairCount ?? (ulong)Pairs.Count);
            foreach ((string key, object value) in Pairs)
            {
                Text(writer, key);
                Value(writer, value, random, ref at);
            }
            foreach ((string name, ulong[] sizes, uint type, ulong offset) in Infos)
            {
                Text(writer, name);
                writer.Write((uint)sizes.Length);
                foreach (ulong size in sizes)
                    writer.Write(size);
                writer.Write(type);
                writer.Write(offset);
            }
            writer.Flush();
            memory.SetLength((memory.Length + 31) & -32);
            memory.Position = memory.Length;
            memory.Write(Data);
            return memory.ToArray();
        }

        static void Text(BinaryWriter writer, string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            writer.Write((ulong)bytes.Length);
            writer.Write(bytes);
        }

        // Now and then a kind or a count that the bytes behind it do not bear out.
        static void Value(BinaryWriter writer, object value, CounterRandom random, ref ulong at)
        {
            Type type = value is Array array ? array.GetType().GetElementType()! : value.GetType();
            uint kind = type == typeof(byte) ? 0u : type == typeof(uint) ? 4u : type == typeof(int) ? 5u : type == typeof(float) ? 6u : type == typeof(bool) ? 7u
                : type == typeof(string) ? 8u : type == typeof(ulong) ? 10u : type == typeof(long) ? 11u : type == typeof(ushort) ? 2u : 12u;
            bool lies = random.UInt64(at++) % 2000 == 0;
            if (value is Array values)
            {
                writer.Write(9u);
                writer.Write(lies ? (uint)(random.UInt64(at++) % 15) : kind);
                writer.Write(lies && random.UInt64(at++) % 2 == 0 ? s_sizes[random.UInt64(at++) % (ulong)s_sizes.Length] : (ulong)values.Length);
                foreach (object element in values)
                    Element(writer, element);
                return;
            }
            writer.Write(lies ? (uint)(random.UInt64(at++) % 15) : kind);
            Element(writer, value);
        }

        static void Element(BinaryWriter writer, object value)
        {
            switch (value)
            {
                case byte v: writer.Write(v); break;
                case ushort v: writer.Write(v); break;
                case uint v: writer.Write(v); break;
                case int v: writer.Write(v); break;
                case float v: writer.Write(v); break;
                case bool v: writer.Write(v); break;
                case ulong v: writer.Write(v); break;
                case long v: writer.Write(v); break;
                case double v: writer.Write(v); break;
                case string v: Text(writer, v); break;
            }
        }
    }

    /// <summary>Draws changes; a function of the seed.</summary>
    sealed class Mutator(ulong seed, IReadOnlyList<Parts> seeds)
    {
        readonly CounterRandom _random = new(seed, 77);
        ulong _at;

        int Below(int count) => (int)(_random.UInt64(_at++) % (ulong)count);

        T One<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

        public byte[] Next()
        {
            Parts parts = One(seeds).Copy();
            for (int changes = 1 + Below(3); changes > 0; changes--)
                Change(parts);
            byte[] bytes = parts.ToBytes(_random, ref _at);
            return Below(40) == 0 ? bytes[..Below(bytes.Length)] : bytes;
        }

        void Change(Parts parts)
        {
            int pair = parts.Pairs.Count == 0 ? -1 : Below(parts.Pairs.Count), info = parts.Infos.Count == 0 ? -1 : Below(parts.Infos.Count);
            switch (Below(16))
            {
                case 0 when pair >= 0: parts.Pairs[pair] = (parts.Pairs[pair].Key, One(s_values)); break;
                case 1 when pair >= 0: parts.Pairs[pair] = (One(s_names), parts.Pairs[pair].Value); break;
                case 2 when pair >= 0: parts.Pairs.RemoveAt(pair); break;
                case 3 when pair >= 0: parts.Pairs.Add(parts.Pairs[pair]); break;
                case 4: parts.PairCount = One(s_sizes); break;
                case 5: parts.TensorCount = One(s_sizes); break;
                case 6 when info >= 0: parts.Infos[info] = parts.Infos[info] with { Name = Below(2) == 0 ? One(s_names) : One(parts.Infos).Name }; break;
                case 7 when info >= 0: parts.Infos[info] = parts.Infos[info] with { Type = (uint)Below(50) }; break;
                case 8 when info >= 0: parts.Infos[info] = parts.Infos[info] with { Type = (uint)One(s_sizes) }; break;
                case 9 when info >= 0: parts.Infos[info] = parts.Infos[info] with { Offset = Below(2) == 0 ? One(s_sizes) : parts.Infos[info].Offset + (ulong)Below(65) - 32 }; break;
                case 10 when info >= 0 && parts.Infos[info].Sizes.Length > 0: parts.Infos[info].Sizes[Below(parts.Infos[info].Sizes.Length)] = One(s_sizes); break;
                case 11 when info >= 0: parts.Infos[info] = parts.Infos[info] with { Sizes = [.. parts.Infos[info].Sizes.Reverse()] }; break;
                case 12 when info >= 0: parts.Infos[info] = parts.Infos[info] with { Sizes = [.. Enumerable.Range(0, Below(6)).Select(_ => One(s_sizes))] }; break;
                case 13 when info >= 0: parts.Infos.RemoveAt(info); break;
                case 14 when parts.Data.Length > 0: Number(parts.Data); break;
                case 15 when pair >= 0: Nudge(parts, pair); break;
            }
        }

        // A number of the model's shape changed by little: what fits by itself and not with the rest.
        void Nudge(Parts parts, int pair)
        {
            if (parts.Pairs[pair].Value is uint number)
                parts.Pairs[pair] = (parts.Pairs[pair].Key, Below(3) switch { 0 => number + 1, 1 => number - 1, _ => number * 2 });
        }

        // Weights that are no numbers, or extreme ones.
        void Number(byte[] data)
        {
            int at = Below(data.Length) & -4;
            BitConverter.TryWriteBytes(data.AsSpan(at), Below(3) switch { 0 => float.NaN, 1 => float.PositiveInfinity, _ => float.MaxValue });
        }
    }

    [Fact]
    public void Open_StructureMutations_EndInSuccessOrATypedError()
    {
        var mutator = new Mutator(50, [.. Seeds()]);
        var result = Kept();
        for (int i = 0; i < StructureMutations; i++)
            Try(result, $"mutation {i}", mutator.Next());
        result.AssertKept();
    }

    [Fact]
    public void Open_ByteMutations_EndInSuccessOrATypedError()
    {
        var random = new CounterRandom(51, 78);
        ulong at = 0;
        var result = Kept();
        byte[][] files = [.. Seeds().Select(parts => parts.ToBytes(random, ref at))];
        for (int i = 0; i < ByteMutations; i++)
        {
            byte[] file = [.. files[i % files.Length]];
            for (int changes = 1 + (int)(random.UInt64(at++) % 4); changes > 0; changes--)
            {
                // Mostly the part before the data, where a byte means much.
                int place = (int)(random.UInt64(at++) % (ulong)(random.UInt64(at++) % 8 == 0 ? file.Length : Math.Min(file.Length, 3000)));
                file[place] = (random.UInt64(at++) % 4) switch { 0 => 0, 1 => 255, 2 => (byte)(file[place] ^ 1 << (int)(random.UInt64(at++) % 8)), _ => (byte)random.UInt64(at++) };
            }
            Try(result, $"bytes {i}", file);
        }
        result.AssertKept();
    }

    [Fact]
    public void Open_CutAtEveryByte_IsRefused()
    {
        var random = new CounterRandom(52, 79);
        ulong at = 0;
        byte[] file = Seeds().First().ToBytes(random, ref at);
        var result = Kept();
        // The end of the last tensor's data is padding, which may be missing.
        for (int length = 0; length <= file.Length; length++)
            Try(result, $"cut at {length}", file[..length]);
        result.AssertKept();
        Assert.InRange(result.Accepted, 1, 32);
    }

    [Fact]
    public void Open_FoundCases_EndInATypedError()
    {
        foreach (string path in FoundCases.Of("gguf"))
        {
            File.Copy(path, File_, overwrite: true);
            Assert.True(Record.Exception(() => Use(File_)) is CheckpointException or ConfigException, path);
        }
    }

    static ReaderTrial Kept() => new(typeof(CheckpointException), typeof(ConfigException));

    void Try(ReaderTrial result, string name, byte[] file)
    {
        File.WriteAllBytes(File_, file);
        result.Try(name, () => Use(File_), file);
    }

    // Opens a file, reads all its metadata, and decodes every weight of its model.
    static void Use(string path)
    {
        using (GgufFile file = GgufFile.Open(path))
        {
            foreach ((_, object value) in file.Metadata)
                Assert.NotNull(value);
            long size = new FileInfo(path).Length;
            Assert.All(file.Entries.Values, entry => Assert.True(entry.Offset >= 0 && entry.ByteLength >= 0 && entry.Offset + entry.ByteLength <= size, $"{entry}"));
        }
        using ICheckpoint checkpoint = Checkpoint.Open(path);
        using ModelParameters parameters = ModelParameters.Load(checkpoint);
        Assert.True(parameters.Length > 0);
    }

    // One small model of each architecture, in FP32 and in blocks.
    IEnumerable<Parts> Seeds()
    {
        foreach ((string preset, string target) in new[] { ("deepseek-v3", "f32"), ("llama", "f32"), ("deepseek-v1", "q8_0"), ("qwen2", "q8_0"), ("deepseek-v2", "bf16") })
        {
            ModelConfig config = ToyPresets.All[preset] with { LayerCount = 2, HiddenSize = target == "q8_0" ? 32 : 8, VocabularySize = 9, IntermediateSize = 32 };
            if (config.Experts is { } experts)
                config = config with { Experts = experts with { RoutedExpertCount = 4, ExpertGroupCount = experts.ExpertGroupCount > 1 ? 2 : 1, GroupsPerToken = 1, ExpertsPerToken = 2, ExpertIntermediateSize = 4 } };
            string source = Path.Combine(_folder, preset), path = Path.Combine(_folder, $"{preset}.gguf");
            using (DecoderModel model = DecoderModel.Initialize(config, 3))
                model.Save(source, ElementType.F32);
            using (ModelFolder folder = ModelFolder.Open(source))
            {
                ModelConversion.ToGguf(folder, path, new GgufOptions
                {
                    Target = GgufTarget.Find(target)!,
                    Name = "seed",
                    Metadata = new Dictionary<string, object> { ["tokenizer.ggml.tokens"] = new[] { "a", "b" }, ["tokenizer.ggml.scores"] = new[] { 0f, 1f }, ["flag"] = true },
                });
            }
            using GgufFile file = GgufFile.Open(path);
            long data = file.Entries.Values.First().Offset;
            byte[] bytes = File.ReadAllBytes(path);
            yield return new Parts
            {
                Magic = 0x46554747,
                Version = 3,
                Pairs = [.. file.Metadata.Select(pair => (pair.Key, pair.Value))],
                Infos = [.. file.Entries.Values.Select(entry => (entry.Name, entry.Shape.Reverse().Select(size => (ulong)size).ToArray(), Number(entry.Type), (ulong)(entry.Offset - data)))],
                Data = bytes[(int)data..],
            };
        }
    }

    static uint Number(ElementType type) => type switch { ElementType.F32 => 0, ElementType.F16 => 1, ElementType.Q8_0 => 8, _ => 30 };
}
