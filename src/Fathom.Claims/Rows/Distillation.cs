// Claims: Distillation.

namespace Fathom.Claims.Rows;

static class Distillation
{
    public static IReadOnlyList<Claim> All(IReadOnlyDictionary<string, Measurement> measured) => [];
}
