// `fathom plan`: what training and serving would cost and need, and where the time goes.
using System.CommandLine;

namespace Fathom.Cli.Verbs;

/// <summary>The group of verbs <c>plan</c>; each is in a file of its own, Plan...Verb.cs.</summary>
static class PlanVerb
{
    public static Verb Create()
    {
        Verb plan = new(
            "plan", "Answers from first principles what training and serving a model would take. Nothing is run.",
            "plan train --preset deepseek-v3",
            "plan memory --preset deepseek-v3 --gpu h800 --gpus 16",
            "plan schedule --schedule dualpipe --ranks 8 --micro-batches 20",
            "plan experts loads.json",
            "plan price --model deepseek-reasoner --input 20k --output 2k");
        plan.Subcommands.Add(PlanTrainVerb.Create());
        plan.Subcommands.Add(PlanMemoryVerb.Create());
        plan.Subcommands.Add(PlanScheduleVerb.Create());
        plan.Subcommands.Add(PlanExpertsVerb.Create());
        plan.Subcommands.Add(PlanPriceVerb.Create());
        plan.Subcommands.Add(PlanServeVerb.Create());
        plan.Subcommands.Add(PlanTotalVerb.Create());
        return plan.Does(CommandLine.ShowHelp);
    }
}
