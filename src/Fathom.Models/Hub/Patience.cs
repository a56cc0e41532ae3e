// How long a silent connection is waited for: the time begins anew whenever something comes.
namespace Fathom.Models.Hub;

sealed class Patience : IDisposable
{
    readonly TimeSpan limit;
    readonly CancellationToken outer;
    readonly CancellationTokenSource source;

    public Patience(TimeSpan limit, CancellationToken outer)
    {
        (this.limit, this.outer) = (limit, outer);
        source = CancellationTokenSource.CreateLinkedTokenSource(outer);
        source.CancelAfter(limit);
    }

    /// <summary>Cancelled when the time is up or the whole is cancelled.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>Awaits one operation and begins the time anew.</summary>
    /// <exception cref="TransientException">The time was up or the connection broke.</exception>
    public async Task<T> Guard<T>(Task<T> operation)
    {
        try
        {
            T result = await operation.ConfigureAwait(false);
            source.CancelAfter(limit);
            return result;
        }
        catch (OperationCanceledException error) when (!outer.IsCancellationRequested)
        {
            throw new TransientException($"nothing came for {limit.TotalSeconds:0.#} seconds", inner: error);
        }
        catch (IOException error)
        {
            throw new TransientException(error.Message, inner: error);
        }
    }

    /// <inheritdoc cref="Guard{T}(Task{T})"/>
    public Task<T> Guard<T>(ValueTask<T> operation) => Guard(operation.AsTask());

    public void Dispose() => source.Dispose();
}
