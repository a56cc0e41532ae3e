// Complex numbers made of two balls. A part that is exactly 0 stays so, which keeps real numbers real.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>A complex number with bounds on its error.</summary>
internal readonly record struct ComplexBall(Ball Re, Ball Im)
{
    public static ComplexBall I => new(Ball.Zero, Ball.One);

    public static ComplexBall One => new(Ball.One, Ball.Zero);

    public bool IsReal => Im.IsExactZero;

    public bool ContainsZero => Re.ContainsZero && Im.ContainsZero;

    public static implicit operator ComplexBall(Ball real) => new(real, Ball.Zero);

    public static ComplexBall operator +(ComplexBall a, ComplexBall b) => new(a.Re + b.Re, a.Im + b.Im);

    public static ComplexBall operator -(ComplexBall a) => new(-a.Re, -a.Im);

    public static ComplexBall operator -(ComplexBall a, ComplexBall b) => a + -b;

    public static ComplexBall operator *(ComplexBall a, ComplexBall b) => a.IsReal && b.IsReal
        ? a.Re * b.Re : new ComplexBall(a.Re * b.Re - a.Im * b.Im, a.Re * b.Im + a.Im * b.Re);

    /// <summary>The quotient; the divisor must not contain 0.</summary>
    public static ComplexBall operator /(ComplexBall a, ComplexBall b)
    {
        if (b.IsReal)
            return new ComplexBall(a.Re / b.Re, a.IsReal ? Ball.Zero : a.Im / b.Re);
        Ball norm = b.Re * b.Re + b.Im * b.Im;
        ComplexBall top = a * new ComplexBall(b.Re, -b.Im);
        return new(top.Re / norm, top.Im / norm);
    }

    public Ball Abs() => IsReal ? Re.Abs() : (Re * Re + Im * Im).Sqrt();

    /// <summary>The principal square root.</summary>
    public ComplexBall Sqrt()
    {
        if (IsReal)
            return Re.Sign >= 0 ? Re.Sqrt() : new ComplexBall(Ball.Zero, (-Re).Sqrt());
        // For (u + iv)² = a + ib: u² = (|z| + a) / 2, v = b / 2u; the larger of u and v is computed first.
        Ball size = Abs();
        if (Re.Sign >= 0)
        {
            Ball u = ((size + Re) * Ball.Half).Sqrt();
            return new(u, Im * Ball.Half / u);
        }
        Ball v = ((size - Re) * Ball.Half).Sqrt();
        if (Im.Sign < 0)
            v = -v;
        return new(Im * Ball.Half / v, v);
    }

    public ComplexBall Exp()
    {
        Ball size = Re.Exp();
        if (IsReal)
            return size;
        var (sin, cos) = Im.SinCos();
        return new(size * cos, size * sin);
    }

    /// <summary>The principal logarithm; the number must not contain 0.</summary>
    public ComplexBall Ln()
    {
        if (IsReal)
            return Re.Sign > 0 ? Re.Ln() : new ComplexBall((-Re).Ln(), Ball.Pi);
        // An imaginary part that may be 0 beside a negative real part is taken as 0: the cut belongs to the upper side.
        Ball im = Im.ContainsZero && Re.Sign < 0 ? Ball.Zero : Im;
        return new((Re * Re + Im * Im).Ln() * Ball.Half, Ball.Atan2(im, Re));
    }

    /// <summary>Sine and cosine.</summary>
    public (ComplexBall Sin, ComplexBall Cos) SinCos()
    {
        var (sin, cos) = Re.SinCos();
        if (IsReal)
            return (sin, cos);
        Ball up = Im.Exp(), down = (-Im).Exp(), cosh = (up + down) * Ball.Half, sinh = (up - down) * Ball.Half;
        return (new(sin * cosh, cos * sinh), new(cos * cosh, -(sin * sinh)));
    }
}
