// Claims: Scheduling.

namespace Fathom.Claims.Rows;

static class Scheduling
{
    public static IReadOnlyList<Claim> All() => [];
}
