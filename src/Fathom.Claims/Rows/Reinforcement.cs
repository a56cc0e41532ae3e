// Claims: Reinforcement.

namespace Fathom.Claims.Rows;

static class Reinforcement
{
    public static IReadOnlyList<Claim> All(IReadOnlyDictionary<string, Measurement> measured) => [];
}
