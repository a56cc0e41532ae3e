// A set of byte values.

namespace Fathom.Inference.Constraints;

/// <summary>A set of byte values, 256 bits.</summary>
readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    public static ByteSet Range(int low, int high)
    {
        ByteSet set = default;
        for (int b = low; b <= high; b++)
            set = set.With((byte)b);
        return set;
    }

    public bool IsEmpty => (A | B | C | D) == 0;

    public bool Contains(byte b) => (Word(b >> 6) >> (b & 63) & 1) != 0;

    public ByteSet With(byte b)
    {
        ulong bit = 1UL << (b & 63);
        return (b >> 6) switch
        {
            0 => this with { A = A | bit },
            1 => this with { B = B | bit },
            2 => this with { C = C | bit },
            _ => this with { D = D | bit },
        };
    }

    public static ByteSet operator |(ByteSet x, ByteSet y) => new(x.A | y.A, x.B | y.B, x.C | y.C, x.D | y.D);

    public static ByteSet operator &(ByteSet x, ByteSet y) => new(x.A & y.A, x.B & y.B, x.C & y.C, x.D & y.D);

    ulong Word(int i) => i switch { 0 => A, 1 => B, 2 => C, _ => D };
}
