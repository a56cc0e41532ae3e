// Gradients of operators that have no kernel of their own, and of tensors with several consumers, against sums worked out by hand.

using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Tests.Gradients;

public sealed unsafe class OperatorsTests : IDisposable
{
    readonly Tape _tape = new() { Recording = true };

    public void Dispose() => _tape.Dispose();

    // Small whole numbers: sums are exact, so equality is exact.
    Tensor Make(int rows, int columns, int salt)
    {
        Tensor tensor = _tape.Scope.Rent(rows, columns);
        for (int i = 0; i < tensor.Length; i++)
            tensor.Data[i] = (i * 7 + salt * 13) % 11 - 5;
        return tensor;
    }

    float[] Seed(Tensor y, int salt)
    {
        y.Gradient = Make(y.Rows, y.Columns, salt);
        return y.Gradient.Span.ToArray();
    }

    [Fact]
    public void Add_OfATensorToItself_DoublesItsGradient()
    {
        Tensor x = Make(3, 4, 1), z = _tape.Add(x, x);
        float[] dz = Seed(z, 2);
        _tape.Backward();
        Assert.Equal(dz.Select(value => 2 * value), x.Gradient!.Span.ToArray());
    }

    [Fact]
    public void Add_SharedAmongSums_GetsEverySumsGradient()
    {
        // z = x + y, w = z + y, v = w + x: dx = 2 dv, dy = 2 dv.
        Tensor x = Make(3, 4, 1), y = Make(3, 4, 2), z = _tape.Add(x, y), w = _tape.Add(z, y), v = _tape.Add(w, x);
        Assert.Equal(x.Span.ToArray().Zip(y.Span.ToArray(), (a, b) => 2 * a + 2 * b), v.Span.ToArray());
        float[] dv = Seed(v, 3);
        _tape.Backward();
        Assert.Equal(dv.Select(value => 2 * value), x.Gradient!.Span.ToArray());
        Assert.Equal(dv.Select(value => 2 * value), y.Gradient!.Span.ToArray());
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Split_PartsWithAndWithoutGradient_FillTheWhole(bool left, bool right)
    {
        Tensor x = Make(3, 7, 1);
        (Tensor a, Tensor b) = _tape.Split(x, 3);
        for (int t = 0; t < 3; t++)
        {
            Assert.Equal(x.RowSpan(t)[..3].ToArray(), a.RowSpan(t).ToArray());
            Assert.Equal(x.RowSpan(t)[3..].ToArray(), b.RowSpan(t).ToArray());
        }
        float[] da = left ? Seed(a, 2) : new float[9], db = right ? Seed(b, 3) : new float[12];
        _tape.Backward();
        for (int t = 0; t < 3; t++)
            Assert.Equal([.. da[(t * 3)..(t * 3 + 3)], .. db[(t * 4)..(t * 4 + 4)]], x.Gradient!.RowSpan(t).ToArray());
    }

    [Fact]
    public void Split_Twice_AddsUp()
    {
        Tensor x = Make(2, 5, 1);
        (Tensor a, Tensor b) = _tape.Split(x, 2);
        (Tensor c, Tensor d) = _tape.Split(x, 4);
        float[] da = Seed(a, 2), db = Seed(b, 3), dc = Seed(c, 4), dd = Seed(d, 5);
        _tape.Backward();
        for (int t = 0; t < 2; t++)
        {
            float[] first = [.. da[(t * 2)..(t * 2 + 2)], .. db[(t * 3)..(t * 3 + 3)]], second = [.. dc[(t * 4)..(t * 4 + 4)], .. dd[t..(t + 1)]];
            Assert.Equal(first.Zip(second, (p, q) => p + q), x.Gradient!.RowSpan(t).ToArray());
        }
    }

    [Fact]
    public void Concat_OfATensorWithItself_AddsBothHalves()
    {
        Tensor x = Make(3, 2, 1), joined = _tape.Concat(x, x);
        float[] d = Seed(joined, 2);
        _tape.Backward();
        for (int t = 0; t < 3; t++)
        {
            Assert.Equal([.. x.RowSpan(t).ToArray(), .. x.RowSpan(t).ToArray()], joined.RowSpan(t).ToArray());
            Assert.Equal([d[4 * t] + d[4 * t + 2], d[4 * t + 1] + d[4 * t + 3]], x.Gradient!.RowSpan(t).ToArray());
        }
    }

    [Fact]
    public void Concat_UndoneBySplit_IsTheIdentity()
    {
        Tensor x = Make(3, 2, 1), y = Make(3, 5, 2);
        (Tensor a, Tensor b) = _tape.Split(_tape.Concat(x, y), 2);
        Assert.Equal(x.Span.ToArray(), a.Span.ToArray());
        Assert.Equal(y.Span.ToArray(), b.Span.ToArray());
        float[] da = Seed(a, 3), db = Seed(b, 4);
        _tape.Backward();
        Assert.Equal(da, x.Gradient!.Span.ToArray());
        Assert.Equal(db, y.Gradient!.Span.ToArray());
    }

    [Fact]
    public void SelectRows_TwoSelections_ScatterAndAddUp_AndLeaveOthersZero()
    {
        Tensor x = Make(5, 3, 1);
        int* first = _tape.Scope.Rent<int>(3), second = _tape.Scope.Rent<int>(2);
        (first[0], first[1], first[2]) = (4, 0, 2);
        (second[0], second[1]) = (2, 3);
        Tensor a = _tape.SelectRows(x, first, 3), b = _tape.SelectRows(x, second, 2);
        Assert.Equal([.. x.RowSpan(4), .. x.RowSpan(0), .. x.RowSpan(2)], a.Span.ToArray());
        float[] da = Seed(a, 2), db = Seed(b, 3), expected = new float[15];
        for (int c = 0; c < 3; c++)
        {
            expected[4 * 3 + c] = da[c];
            expected[c] = da[3 + c];
            expected[2 * 3 + c] = da[6 + c] + db[c];
            expected[3 * 3 + c] = db[3 + c];
        }
        _tape.Backward();
        Assert.Equal(expected, x.Gradient!.Span.ToArray());
    }

    [Fact]
    public void Linear_OfOneInputTwice_AddsInputGradients()
    {
        Tensor x = Make(3, 4, 1), w = Make(2, 4, 2), u = Make(5, 4, 3);
        Tensor y = _tape.Linear(x, w), z = _tape.Linear(x, u);
        float[] dy = Seed(y, 4), dz = Seed(z, 5);
        w.Gradient = _tape.Scope.RentZeroed(2, 4);
        _tape.Backward();
        for (int t = 0; t < 3; t++)
            for (int h = 0; h < 4; h++)
            {
                float expected = 0;
                for (int n = 0; n < 2; n++)
                    expected += dy[t * 2 + n] * w.Row(n)[h];
                for (int n = 0; n < 5; n++)
                    expected += dz[t * 5 + n] * u.Row(n)[h];
                Assert.Equal(expected, x.Gradient!.Row(t)[h]);
            }
        for (int n = 0; n < 2; n++)
            for (int h = 0; h < 4; h++)
                Assert.Equal(Enumerable.Range(0, 3).Sum(t => dy[t * 2 + n] * x.Row(t)[h]), w.Gradient.Row(n)[h]);
        // Nobody asked for u's.
        Assert.Null(u.Gradient);
    }

    [Fact]
    public void Linear_InputOfAnotherWidth_IsRefused()
        => Assert.Contains("[3, 4]", Assert.Throws<ArgumentException>(() => _tape.Linear(Make(3, 5, 1), Make(2, 4, 2))).Message);
}
