// An axis: from values to places in a picture, with round ticks.

namespace Fathom.Claims.Page;

/// <summary>An axis, linear or logarithmic.</summary>
/// <param name="Low">Value at <paramref name="From"/>, greater than 0 where logarithmic.</param>
/// <param name="High">Value at <paramref name="To"/>, greater than <paramref name="Low"/>.</param>
/// <param name="From">Place of the lowest value.</param>
/// <param name="To">Place of the highest; less than <paramref name="From"/> where values grow upwards.</param>
/// <param name="IsLogarithmic">Whether equal ratios are equally long.</param>
readonly record struct Scale(double Low, double High, double From, double To, bool IsLogarithmic = false)
{
    /// <summary>The place of a value.</summary>
    public double At(double value) => From + (To - From) * (IsLogarithmic ? Math.Log(value / Low) / Math.Log(High / Low) : (value - Low) / (High - Low));

    /// <summary>An axis that holds all values and ends on ticks.</summary>
    /// <param name="values">At least one; greater than 0 where logarithmic.</param>
    /// <param name="from">Place of the lowest value.</param>
    /// <param name="to">Place of the highest.</param>
    /// <param name="isLogarithmic">Whether equal ratios are equally long.</param>
    public static Scale Over(IReadOnlyCollection<double> values, double from, double to, bool isLogarithmic)
    {
        double low = values.Min(), high = values.Max();
        if (isLogarithmic)
        {
            // Whole decades, or 1, 2, 5 where the values span little.
            double[] marks = [.. Enumerable.Range((int)Math.Floor(Math.Log10(low)), (int)(Math.Log10(high) - Math.Log10(low)) + 3).SelectMany(power => new[] { 1, 2, 5 }.Select(digit => digit * Math.Pow(10, power)))];
            double first = marks.Last(mark => mark <= low * (1 + 1e-9)), last = marks.First(mark => mark >= high * (1 - 1e-9) && mark > first);
            return new(first, last, from, to, true);
        }
        if (low >= 0 && low < high / 2)
            low = 0; // what starts near 0 starts at 0
        if (high == low)
            (low, high) = high == 0 ? (0, 1) : (low - Math.Abs(low) / 2, high + Math.Abs(high) / 2);
        double step = Step(low, high, 5);
        return new(Math.Floor(low / step + 1e-9) * step, Math.Ceiling(high / step - 1e-9) * step, from, to);
    }

    /// <summary>Round values along the axis.</summary>
    /// <param name="count">About how many.</param>
    public IEnumerable<double> Ticks(int count)
    {
        if (IsLogarithmic)
        {
            double low = Low * (1 - 1e-9), high = High * (1 + 1e-9), decades = Math.Log10(High / Low);
            int[] digits = decades > 2 ? [1] : decades > 1 ? [1, 3] : [1, 2, 5];
            for (int power = (int)Math.Floor(Math.Log10(Low)); power <= (int)Math.Ceiling(Math.Log10(High)); power++)
            {
                foreach (double tick in digits.Select(digit => digit * Math.Pow(10, power)).Where(tick => tick >= low && tick <= high))
                    yield return tick;
            }
            yield break;
        }
        double step = Step(Low, High, count);
        for (double i = Math.Ceiling(Low / step - 1e-9); i * step <= High + step * 1e-9; i++)
            yield return i * step;
    }

    static double Step(double low, double high, int count)
    {
        double raw = (high - low) / count, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        return power * (raw / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
    }
}
