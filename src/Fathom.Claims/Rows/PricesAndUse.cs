// Claims: PricesAndUse.

namespace Fathom.Claims.Rows;

static class PricesAndUse
{
    public static IReadOnlyList<Claim> All(IReadOnlyDictionary<string, Measurement> measured) => [];
}
