// Seeds of single samples, from a run's seed and the sample's place.
using Fathom.Numerics.Random;

namespace Fathom.Inference;

/// <summary>Derives one seed per sampled sequence, so that a sample does not depend on what else is sampled.</summary>
public static class SampleSeed
{
    /// <summary>The seed of sample <paramref name="sample"/> of item <paramref name="item"/> under <paramref name="seed"/>.</summary>
    public static ulong Of(ulong seed, long item, long sample) => new CounterRandom(seed, (ulong)item).UInt64((ulong)sample);
}
