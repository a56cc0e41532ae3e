// Whole runs in miniature: the same bits with any number of threads and after any stop, and a clear word when the numbers go bad.

using Fathom.Models.Checkpoints;
using Fathom.Models.Layers;
using Fathom.Numerics.Threading;
using Fathom.Testing;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Training.Tests.Recipes;

[Collection("alone")]
public sealed class RecipeRunnerTests : IDisposable
{
    static readonly Recipe s_recipe = RecipeFile.Parse(MiniRun.Recipe, "mini");

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Runs to the end, or until `stop` says so after a step; as a killed process would, without a word to the folder.
    string Train(string name, Func<StageProgress, bool>? stop = null)
    {
        string path = _folder.In(name);
        using RunFolder run = Directory.Exists(path) ? RunFolder.Resume(path, s_recipe) : RunFolder.Create(path, s_recipe);
        using RecipeRunner runner = new(run, progress =>
        {
            if (stop?.Invoke(progress) == true)
                throw new OperationCanceledException();
        });
        if (stop is null)
            runner.Run();
        else
            Assert.Throws<OperationCanceledException>(runner.Run);
        return path;
    }

    [Fact]
    public void Run_OneOrTwoThreads_OrStoppedAndResumed_GivesTheSameBits()
    {
        int before = ThreadTeam.Shared.ThreadCount;
        try
        {
            ThreadTeam.SetSharedThreadCount(1);
            string one = Train("one");
            ThreadTeam.SetSharedThreadCount(2);
            MiniRun.AssertSame(one, Train("two"));

            // In each stage, right after a checkpoint and between two; and in the middle of an evaluation.
            int stops = 0;
            foreach ((string stage, long step) in new[] { ("base", 1L), ("base", 12L), ("evaluate-base", 16L), ("cold-start", 3L), ("rl", 1L), ("rl", 5L), ("rl", 8L) })
            {
                Train("stopped", progress => progress.Stage == stage && progress.Step == step);
                stops++;
                MiniRun.AssertCheckpointsWhole(_folder.In("stopped"));
            }
            MiniRun.AssertSame(one, Train("stopped"));
            Assert.Equal(7, stops);
            AssertSensible(one);
        }
        finally
        {
            ThreadTeam.SetSharedThreadCount(before);
        }
    }

    // The run itself did what its stages are for.
    static void AssertSensible(string run)
    {
        System.Text.Json.Nodes.JsonNode[] metrics = [.. MiniRun.Metrics(run).Select(line => System.Text.Json.Nodes.JsonNode.Parse(line)!)];
        double[] Of(string stage, string name) => [.. metrics.Where(m => (string)m["stage"]! == stage && m[name] is not null).Select(m => (double)m[name]!)];
        Assert.Equal(24, Of("base", "loss").Length);
        Assert.True(Of("base", "loss")[^1] < Of("base", "loss")[0] - 1);
        Assert.Equal(3, Of("base", "validationLoss").Length);
        Assert.True(Of("base", "bitsPerByte")[^1] < Of("base", "bitsPerByte")[0]);
        Assert.True(Of("cold-start", "loss")[^1] < Of("cold-start", "loss")[0]);
        Assert.Equal(8, Of("rl", "maxLogProbGap").Length);
        Assert.All(Of("rl", "maxLogProbGap"), gap => Assert.InRange(gap, 0, 1e-4));
        Assert.All(Of("rl", "kl"), kl => Assert.InRange(kl, 0, 1));
        Assert.True(File.Exists(Path.Combine(run, "summary.json")) && File.Exists(Path.Combine(run, "report.html")));
        using DecoderModel model = DecoderModel.Load(run);
        Assert.Equal(2, model.Config.LayerCount);
    }

    [Fact]
    public unsafe void Run_LossBecomesNaN_NamesStageStepAndCheckpoint_AndKeepsTheCheckpoint()
    {
        string path = Train("poisoned", progress => progress.Stage == "base" && progress.Step == 7);
        string checkpoint = Directory.GetDirectories(Path.Combine(path, "checkpoints")).Max()!;
        Assert.EndsWith("step-000006", checkpoint);
        // One weight of the checkpoint goes bad, as a defective memory might make it.
        string folder = Path.Combine(checkpoint, "model");
        using (DecoderModel model = DecoderModel.Load(folder))
        {
            model.Parameters["model.norm.weight"].Data[0] = float.NaN;
            model.Save(folder);
        }
        RunException error;
        using (RunFolder run = RunFolder.Resume(path, s_recipe))
        using (RecipeRunner runner = new(run, _ => { }))
            error = Assert.Throws<RunException>(runner.Run);
        Assert.Contains("Stage 'base', step 7", error.Message);
        Assert.Contains("NaN", error.Message);
        Assert.Contains(checkpoint, error.Message);
        Assert.Equal(1, Directory.GetDirectories(Path.Combine(path, "checkpoints")).Count(d => d == checkpoint));
        Assert.False(File.Exists(Path.Combine(path, ModelFolder.SingleFileName)));
    }
}
