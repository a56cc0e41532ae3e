// Evaluations through the executable: a model here, a server elsewhere, an interruption, two compared.
using System.Diagnostics;
using System.Text.Json;
using Fathom.Testing;

namespace Fathom.EndToEnd.Tests;

public sealed class EvaluationTests(FinishedRun run) : IClassFixture<FinishedRun>, IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Eval_RunsOwnTasks_WritesSamplesSummaryAndPage()
    {
        JsonElement score = Executable.Run("eval", run.Folder, "--problems", "5", "--samples", "2", "--json").Ends(0).Json();
        Assert.Equal("addition", score.GetProperty("task").GetString());
        Assert.Equal(5, score.GetProperty("problems").GetInt32());
        Assert.InRange(score.GetProperty("meanTokens").GetDouble(), 1, 16);
        Assert.InRange(score.GetProperty("passAt1").GetDouble(), score.GetProperty("low").GetDouble(), score.GetProperty("high").GetDouble());
        string folder = score.GetProperty("folder").GetString()!;
        Assert.StartsWith(Path.Combine(run.Folder, "evaluations", "addition"), folder, StringComparison.Ordinal);
        JsonElement[] samples = [.. File.ReadLines(Path.Combine(folder, "samples.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(10, samples.Length);
        Assert.Equal(score.GetProperty("passAt1").GetDouble(), samples.Average(sample => sample.GetProperty("outcome").GetString() == "right" ? 1.0 : 0), 12);
        Assert.True(File.Exists(Path.Combine(folder, "report.html")));
        JsonElement manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "evaluation.json"))).RootElement;
        Assert.Equal((0.6, 0.95, 64), (manifest.GetProperty("temperature").GetDouble(), manifest.GetProperty("topP").GetDouble(), manifest.GetProperty("modelHash").GetString()!.Length));
        // Another one gets a folder of its own, and with the same seed the same samples, whatever runs at once.
        JsonElement again = Executable.Run("eval", run.Folder, "--problems", "5", "--samples", "2", "--json", "--concurrency", "1", "--threads", "1").Ends(0).Json();
        Assert.NotEqual(folder, again.GetProperty("folder").GetString());
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "samples.jsonl")), File.ReadAllText(Path.Combine(again.GetProperty("folder").GetString()!, "samples.jsonl")));
    }

    [Fact]
    public void Eval_Interrupted_SaysHowToGoOn_AndDoesSo()
    {
        string task = _folder.Write("task.jsonl", string.Concat(Enumerable.Range(1, 20).Select(i => $$"""{"question": "What is {{i}} + 1?", "answer": "#### {{i + 1}}"}""" + "\n")));
        string folder = _folder.In("e"), samples = Path.Combine(folder, "samples.jsonl");
        // The eleventh reply and all behind it wait until the evaluation has been interrupted.
        using var interrupted = new ManualResetEventSlim();
        int asked = 0;
        using var server = new CompletionServer(prompt =>
        {
            if (Interlocked.Increment(ref asked) > 10)
                interrupted.Wait();
            return $"{Number(prompt) + Number(prompt) % 2}";
        });
        string[] arguments = ["eval", "m", "--endpoint", server.Address, "--task", task, "--samples", "3", "--out"];
        using (Process process = Executable.Start([.. arguments, folder]))
        {
            SpinWait.SpinUntil(() => process.HasExited || File.Exists(samples) && File.ReadLines(samples).Count() == 10, TimeSpan.FromMinutes(2));
            Assert.False(process.HasExited);
            // Not SIGINT: a shell's background jobs are born deaf to it, and so would these tests be there.
            using (Process kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                kill.WaitForExit();
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(1, process.ExitCode);
            Assert.Contains("stopped with 10 of 60", error, StringComparison.Ordinal);
            Assert.Contains($"--resume --out {folder}", error, StringComparison.Ordinal);
        }
        interrupted.Set();
        Assert.Equal(0.5, Executable.Run([.. arguments, folder, "--resume", "--json"]).Ends(0).Json().GetProperty("passAt1").GetDouble());
        Executable.Run([.. arguments, _folder.In("whole")]).Ends(0);
        Assert.Equal(File.ReadAllText(Path.Combine(_folder.In("whole"), "samples.jsonl")), File.ReadAllText(samples));
        Executable.Run([.. arguments, folder, "--resume", "--seed", "2"]).Says(1, "seed is 2, was 1");
        Executable.Run([.. arguments, folder]).Says(1, "--resume");
    }

    [Fact]
    public void Eval_BenchmarkFile_ReadsItAndNamesABrokenLine()
    {
        string good = _folder.Write("good.jsonl", """{"question": "What is 1 + 1?", "answer": "1 + 1 = 2\n#### 2"}""" + "\n");
        Assert.Equal("gsm8k", Executable.Run("eval", run.Folder, "--task", good, "--max-tokens", "8", "--json").Ends(0).Json().GetProperty("task").GetString());
        string bad = _folder.Write("bad.jsonl", File.ReadAllText(good) + """{"question": "What is 1 + 1?", "answer": "2"}""" + "\n");
        Executable.Run("eval", run.Folder, "--task", bad).Says(1, "line 2", "####");
        string unknown = _folder.Write("unknown.jsonl", """{"foo": 1, "bar": 2}""");
        Executable.Run("eval", run.Folder, "--task", unknown).Says(1, "foo, bar", "needs");
        Executable.Run("eval", run.Folder, "--task", _folder.In("nothing.jsonl")).Says(2, "nothing.jsonl");
        Executable.Run("eval", run.Folder, "--task", good, "--format", "gsm9k").Says(2, "gsm8k");
    }

    [Fact]
    public void Eval_Server_IsAskedAsTheRecipeSays_AndCompared()
    {
        string task = _folder.Write("task.jsonl", string.Concat(Enumerable.Range(1, 20).Select(i => $$"""{"question": "What is {{i}} + 1?", "answer": "#### {{i + 1}}"}""" + "\n")));
        // One is right on all, the other on every second problem.
        using var good = new CompletionServer(prompt => $"{Number(prompt) + 1}");
        using var poor = new CompletionServer(prompt => $"{Number(prompt) + Number(prompt) % 2}");
        JsonElement best = Executable.Run("eval", "m", "--endpoint", good.Address, "--task", task, "--samples", "2", "--price", "1,2.5", "--out", _folder.In("good"), "--json").Ends(0).Json();
        Assert.Equal(1, best.GetProperty("passAt1").GetDouble());
        // 40 replies of 7 prompt tokens and 11 response tokens each.
        Assert.Equal(40 * (7 * 1m + 11 * 2.5m) / 1_000_000, best.GetProperty("money").GetDecimal());
        Assert.All(good.Requests, request => Assert.Null(request.Authorization));
        JsonElement half = Executable.Run("eval", "m", "--endpoint", poor.Address, "--task", task, "--samples", "2", "--out", _folder.In("poor"), "--json").Ends(0).Json();
        Assert.Equal(0.5, half.GetProperty("passAt1").GetDouble());
        JsonElement comparison = Executable.Run("compare", _folder.In("poor"), _folder.In("good"), "--json").Ends(0).Json();
        Assert.Equal((0.5, 0, 10), (comparison.GetProperty("difference").GetDouble(), comparison.GetProperty("aBetter").GetInt32(), comparison.GetProperty("bBetter").GetInt32()));
        // Ten differences of the same sign: 2 of 2^10 sign patterns are as extreme.
        Assert.Equal(2.0 / 1024, comparison.GetProperty("pValue").GetDouble(), 12);
        Assert.Contains("+50.0 points", Executable.Run("compare", _folder.In("poor"), _folder.In("good")).Ends(0).Output, StringComparison.Ordinal);
        Executable.Run("compare", _folder.In("poor"), _folder.Path).Says(1, "evaluation.json");
        Executable.Run("eval", "m", "--endpoint", "localhost", "--task", task).Says(2, "http://");
        Executable.Run("eval", "m", "--endpoint", good.Address, "--api-key-env", "FATHOM_NO_SUCH_KEY", "--task", task).Says(2, "FATHOM_NO_SUCH_KEY");
    }

    [PythonSandboxFact]
    public void Eval_Programs_RunInTheSandbox()
    {
        string task = _folder.Write("h.jsonl", """
            {"task_id": "T/0", "prompt": "def add(a, b):\n    \"\"\"Adds.\"\"\"\n", "entry_point": "add", "canonical_solution": "    return a + b\n", "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n    assert candidate(2, 2) == 4\n"}
            {"task_id": "T/1", "prompt": "def two():\n    \"\"\"Gives 2.\"\"\"\n", "entry_point": "two", "canonical_solution": "    return 2\n", "test": "def check(candidate):\n    assert candidate() == 2\n"}
            """);
        // One honest program; one that ends well before any test has run.
        using var server = new CompletionServer(prompt => prompt.Contains("def add", StringComparison.Ordinal)
            ? "```python\ndef add(a, b):\n    return a + b\n```" : "```python\nimport os\nprint('2')\nos._exit(0)\n```");
        Outcome outcome = Executable.Run("eval", "m", "--endpoint", server.Address, "--task", task, "--samples", "1", "--out", _folder.In("code"), "--json").Ends(0);
        JsonElement score = outcome.Json();
        Assert.Equal(("humaneval", 0.5), (score.GetProperty("task").GetString(), score.GetProperty("passAt1").GetDouble()));
        Assert.Equal(1, score.GetProperty("parts").EnumerateArray().Single(part => part.GetProperty("name").GetString() == "compiles").GetProperty("mean").GetDouble());
        Assert.Contains("sandbox, network: none", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("isolation", File.ReadAllText(_folder.In("code", "evaluation.json")), StringComparison.Ordinal);
    }

    static int Number(string prompt) => int.Parse(prompt.Split("What is ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
}
