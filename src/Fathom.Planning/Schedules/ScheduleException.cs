// A schedule that cannot be.

namespace Fathom.Planning.Schedules;

/// <summary>Ranks, micro-batches or times that a schedule cannot work with; the message says what would.</summary>
public sealed class ScheduleException(string message) : ArgumentException(message);
