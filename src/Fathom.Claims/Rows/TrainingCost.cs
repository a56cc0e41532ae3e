// Claims: TrainingCost.

namespace Fathom.Claims.Rows;

static class TrainingCost
{
    public static IReadOnlyList<Claim> All() => [];
}
