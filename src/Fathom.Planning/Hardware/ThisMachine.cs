// The machine that this runs on as a device of plans: its limits are measured, not looked up.

using Fathom.Numerics.Kernels.MachineLimits;

namespace Fathom.Planning.Hardware;

/// <summary>This machine as a device.</summary>
public static class ThisMachine
{
    /// <summary>Its name on the command line.</summary>
    public const string Name = "here";

    /// <summary>Describes this machine by measured limits.</summary>
    /// <param name="limits">What was measured.</param>
    /// <param name="memoryBytes">Memory that the process may use.</param>
    public static Device Describe(MachineLimits limits, long memoryBytes)
    {
        string source = $"measured now, {limits.Threads} threads";
        Figure none = new("bandwidth to other machines", double.PositiveInfinity, "bytes/s", "one machine: nothing is exchanged");
        return new(
            Name, "this machine",
            new Dictionary<Precision, Figure>
            {
                [Precision.Fp32] = new("measured peak in fp32", limits.Single * 1e9, "FLOP/s", source),
                [Precision.Bf16] = new("measured peak in bf16", limits.BFloat * 1e9, "FLOP/s", source),
            },
            new("memory", memoryBytes, "bytes", "the system"), new("memory bandwidth", limits.Triad * 1e9, "bytes/s", source), none, none, 1,
            new("power", 100, "W", Figure.AssumptionMark + "two cores' share of a server"),
            [new("this machine", "now", 0, "USD", Figure.AssumptionMark + "it is there already")], []);
    }
}
