// `fathom bench MODEL` and `fathom init --format`.
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public sealed class BenchTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    static string[] Tests(JsonElement bench) => [.. bench.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("test").GetString()!)];

    [Fact]
    public void Bench_Preset_GivesEveryTestBesideTheLimits()
    {
        JsonElement bench = Executable.Run("bench", "--preset", "nano", "--format", "q8_0", "-p", "24,600", "-n", "4", "-d", "0,70", "--batch", "1,3", "-r", "5", "--json").Ends(0).Json();
        Assert.Equal(["pp24", "pp600", "tg4", "tg4 x3", "pp24 @70", "pp600 @70", "tg4 @70", "tg4 @70 x3"], Tests(bench));
        Assert.True(bench.GetProperty("limits").GetProperty("read").GetDouble() > 0);
        Assert.True(bench.GetProperty("peakMemoryBytes").GetInt64() > 10_000_000);
        Assert.True(bench.GetProperty("loadSeconds").GetDouble() > 0);
        foreach (JsonElement result in bench.GetProperty("results").EnumerateArray())
        {
            double Get(string key) => result.GetProperty(key).GetDouble();
            Assert.InRange(Get("tokensPerSecond"), Get("minimum"), Get("maximum"));
            Assert.Equal(Math.Max(Get("fractionOfBandwidth"), Get("fractionOfPeak")), Get("fractionOfLimit"));
            Assert.True(Get("fractionOfLimit") > 0 && Get("bandwidth") > 0 && Get("bytesPerToken") > 0 && Get("operationsPerToken") > 0, result.ToString());
        }
    }

    // A dense model reads every matrix but the embedding for a token, and the cache: counted here from its shape.
    [Fact]
    public void Bench_BytesPerToken_AreThoseOfTheShape()
    {
        JsonElement bench = Executable.Run("bench", "--preset", "bench-dense", "--format", "bf16", "-p", "0", "-n", "3", "-d", "0,64", "-r", "1", "--json").Ends(0).Json();
        Assert.Equal(["tg3", "tg3 @64"], Tests(bench));
        double[] bytes = [.. bench.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("bytesPerToken").GetDouble())];
        // 6 layers of 4 x 256 x 256 and 3 x 688 x 256, the head 4096 x 256; a key and a value of 256 each in FP32 per layer and cached token, of which there are 0, 1, 2.
        double matrices = 2 * (6 * (4 * 256 * 256 + 3 * 688 * 256) + 4096 * 256), token = 6 * 2 * 256 * 4;
        Assert.Equal(matrices + 1 * token, bytes[0], 1e-6 * matrices);
        Assert.Equal(matrices + 65 * token, bytes[1], 1e-6 * matrices);
    }

    [Fact]
    public void Init_Gguf_IsAModelThatRuns()
    {
        string file = _folder.In("m.gguf");
        JsonElement made = Executable.Run("init", "nano", "--format", "q4_0", "-o", file, "--json").Ends(0).Json();
        Assert.Equal(new FileInfo(file).Length, made.GetProperty("bytes").GetInt64());
        Assert.Contains("Q4_0", Executable.Run("inspect", file, "--json").Ends(0).Output, StringComparison.Ordinal);
        Executable.Run("generate", file, "--raw", "-p", "hello", "--max-tokens", "4").Ends(0);
        Assert.Equal(["pp8", "tg2"], Tests(Executable.Run("bench", file, "-p", "8", "-n", "2", "-r", "1", "--cache-type", "bf16", "--json").Ends(0).Json()));
        byte[] bytes = File.ReadAllBytes(file);
        Executable.Run("init", "nano", "--format", "q4_0", "-o", file).Says(2, "exists");
        Executable.Run("init", "nano", "--format", "q4_0", "-o", _folder.In("again.gguf"), "--threads", "1").Ends(0);
        Assert.Equal(bytes, File.ReadAllBytes(_folder.In("again.gguf")));
    }

    [Fact]
    public void WrongUsage_IsNamed()
    {
        Executable.Run("bench").Ends(2);
        Executable.Run("bench", "--preset", "nanno").Says(2, "'nanno'", "'nano'");
        Executable.Run("bench", "x", "--preset", "nano").Says(2, "'x'", "'nano'");
        Executable.Run("bench", "x", "--format", "q8_0").Says(2, "--format");
        Executable.Run("bench", "nowhere").Says(2, "nowhere");
        Executable.Run("bench", "--preset", "nano", "-p", "12,x").Says(2, "--prompt", "'x'");
        Executable.Run("bench", "--preset", "nano", "--batch", "0").Says(2, "--batch", "'0'");
        Executable.Run("bench", "--preset", "nano", "-p", "0", "-n", "0").Says(2, "-p", "-n");
        // nano has positions for 1024 tokens.
        Executable.Run("bench", "--preset", "nano", "-d", "1000").Says(2, "1512", "1024");
        Executable.Run("bench", "--preset", "deepseek-v3").Says(1, "deepseek-v3", "this machine has");
        Executable.Run("init", "nano", "--format", "q4_0", "-o", _folder.In("folder")).Says(2, "q4_0", ".gguf");
    }
}
