// When and how often to try again: failures in a row with growing waits, and the wait that a server asks for.
using System.Globalization;
using System.Net.Http.Headers;

namespace Fathom.Models.Hub;

/// <summary>A failure that may pass: a cut connection, a busy server.</summary>
sealed class TransientException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>The failures of one piece of work.</summary>
/// <param name="options">How long to wait.</param>
/// <param name="what">What the work is about, for messages.</param>
/// <param name="notice">Is told before every wait.</param>
sealed class Retries(HubOptions options, string what, Action<string> notice)
{
    int failures;

    /// <summary>Something came: what failed before no longer counts.</summary>
    public void Progressed() => failures = 0;

    /// <summary>Whether trying again may help.</summary>
    public static bool MayPass(Exception error) => error is TransientException or HttpRequestException;

    /// <summary>Waits before the next try.</summary>
    /// <exception cref="HubException">There were too many failures, or the server asks to wait too long.</exception>
    public async Task WaitAsync(Exception error, CancellationToken cancel)
    {
        failures++;
        if (failures >= HubOptions.MaxFailures)
        {
            throw new HubException($"{what}: {failures} failures in a row, the last: {Describe(error)}. What was fetched is kept; pull again to go on.", error);
        }

        TimeSpan? asked = (error as TransientException)?.RetryAfter;
        if (asked > HubOptions.MaxRetryAfter)
        {
            throw new HubException($"{what}: {Describe(error)}, and the server asks to come back in {Math.Ceiling(asked.Value.TotalSeconds):0} seconds. What was fetched is kept.", error);
        }

        // Up to a quarter more, so that connections that failed together do not come back together.
        double doubled = options.RetryDelay.TotalSeconds * (1 << (failures - 1)), own = Math.Min(HubOptions.MaxRetryDelay.TotalSeconds, doubled) * (1 + Random.Shared.NextDouble() / 4);
        TimeSpan wait = asked ?? TimeSpan.FromSeconds(own);
        notice(string.Create(CultureInfo.InvariantCulture, $"{what}: {Describe(error)}; trying again in {wait.TotalSeconds:0.#} s"));
        await Task.Delay(wait, cancel).ConfigureAwait(false);
    }

    /// <summary>The wait in a Retry-After header, which is a number of seconds or a date.</summary>
    public static TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        TimeSpan? wait = header?.Delta ?? header?.Date - DateTimeOffset.UtcNow;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    // The inner error says what happened to the connection; the outer one only that something did.
    static string Describe(Exception error) => (error is HttpRequestException { InnerException: { } inner } ? inner : error).Message.TrimEnd('.');
}
