using Fathom.Models.Checkpoints;
using Fathom.Testing;

namespace Fathom.Models.Tests.Oracle;

// The naive model against the reference vectors: what we measure everything else with is itself measured first.
public class NaiveModelTests
{
    public static readonly TheoryData<string> Folders = ["deepseek_v1", "deepseek_v2_lite", "deepseek_v2_group", "deepseek_v3", "deepseek_v3_fp8", "llama3", "qwen2_tied", "qwen2_untied"];

    public static readonly TheoryData<string, string, bool> Gradients = new()
    {
        { "deepseek_v1", "grads_with_aux", true }, { "deepseek_v2_lite", "grads_with_aux", true }, { "deepseek_v2_group", "grads_with_aux", true },
        { "deepseek_v3", "grads", false }, { "llama3", "grads", false },
    };

    static SafetensorsFile Vectors(string folder, string name = "vectors") => SafetensorsFile.Open(SharedData.Path("vectors", folder, name + ".safetensors"));

    static int[][] Sequences(SafetensorsFile vectors, string name) =>
        vectors.ReadInt64(name).Select(id => (int)id).Chunk((int)vectors.Entry(name).Shape[1]).ToArray();

    // 1e-4 of the largest value: ten times what the references differ by, a hundredth of what any mistake does.
    static void Close(SafetensorsFile vectors, string name, IEnumerable<double> actual)
    {
        var expected = vectors.ReadFloats(name);
        var values = actual.ToArray();
        Assert.Equal(expected.Length, values.Length);
        double tolerance = 1e-4 * expected.Max(Math.Abs);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.True(Math.Abs(values[i] - expected[i]) <= tolerance, $"{name}[{i}]: expected {expected[i]}, actual {values[i]}, tolerance {tolerance}");
        }
    }

    static IEnumerable<double> Flat(IEnumerable<double[][]> rows) => rows.SelectMany(sequence => sequence).SelectMany(row => row);

    [SharedDataTheory]
    [MemberData(nameof(Folders))]
    public void Forward_EqualsEveryVector(string folder)
    {
        using var vectors = Vectors(folder);
        var model = NaiveWeights.Load(SharedData.Path("vectors", folder));
        var runs = Sequences(vectors, "input_ids").Select(tokens => model.Forward(tokens)).ToArray();
        Close(vectors, "logits", Flat(runs.Select(run => run.Logits)));
        Close(vectors, "final_hidden", Flat(runs.Select(run => run.FinalHidden)));
        for (int i = 0; i <= model.Config.LayerCount; i++)
        {
            Close(vectors, $"hidden.{i}", Flat(runs.Select(run => run.Hidden[i])));
        }

        for (int layer = 0; layer < model.Config.LayerCount; layer++)
        {
            bool experts = model.Config.HasExperts(layer);
            Assert.Equal(experts, vectors.Entries.ContainsKey($"moe.{layer}.topk_ids"));
            if (experts)
            {
                Assert.Equal(vectors.ReadInt64($"moe.{layer}.topk_ids"), runs.SelectMany(run => run.Routing[layer].ExpertIds).SelectMany(ids => ids).Select(id => (long)id));
                Close(vectors, $"moe.{layer}.topk_weights", Flat(runs.Select(run => run.Routing[layer].Weights)));
                Close(vectors, $"moe.{layer}.scores", Flat(runs.Select(run => run.Routing[layer].Scores)));
            }
        }

        Close(vectors, "long.logits", Flat(Sequences(vectors, "long.input_ids").Select(tokens => model.Forward(tokens).Logits)));
    }

    [SharedDataTheory]
    [InlineData("deepseek_v3")]
    [InlineData("deepseek_v3_fp8")]
    public void PredictFurther_EqualsEveryVector(string folder)
    {
        using var vectors = Vectors(folder);
        var model = NaiveWeights.Load(SharedData.Path("vectors", folder));
        var runs = Sequences(vectors, "input_ids").Select(tokens => model.Forward(tokens)).ToArray();
        foreach (var (prefix, beforeFinalNorm) in new[] { ("mtp", false), ("mtp_prenorm", true) })
        {
            foreach (var run in runs)
            {
                model.PredictFurther(run, beforeFinalNorm);
            }

            Close(vectors, prefix + ".hidden", Flat(runs.Select(run => run.Predictions[0].Hidden)));
            Close(vectors, prefix + ".logits", Flat(runs.Select(run => run.Predictions[0].Logits)));
            if (!beforeFinalNorm)
            {
                Assert.Equal(vectors.ReadInt64("mtp.topk_ids"), runs.SelectMany(run => run.Routing[model.Config.LayerCount].ExpertIds).SelectMany(ids => ids).Select(id => (long)id));
                Close(vectors, "mtp.topk_weights", Flat(runs.Select(run => run.Routing[model.Config.LayerCount].Weights)));
            }
        }
    }

    [SharedDataTheory]
    [InlineData("deepseek_v1")]
    [InlineData("deepseek_v2_lite")]
    [InlineData("deepseek_v2_group")]
    public void BalanceLoss_EqualsTheVectors(string folder)
    {
        using var vectors = Vectors(folder);
        var model = NaiveWeights.Load(SharedData.Path("vectors", folder));
        var runs = Sequences(vectors, "input_ids").Select(tokens => model.Forward(tokens)).ToArray();
        foreach (int layer in Enumerable.Range(0, model.Config.LayerCount).Where(model.Config.HasExperts))
        {
            Close(vectors, $"aux_loss.{layer}", [model.BalanceLoss(runs, layer, perSequence: true)]);
            Close(vectors, $"aux_loss_batch.{layer}", [model.BalanceLoss(runs, layer, perSequence: false)]);
        }
    }

    [SharedDataTheory]
    [MemberData(nameof(Gradients))]
    public void FiniteDifference_EqualsTheGradients(string folder, string file, bool balance)
    {
        using var vectors = Vectors(folder);
        using var gradients = Vectors(folder, file);
        var model = NaiveWeights.Load(SharedData.Path("vectors", folder));
        var sequences = Sequences(vectors, "input_ids");
        var routing = sequences.Select(tokens => model.Forward(tokens)).ToArray();
        string lossName = gradients.Entries.ContainsKey("loss_ce") ? "loss_ce" : "loss";
        Close(gradients, lossName, [NaiveModel.CrossEntropy(routing)]);

        // One parameter of every kind, at the element with the largest gradient: there a wrong gradient shows most.
        var random = new Random(1);
        var names = gradients.Entries.Keys.Where(name => !name.StartsWith("loss", StringComparison.Ordinal)).ToArray();
        var sampled = names.GroupBy(name => System.Text.RegularExpressions.Regex.Replace(name, @"\d+", "#")).Select(kind => kind.ElementAt(random.Next(kind.Count()))).ToArray();
        Assert.True(sampled.Length >= 10, $"only {sampled.Length} kinds of parameters");
        foreach (string name in sampled)
        {
            var expected = gradients.ReadFloats(name);
            double largest = expected.Max(Math.Abs);
            int index = Array.FindIndex(expected, value => Math.Abs(value) == largest);
            double actual = model.FiniteDifference(name, index, () => model.Loss(sequences, balance, routing: routing));
            Assert.True(Math.Abs(actual - expected[index]) <= 1e-4 * largest + 1e-8, $"{name}[{index}]: expected {expected[index]}, actual {actual}");
        }
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("deepseek-v2")]
    [InlineData("deepseek-v1")]
    [InlineData("llama")]
    [InlineData("qwen2")]
    public void ToyModel_SavedAndLoaded_GivesTheSameLoss(string name)
    {
        var config = ToyPresets.All[name];
        var weights = NaiveWeights.Random(config, seed: 3);
        int[][] sequences = [[0, 5, 9, 36, 2, 2, 7], [0, 11, 12]];
        double mtpWeight = config.MtpLayerCount > 0 ? 0.3 : 0;
        double loss = NaiveWeights.Model(config, weights).Loss(sequences, balance: true, mtpWeight);
        Assert.InRange(loss, 0.5, 50);
        string folder = Directory.CreateTempSubdirectory("fathom-toy-").FullName;
        try
        {
            NaiveWeights.Save(Path.Combine(folder, "m"), config, weights);
            Assert.Equal(loss, NaiveWeights.Load(Path.Combine(folder, "m")).Loss(sequences, balance: true, mtpWeight));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
