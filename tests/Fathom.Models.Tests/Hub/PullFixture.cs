// A hub with one small model, an empty store, and pulls that lose no time waiting.
using Fathom.Models.Hub;
using Fathom.Testing.Hub;

namespace Fathom.Models.Tests.Hub;

public sealed class PullFixture : IDisposable
{
    public const string Name = "deepseek-ai/tiny";

    /// <summary>Large enough for three ranges of at least 1 MiB.</summary>
    public const int WeightBytes = (3 << 20) - 5;

    readonly string folder = Directory.CreateTempSubdirectory("fathom-store-").FullName;

    public PullFixture()
    {
        Weights = HubModel.Bytes(WeightBytes, seed: 1);
        Model = Server.Add(Name).With("config.json", "{}").With("tokenizer.json", "{\"a\": 1}").With("README.md", "# tiny").With("model.safetensors", Weights, large: true);
        Store = new ModelStore(Path.Combine(folder, "store"));
        Options = new HubOptions { Endpoint = new Uri(Server.Address), RetryDelay = TimeSpan.FromMilliseconds(5), Patience = TimeSpan.FromSeconds(20) };
    }

    public HubServer Server { get; } = new();

    public HubModel Model { get; }

    public byte[] Weights { get; }

    public ModelStore Store { get; }

    public HubOptions Options { get; set; }

    public List<PullProgress> Reports { get; } = [];

    /// <summary>Is told what the pull reports.</summary>
    public Action<PullProgress> Reported { get; set; } = _ => { };

    public PullResult Pull(string name = Name, string? file = null, CancellationToken cancel = default) =>
        new ModelPull(Options, Store).RunAsync(ModelReference.Parse(name), file, Report, cancel).GetAwaiter().GetResult();

    /// <summary>The message with which a pull fails.</summary>
    public string Fails(string name = Name, string? file = null) => Assert.Throws<HubException>(() => Pull(name, file)).Message;

    /// <summary>Asserts that the store has the model's main commit, byte for byte.</summary>
    public void AssertWhole(StoredModel stored, HubModel model)
    {
        foreach (HubFile file in stored.Files)
        {
            Assert.Equal(model.Commits[stored.Commit][file.Path].Content, File.ReadAllBytes(Path.Combine(stored.Folder, file.Path)));
        }
    }

    /// <summary>Files below the model's folder, with the numbers of commits cut.</summary>
    public string[] Files() => Directory.Exists(Path.Combine(Store.Root, Name))
        ? [.. Directory.EnumerateFiles(Path.Combine(Store.Root, Name), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Path.Combine(Store.Root, Name), path)).Order(StringComparer.Ordinal)]
        : [];

    void Report(PullProgress progress)
    {
        Reports.Add(progress);
        Reported(progress);
    }

    public void Dispose()
    {
        Server.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
