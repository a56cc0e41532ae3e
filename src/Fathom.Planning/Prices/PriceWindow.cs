// When in the week a price holds: times of day on certain days, by the clock of a zone.

namespace Fathom.Planning.Prices;

/// <summary>Hours of the day, from <paramref name="Start"/> to before <paramref name="End"/>; past midnight where the end is not after the start.</summary>
/// <param name="Start">Beginning, 00:00 to 23:59.</param>
/// <param name="End">End, which does not belong to it.</param>
public readonly record struct DayHours(TimeOnly Start, TimeOnly End)
{
    /// <summary>The time from start to end: more than none, at most a day.</summary>
    public TimeSpan Length => End > Start ? End - Start : TimeSpan.FromDays(1) - (Start - End);

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Start:HH\\:mm}-{End:HH\\:mm}");
}

/// <summary>A price's hours. Hours that run past midnight belong to the day on which they begin.</summary>
/// <param name="Hours">Hours of the day, at least one.</param>
/// <param name="Zone">Whose clock and calendar they are.</param>
/// <param name="Days">Days of the week; empty for all.</param>
/// <param name="Holidays">Days on which the price does not hold.</param>
public sealed record PriceWindow(IReadOnlyList<DayHours> Hours, TimeZoneInfo Zone, IReadOnlyList<DayOfWeek> Days, IReadOnlyList<DateOnly> Holidays)
{
    /// <summary>Whether the price holds at a moment.</summary>
    public bool Contains(DateTimeOffset moment)
    {
        DateTime local = TimeZoneInfo.ConvertTime(moment, Zone).DateTime;
        return Hours.Any(hours => Begins(DateOnly.FromDateTime(local), hours, local) || hours.End <= hours.Start && local.Date > DateTime.MinValue && Begins(DateOnly.FromDateTime(local).AddDays(-1), hours, local));
    }

    /// <summary>The hours, days and zone in words.</summary>
    public override string ToString() =>
        $"{string.Join(", ", Hours)} {Zone.Id}{(Days.Count > 0 ? " " + string.Join(" ", Days.Select(day => day.ToString()[..3])) : "")}{(Holidays.Count > 0 ? " without holidays" : "")}";

    bool Begins(DateOnly day, DayHours hours, DateTime local)
    {
        if (Days.Count > 0 && !Days.Contains(day.DayOfWeek) || Holidays.Contains(day))
            return false;
        TimeSpan since = local - day.ToDateTime(hours.Start);
        return since >= TimeSpan.Zero && since < hours.Length;
    }
}
