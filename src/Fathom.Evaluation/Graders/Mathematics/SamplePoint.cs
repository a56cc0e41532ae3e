// Values for variables. They depend on the variable's name and the number of the sample only, so that every comparison gives the same verdict every time.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Makes sample points.</summary>
internal static class SamplePoint
{
    /// <summary>A fraction between 1/4 and 17/4 with the denominator 2^20. Two different polynomials of degree d agree at one such point with a probability of at
    /// most d / 2^22 (Schwartz-Zippel).</summary>
    public static Rational Of(string name, int sample) => Rational.Of((1 << 18) + (long)(Hash(name, sample) & ((1 << 22) - 1)), 1 << 20);

    /// <summary>The same with a sign that depends on name and sample.</summary>
    public static Rational Signed(string name, int sample) => (Hash(name, sample + 1000) & 1) == 0 ? Of(name, sample) : -Of(name, sample);

    /// <summary>A small positive integer, for expressions that have values at integers only.</summary>
    public static Rational Integer(string name, int sample) => (long)(2 + (Hash(name, sample) & 15));

    // FNV-1a over name and sample, then a finaliser that spreads every bit.
    static ulong Hash(string name, int sample)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in name)
            hash = (hash ^ c) * 1099511628211;
        hash = (hash ^ (uint)sample) * 1099511628211;
        hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
        hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
        return hash ^ (hash >> 31);
    }
}
