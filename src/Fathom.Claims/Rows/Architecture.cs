// Claims: Architecture.

namespace Fathom.Claims.Rows;

static class Architecture
{
    public static IReadOnlyList<Claim> All(IReadOnlyDictionary<string, Measurement> measured) => [];
}
