// Numbers of a given length.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

static class Digits
{
    /// <summary>A uniform number with exactly <paramref name="count"/> decimal digits (1 to 9); one digit includes zero.</summary>
    public static long Draw(ref RandomStream random, int count)
    {
        int bound = (int)Math.Pow(10, count);
        return random.NextInt(count == 1 ? 0 : bound / 10, bound);
    }
}
