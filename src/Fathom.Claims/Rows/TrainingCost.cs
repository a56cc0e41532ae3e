// C: what training cost.

using Fathom.Planning;
using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Prices;
using Fathom.Planning.Training;
using static Fathom.Claims.Rows.Row;

namespace Fathom.Claims.Rows;

static class TrainingCost
{
    const string R1 = "DeepSeek-R1, version 2 (arXiv 2501.12948v2), Table 7 and appendix B.4.4";

    const int Devices = 2048;

    // V3's device hours, whole numbers.
    static readonly decimal s_preTraining = (decimal)PublishedHours.V3PreTraining.Value, s_contextExtension = (decimal)PublishedHours.V3ContextExtension.Value, s_postTraining = (decimal)PublishedHours.V3PostTraining.Value;

    static readonly decimal s_whole = s_preTraining + s_contextExtension + s_postTraining;

    static readonly string s_v3 = PublishedHours.V3PreTraining.Source;

    public static IReadOnlyList<Claim> All() =>
    [
        Sum(), Days(), FirstPrinciples(), AgainstGpt4(), AgainstLlama(), AgainstAws(), AgainstV100(), Ownership4Years(), OtherModels(), LastRunOnly(), R1Itself(), Falling(),
    ];

    static HourlyPrice Rent => HourlyPrice.H800Rental;

    static Claim Sum()
    {
        decimal cost = Rent.For(s_whole);
        return Computed(
            "C1", "V3: 2,664K + 119K + 5K = 2,788K H800 GPU hours, $5.328M + $0.238M + $0.010M = $5.576M at $2 an hour", "S1 S2 S3", s_whole == 2_788_000 && cost == 5_576_000,
            Say($"{s_preTraining / 1000:N0}K + {s_contextExtension / 1000}K + {s_postTraining / 1000}K = {s_whole / 1000:N0}K hours; ${Rent.For(s_preTraining) / 1e6m:0.000}M + ${Rent.For(s_contextExtension) / 1e6m:0.000}M + ${Rent.For(s_postTraining) / 1e6m:0.000}M = ${cost / 1e6m:0.000}M"),
            new("hours of pre-training", (double)s_preTraining, "h", s_v3), new("hours of context extension", (double)s_contextExtension, "h", s_v3), new("hours of post-training", (double)s_postTraining, "h", s_v3),
            Figure.Money("rent of a device hour", Rent.Amount, Rent.Currency, Rent.Source), Figure.Money("rent", cost, Rent.Currency, "hours x rent"));
    }

    static Claim Days()
    {
        double whole = (double)s_whole / Devices / 24, pre = (double)s_preTraining / Devices / 24;
        return Computed(
            "C2", "2,048 GPUs = 256 nodes of 8; \"55 days\", \"about 2 months\"", "S0 S3", Devices / 8 == 256 && pre < 55 && 55 < whole,
            Say($"{whole:0.0} days whole, {pre:0.0} pre-training; {Devices} / 8 = {Devices / 8} nodes"),
            new("days of all stages", whole, "days", Say($"{s_whole} h / {Devices} devices / 24; {s_v3}")), new("days of pre-training", pre, "days", Say($"{s_preTraining} h / {Devices} devices / 24; {s_v3}")));
    }

    static Claim FirstPrinciples()
    {
        const double tokens = 14.8e12, active = 37e9;
        double perTrillion = (double)s_preTraining / (tokens / 1e12), flops = 6 * active * tokens, rate = flops / ((double)s_preTraining * 3600);
        StagePlan plan = StagePlan.Of(TrainingPresets.PreTraining("deepseek-v3"));
        double off = plan.Hours / (double)s_preTraining - 1;
        return Computed(
            "C3", "180K GPU hours per trillion tokens, 14.8T tokens", "DeepSeek-V3 report", Math.Round(perTrillion / 1000) == 180 && Math.Abs(off) <= 0.1,
            Say($"{perTrillion / 1000:0}K hours per trillion; 6 x 37e9 x 14.8e12 = {flops:0.0e0} FLOP, {rate / 1e12:0} TFLOP/s per GPU; planned from first principles {plan.Hours:N0} h ({off:+0.0%;-0.0%}): {string.Join(", ", plan.Parts.OrderByDescending(part => part.Value).Take(4).Select(part => Say($"{part.Name} {part.Value / plan.Hours:0%}")))}"),
            [new("published hours per trillion tokens", perTrillion, "h", s_v3), new("operations", flops, "FLOP", "6 x active parameters x tokens"), new("rate of a device", rate, "FLOP/s", "operations / hours"), new("planned hours", plan.Hours, "h", "the sum of the parts below"), .. plan.Parts])
            .By("fathom plan train --preset deepseek-v3 --explain");
    }

    static Claim AgainstGpt4()
    {
        decimal cost = Rent.For(s_whole), times = 100_000_000m / cost;
        return Corrected(
            "C4", "\"$5.57 million\"; \"more than ten times\" cheaper than the \"$100 million\" of GPT-4", "S0", Say($"said: $5.57M; right: ${cost / 1e6m:0.000}M, {times:0.0} times less than $100M (which was quoted, not published)"),
            Figure.Money("rent", cost, Rent.Currency, "hours x rent; " + s_v3), new("times", (double)times, "", "$100M as the document quotes it / rent"));
    }

    static Claim AgainstLlama()
    {
        double llama = PublishedHours.Llama405B.Value;
        double times = llama / (double)s_whole;
        return Corrected(
            "C5", "Llama-3.1-405B took 30.84M GPU hours, \"almost 10 times longer\"", "S1 S3", Say($"said: almost 10 times; right: {times:0.0} times V3's hours (of other GPUs: H100)"),
            new("hours of Llama 3.1 405B", llama, "h", PublishedHours.Llama405B.Source), new("hours of V3", (double)s_whole, "h", s_v3), new("times", times, "", "hours / hours"));
    }

    static Claim AgainstAws()
    {
        DevicePrice aws = Device.Find("h100").Rents.Single(rent => rent.Provider == "AWS");
        decimal each = aws.Amount, times = each / Rent.Amount, pre = each * s_preTraining;
        return Computed(
            "C6", "AWS p5.48xlarge at $98.32 an hour for 8 H100 is \"approximately $12\" a GPU; pre-training would be \"six times\" dearer", "S3", decimal.Round(each) == 12 && decimal.Round(times) == 6,
            Say($"${each:0.00} an hour; {times:0.0} times; pre-training would be ${pre / 1e6m:0.0}M"),
            Figure.Money("AWS, an H100 hour", each, "USD", aws.Source), new("times", (double)times, "", $"over {Rent.Amount} ({Rent.Source})"), Figure.Money("pre-training at that price", pre, "USD", "hours x price; " + s_v3));
    }

    static Claim AgainstV100()
    {
        DevicePrice v100 = Device.Find("v100").Rents.Single(rent => rent.Provider == "AWS");
        decimal dearer = v100.Amount / Rent.Amount - 1;
        return Corrected(
            "C7", "$3.06 an hour for a V100 is \"on par\" with $2", "S3", Say($"said: on par; right: {dearer:0%} dearer (and a V100 has {Device.Find("v100").Rate(Precision.Bf16) / Device.Find("h800").Rate(Precision.Bf16):0%} of an H800's peak)"),
            Figure.Money("AWS, a V100 hour", v100.Amount, "USD", v100.Source), Figure.Money("an H800 hour", Rent.Amount, "USD", Rent.Source));
    }

    static Claim Ownership4Years()
    {
        TotalCost total = new(Ownership.SemiAnalysis);
        return Quoted(
            "C8", "SemiAnalysis: $2.573B over four years, servers and operation", "S1 S2",
            Say($"built from servers ${total.Lines.Where(line => line.Name.StartsWith("servers", StringComparison.Ordinal)).Sum(line => line.Amount ?? 0) / 1e9m:0.000}B and operation ${Ownership.SemiAnalysis.Operation / 1e9m:0.000}B: ${total.Total / 1e9m:0.000}B; not in it: {string.Join(", ", total.Missing)}"),
            [Ownership.SemiAnalysisTotal, .. total.Lines.Where(line => line.Amount is not null).Select(line => Figure.Money(line.Name, line.Amount!.Value, "USD", line.Source))])
            .By("fathom plan total --preset semianalysis --explain");
    }

    static Claim OtherModels()
    {
        const decimal hours = 16 * 26m / 60;
        decimal cheapest = 50 / hours;
        return Quoted(
            "C9", "GPT-4 $78M, Llama 3.1 over $60M, Claude 3.5 about $100M; s1 under $50", "S1",
            Say($"s1's last run took 26 minutes on 16 H100, {hours:0.0} hours: ${hours * Rent.Amount:0} at $2 an hour, under $50 wherever one costs less than ${cheapest:0.00}; its trials and data are not in it"),
            new("device hours of s1's last run", (double)hours, "h", "s1 (arXiv 2501.19393), section 4.1: 26 minutes on 16 H100"), Figure.Money("dearest hour for $50", decimal.Round(cheapest, 2), "USD", "50 / hours"))
            .By("fathom plan train --preset s1 --explain");
    }

    static Claim LastRunOnly()
    {
        TotalCost total = new(new Ownership { Years = 1, Devices = [], DeviceSource = "none is bought" });
        return Computed(
            "C10", "Only the last run counts: failed runs, ablations, people and data are left out", "all", new[] { "people", "failed runs", "ablations", "data" }.All(total.Missing.Contains),
            Say($"true of the ${Rent.For(s_whole) / 1e6m:0.000}M: {s_v3} excludes \"prior research and ablation experiments\"; a total of ours has a line for each and counts as 0 only what is said to be 0; without a statement these are missing: {string.Join(", ", total.Missing)}"),
            [.. total.Lines.Where(line => line.Amount is not null).Select(line => Figure.Money(line.Name, line.Amount!.Value, "USD", line.Source))])
            .By("fathom plan total --help");
    }

    static Claim R1Itself()
    {
        decimal zero = (decimal)PublishedHours.R1Zero.Value, data = (decimal)PublishedHours.R1Samples.Value, r1 = (decimal)PublishedHours.R1.Value, all = zero + data + r1;
        const int devices = 64 * 8;
        return Computed(
            "C11", "R1's own RL: 147K H800 hours, $294K (101K R1-Zero, 5K data, 41K R1); \"648 GPUs\"", "DeepSeek-R1, version 2", all == 147_000 && Rent.For(all) == 294_000,
            Say($"{zero / 1000}K + {data / 1000}K + {r1 / 1000}K = {all / 1000}K hours, ${Rent.For(all) / 1000:0}K; \"648\" is a misprint of 64 x 8 = {devices}: {devices} x 198 h = {devices * 198:N0}, {devices} x 80 h = {devices * 80:N0}"),
            new("R1-Zero", (double)zero, "h", R1), new("data for fine-tuning", (double)data, "h", R1), new("R1", (double)r1, "h", R1), Figure.Money("rent", Rent.For(all), Rent.Currency, $"hours x {Rent.Amount}; {Rent.Source}"))
            .By("fathom plan train --preset r1-zero --explain");
    }

    static Claim Falling()
    {
        CostTrend training = CostTrend.Training, low = CostTrend.InferenceLow, high = CostTrend.InferenceHigh;
        return Quoted(
            "C12", "Training cost falls 75% a year, inference 85 to 90%; GPT-3 quality became 1,200 times cheaper", "S1 S2",
            Say($"a projection: at 75% a year V3's last run would cost ${(double)Rent.For(s_whole) * training.After(3) / 1e3:0}K after three years; 1,200 times cheaper takes {high.YearsUntil(1200):0.0} years at 90% a year and {low.YearsUntil(1200):0.0} at 85%"),
            new("yearly fall of training", training.YearlyFall, "", training.Source), new("yearly fall of inference, low", low.YearlyFall, "", low.Source), new("yearly fall of inference, high", high.YearlyFall, "", high.Source),
            new("years until 1,200 times cheaper, at 90%", high.YearsUntil(1200), "years", "ln 1200 / -ln(1 - fall)"));
    }
}
