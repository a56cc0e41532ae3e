// A model from a hub to an answer: pull, list, inspect and generate by its name, remove; and a pull that is killed again and again.
using System.Diagnostics;
using System.Text.Json;
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Testing.Hub;

namespace Fathom.EndToEnd.Tests;

public sealed class PullTests : IDisposable
{
    const string Name = "deepseek-ai/nano";

    readonly TemporaryFolder _folder = new();
    readonly HubServer _server = new();
    readonly HubModel _model;

    public PullTests()
    {
        Executable.Run("init", "nano", "-o", _folder.In("made")).Ends(0);
        _model = _server.Add(Name).WithFolder(_folder.In("made")).With("README.md", "# nano");
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    (string, string?)[] Environment => [("HF_ENDPOINT", _server.Address), ("FATHOM_STORE", _folder.In("store")), ("HF_TOKEN", null), ("HF_HUB_OFFLINE", null), ("HF_HOME", _folder.In("hf"))];

    Outcome Run(params string[] arguments) => Executable.RunWith(Environment, arguments);

    [Fact]
    public void Pull_ThenEveryVerb_WorksByName()
    {
        Outcome pulled = Run("pull", Name).Ends(0);
        Assert.Contains($"{Name}@main: ", pulled.Output, StringComparison.Ordinal);
        Assert.Contains("fetched in", pulled.Output, StringComparison.Ordinal);
        JsonElement again = Run("pull", Name, "--json").Ends(0).Json();
        Assert.Equal(0, again.GetProperty("transferred").GetInt64());
        string folder = again.GetProperty("folder").GetString()!;
        Assert.StartsWith(_folder.In("store"), folder, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(folder, "README.md")));

        JsonElement listed = Run("list", "--json").Ends(0).Json().GetProperty("models")[0];
        Assert.Equal((Name, HubModel.FirstCommit, "safetensors"), (listed.GetProperty("name").GetString(), listed.GetProperty("commit").GetString(), listed.GetProperty("format").GetString()));
        Assert.Equal(again.GetProperty("bytes").GetInt64(), listed.GetProperty("bytes").GetInt64());
        string table = Run("list").Ends(0).Output;
        Assert.Contains(Name, table, StringComparison.Ordinal);
        Assert.Contains(HubModel.FirstCommit[..12], table, StringComparison.Ordinal);

        JsonElement made = Executable.Run("inspect", _folder.In("made"), "--json").Ends(0).Json();
        Assert.Equal(made.GetProperty("parameters").GetInt64(), Run("inspect", $"{Name}@main", "--json").Ends(0).Json().GetProperty("parameters").GetInt64());
        string[] question = ["-p", "hello", "--max-tokens", "8", "--seed", "3"];
        Assert.Equal(Executable.Run(["generate", _folder.In("made"), .. question]).Ends(0).Output, Run(["generate", Name, .. question]).Ends(0).Output);
        // The store by option in place of the variable.
        Executable.RunWith([("FATHOM_STORE", _folder.In("empty"))], "tokenize", Name, "--text", "a", "--store", _folder.In("store")).Ends(0);

        Assert.Contains("freed", Run("remove", Name).Ends(0).Output, StringComparison.Ordinal);
        Assert.Contains("is empty", Run("list").Ends(0).Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void WrongNames_SayWhatIsRight()
    {
        Run("pull", "nano").Says(2, "'nano' is no model name", "OWNER/NAME");
        Run("pull", "deepseek-ai/nanno").Says(1, "There is no model 'deepseek-ai/nanno'");
        Run("generate", Name, "-p", "x").Says(2, "no such folder", $"fathom pull {Name}");
        Run("pull", Name, "--offline").Says(2, "has no model");
        Run("pull", Name).Ends(0);
        Run("pull", Name, "--offline").Ends(0);
        Run("remove", "deepseek-ai/nanno").Says(2, "'deepseek-ai/nanno'", $"'{Name}'");
        Run("remove", $"{Name}@v3").Says(2, "'v3'", $"{Name}@main");
        Run("inspect", $"{Name}@v3").Says(2, "'v3'", $"{Name}@main");
        Executable.RunWith([.. Environment, ("HF_ENDPOINT", "nonsense")], "pull", Name).Says(1, "HF_ENDPOINT is 'nonsense'");
    }

    [Fact]
    public void Pull_SeveralGgufFiles_ListsThemAndEachIsAModel()
    {
        HubModel model = _server.Add("o/gguf");
        using (ICheckpoint made = Checkpoint.Open(_folder.In("made")))
        {
            foreach (string format in new[] { "F32", "Q8_0" })
            {
                string file = _folder.In($"m-{format}.gguf");
                ModelConversion.ToGguf(made, file, new GgufOptions { Target = GgufTarget.Find(format)!, Name = "nano" });
                model.With(Path.GetFileName(file), File.ReadAllBytes(file), large: true);
            }
        }
        long Bytes(string name) => Run("inspect", name, "--json").Ends(0).Json().GetProperty("bytes").GetInt64();

        Run("pull", "o/gguf").Says(2, "choose one with --file", "m-F32.gguf", "m-Q8_0.gguf");
        Assert.Equal("GGUF", Run("pull", "o/gguf", "--file", "Q8_0", "--json").Ends(0).Json().GetProperty("format").GetString());
        long quantised = Bytes("o/gguf");
        Run("pull", "o/gguf", "--file", "F32").Ends(0);
        Run("inspect", "o/gguf").Says(2, "has 2 GGUF files", "o/gguf/m-F32.gguf", "o/gguf/m-Q8_0.gguf");
        Assert.Equal(quantised, Bytes("o/gguf/m-Q8_0.gguf@main"));
        Assert.True(Bytes("o/gguf/m-F32.gguf") > 3 * quantised);
    }

    [Fact]
    public async Task Pull_KilledAgainAndAgain_FetchesOnlyWhatIsMissing()
    {
        const int Kills = 5;
        // 16 MB by 8 connections at 16 KiB per 80 ms each: at most 1.6 MB/s, and the record of what is there is renewed every second.
        byte[] weights = HubModel.Bytes(16_000_000, seed: 4);
        _server.Add("o/large").With("config.json", "{}").With("model.safetensors", weights, large: true);
        _server.ChunkDelay = TimeSpan.FromMilliseconds(80);
        var random = new Random(7);
        for (int kill = 0; kill < Kills; kill++)
        {
            // The first kills come before anything can be kept; the later ones when so many more bytes were sent, wherever that finds the process.
            long until = _server.BodyBytes + (kill < 2 ? random.Next(1, 1_000_000) : random.Next(2_500_000, 3_500_000));
            using Process process = Executable.StartWith(Environment, "pull", "o/large");
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            while (!process.HasExited && _server.BodyBytes < until)
                await Task.Delay(5);
            Assert.False(process.HasExited, "it ended before the kill");
            process.Kill();
            process.WaitForExit();
            await Task.WhenAll(output, error);
            Assert.Empty(Run("list", "--json").Ends(0).Json().GetProperty("models").EnumerateArray());
        }
        long present = Present("o/large");
        Assert.True(present > _server.BodyBytes / 4, $"{present} of {_server.BodyBytes} bytes sent were kept");
        Assert.True(Run("list", "--json").Json().GetProperty("unfinished")[0].GetProperty("bytes").GetInt64() >= present);

        _server.ChunkDelay = TimeSpan.Zero;
        JsonElement result = Run("pull", "o/large", "--json").Ends(0).Json();
        // The two bytes of config.json may or may not be there.
        Assert.InRange(result.GetProperty("transferred").GetInt64(), weights.Length - present, weights.Length - present + 2);
        string folder = result.GetProperty("folder").GetString()!;
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(folder, "model.safetensors")));
        Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Order());
        Assert.Empty(Run("list", "--json").Json().GetProperty("unfinished").EnumerateArray());
    }

    // Bytes that the record of the one unfinished file says are there.
    long Present(string name)
    {
        string record = Assert.Single(Directory.GetFiles(_folder.In(["store", .. name.Split('/'), ".parts"]), "*.ranges"));
        return JsonSerializer.Deserialize<long[][]>(File.ReadAllText(record))!.Sum(range => range[1] - range[0]);
    }
}
