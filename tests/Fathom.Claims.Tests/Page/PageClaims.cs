// Claims to make pages of: one of each verdict, with a measurement, and one whose every text is hostile.

using Fathom.Claims.Page;
using Fathom.Planning;

namespace Fathom.Claims.Tests.Page;

static class PageClaims
{
    public const string Hostile = "<script>alert(1)</script>\"'&</svg><img src=x onerror=alert(2)>{0}";

    public static IReadOnlyList<ClaimTopic> Topics { get; } =
    [
        new("Cost of training", [Claim("C1", Verdict.Holds), Claim("C4", Verdict.Corrected), Claim("C8", Verdict.Quoted)]),
        new("Architecture", [Claim("A5", Verdict.NotReproduced), Claim("A6", Verdict.Reproduced) with { Measurement = Measured("A6", "MaxVio") }, Claim("A4", Verdict.NotMeasured)]),
        new("Scheduling", [Claim("D1", Verdict.Holds)]),
        new("Reinforcement learning", [Claim("R2", Verdict.NotMeasured)]),
        new("Distillation", [Claim("K1", Verdict.NotMeasured)]),
        new("Prices", [Claim("P1", Verdict.Holds)]),
        new(Hostile, [HostileClaim()]),
    ];

    /// <summary>The page of <see cref="Topics"/>, made once.</summary>
    public static string Html { get; } = ClaimsPage.Html(Topics);

    public static Claim Claim(string id, Verdict verdict) =>
        new(id, $"statement of {id}", "S0 S3", ClaimKind.Computed, verdict, $"value of {id}", $"fathom command-{id}", [new($"figure of {id}", 1234567.5, "h", $"source of {id}")]);

    public static Measurement Measured(string id, string name) => new()
    {
        Id = id,
        Date = "2026-11-22",
        Machine = "a machine",
        Command = $"fathom claims --measure {id}",
        Seeds = [1, 2, 3],
        Method = "a method",
        Verdict = Verdict.Reproduced,
        Summary = "a summary",
        Values = [new($"{name} at the end", 0.4125, 0.0375, 3, "nats"), new($"{name} of one run", 7, null, 1, "")],
        Series =
        [
            new($"{name}, bias", "step", name, [[0, 3], [100, 1], [200, 0.5]]),
            new($"{name}, neither", "step", name, [[0, 3], [100, 3.5], [200, 4]]),
            new("loss", "FLOP", "nats", [[1e9, 4], [1e10, 3], [1e12, 2.5]]),
            new("one point", "question", "answers", [[5, 0]]),
        ],
    };

    static Claim HostileClaim() => new("E1", Hostile, Hostile, ClaimKind.Computed, Verdict.Holds, Hostile, Hostile, [new(Hostile, 1, Hostile, Hostile)])
    {
        Measurement = Measured("E1", Hostile) with { Date = Hostile, Machine = Hostile, Command = Hostile, Method = Hostile, Summary = Hostile },
    };
}
