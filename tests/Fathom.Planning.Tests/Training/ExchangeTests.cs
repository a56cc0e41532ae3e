// What waits for links and for the fullest device.

using Fathom.Models.Configs;
using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Training;

namespace Fathom.Planning.Tests.Training;

public class ExchangeTests
{
    static readonly Device s_h100 = Device.Find("h100");

    static TrainingRun Dense(int devices, TrainingLayout layout) => new("test", new(Presets.DistillQwen32B), 1_000_000_000, 4096, devices, s_h100, devices, layout, Precision.Bf16);

    [Fact]
    public void Gradients_OfTwoNodes_GoOverAllTheirNetworkCards()
    {
        // A ring per card: what each device sends out of the node is an eighth of it, and 8 x 50 GB/s is less than the 450 inside.
        TrainingRun run = Dense(16, new());
        double parameters = run.Work.Parameters;
        Assert.Equal(parameters * 6 * 15 / 16 / (8 * 50e9 * 0.9), Exchanges.UpdateSeconds(run, 0), 1e-9);
        // One node: all stays inside.
        Assert.Equal(parameters * 6 * 7 / 8 / (450e9 * 0.9), Exchanges.UpdateSeconds(Dense(8, new()), 0), 1e-9);
        // With a tensor-parallel node one device of each node has the same weights, and one card.
        TrainingRun tensor = Dense(16, new() { Tensor = 8 });
        Assert.Equal(parameters / 8 * 6 / 2 / (50e9 * 0.9), Exchanges.UpdateSeconds(tensor, 0), 1e-9);
    }

    [Fact]
    public void Gradients_OfExpertsOnAllDevicesOfANode_HaveOneCardEach()
    {
        TrainingRun run = TrainingPresets.PreTraining("deepseek-v3");
        double routed = run.Work.RoutedParameters / (16.0 * 64), others = (run.Work.LayerParameters + run.Work.EndParameters) / 16.0;
        // 2 copies of each expert, on different nodes; 128 devices have the rest, 8 in a node, where links do 160 GB/s.
        Assert.Equal((routed / 2 / 50e9 + others * 127 / 128 / 160e9) * 6 / 0.9, Exchanges.UpdateSeconds(run, 0), 1e-9);
    }

    [Fact]
    public void Zero3_HidesGathersBehindComputation_AndWaitsForTheRest()
    {
        TrainingRun run = Dense(16, new() { ZeroStage = 3 }) with { Batch = 64 };
        double perByte = run.Work.Parameters * 15.0 / 16 / (400e9 * 0.9);
        Assert.Equal(0, Exchanges.UpdateSeconds(run, 100));
        // 4 micro-batches: two gathers each, and gradients once.
        Assert.Equal((4 * 4 + 4) * perByte, Exchanges.UpdateSeconds(run, 0), 1e-9);
        Assert.Equal((4 + 4) * perByte - 4 * perByte, Exchanges.UpdateSeconds(run, 4 * perByte), 1e-9);
        Assert.Equal(0, TrainingTime.Of(run).Parts.Single(part => part.Name == "gradient exchange").Value);
    }

    [Fact]
    public void Imbalance_SlowsRoutedExpertsAndTheirExchange_AndNothingElse()
    {
        TrainingRun run = TrainingPresets.PreTraining("deepseek-v3"), even = run with { Imbalance = run.Imbalance with { Value = 1 } }, uneven = run with { Imbalance = run.Imbalance with { Value = 1.5 } };
        Assert.Equal(1.04, run.Imbalance.Value);
        Assert.Equal(1.5 * Exchanges.ExpertSeconds(even, 4096), Exchanges.ExpertSeconds(uneven, 4096), 1e-12);
        foreach (MatrixWork product in run.Work.Products)
        {
            double before = TrainingTime.ProductSeconds(product, even, 4096).Forward, after = TrainingTime.ProductSeconds(product, uneven, 4096).Forward;
            // Half as many rows more; matrices are read once as before.
            Assert.InRange(after / before, product.Matrices > 1 ? 1.3 : 1, product.Matrices > 1 ? 1.5 : 1);
        }
        // Every device has all experts: there is no fullest one.
        Assert.Equal(1, (uneven with { Layout = uneven.Layout with { Expert = 1 } }).Waiting);
        PlanException error = Assert.Throws<PlanException>(() => StagePlan.Of(run with { Imbalance = run.Imbalance with { Value = 0.5 } }));
        Assert.Contains("1 to 1000 is allowed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void S1_LongestOf16Samples_HasTheLengthThatThePresetTakes()
    {
        // Log-normal lengths with a mean of 4,700 and 74% above 4,096: by the quantile 0.6433, spread s solves s^2 / 2 + 0.6433 s = ln(4700 / 4096).
        double spread = -0.6433 + Math.Sqrt(0.6433 * 0.6433 + 2 * Math.Log(4700 / 4096.0)), middle = Math.Log(4700) - spread * spread / 2;
        Random random = new(7);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        double mean = Enumerable.Range(0, 20_000).Average(_ => Enumerable.Range(0, 16).Max(_ => Math.Exp(middle + spread * Normal())));
        // Standard error: about 600 / sqrt(20,000) = 4 tokens.
        StagePlan plan = TrainingPresets.Plan("s1").Stages[0];
        Assert.Equal(plan.Inputs.Single(input => input.Name == "tokens per sequence").Value, mean, 100.0);
    }

    [Fact]
    public void Money_IsRentAndWhatIsStatedBesideIt()
    {
        TrainingPlan plan = TrainingPresets.Plan("s1"), whole = plan with { Beside = CostLine.BesideTheRun(failedRuns: 0, ablations: 10, people: 20.5m, data: 3) };
        Assert.Equal(plan.Cost, plan.TotalCost);
        Assert.Equal(plan.Cost + 33.5m, whole.TotalCost);
        Assert.Contains("lower bound: failed runs, ablations, people, data", plan.Totals[^1].Source, StringComparison.Ordinal);
        Assert.DoesNotContain("lower bound", whole.Totals[^1].Source, StringComparison.Ordinal);
        Assert.All(plan.Stages.SelectMany(stage => stage.Figures), figure => Assert.NotEmpty(figure.Source));
    }

    [Fact]
    public void Energy_HoldsThePowerOfTheDataCentre()
    {
        TrainingPlan plan = TrainingPresets.Plan("deepseek-67b");
        Assert.Equal(plan.Hours * 0.7 * 1.3, plan.EnergyKwh, plan.Hours * 1e-9);
        Assert.Equal(plan.Hours * 0.7, (plan with { PowerUsage = plan.PowerUsage with { Value = 1 } }).EnergyKwh, plan.Hours * 1e-9);
    }
}
