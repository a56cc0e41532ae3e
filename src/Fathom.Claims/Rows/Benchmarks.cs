// Claims: Benchmarks.

namespace Fathom.Claims.Rows;

static class Benchmarks
{
    public static IReadOnlyList<Claim> All() => [];
}
