// What was found about uncertain tokens, by the callers that were looked at to find it.

using System.Collections.Concurrent;

namespace Fathom.Inference.Constraints;

/// <summary>
/// A tree of callers: the root stands for a node of the automaton whose callers are not known, a step down for one caller more. As many
/// callers as the tokens return to decide which of them are possible, so what was found once holds for every sequence whose innermost
/// callers are the same. Safe for many threads.
/// </summary>
sealed class TokenContext
{
    ConcurrentDictionary<long, TokenContext>? below;
    int[]? tokens;

    /// <summary>The uncertain tokens that are possible here; null as long as that is not known, or depends on callers farther out.</summary>
    public int[]? Tokens => Volatile.Read(ref tokens);

    /// <summary>The context with one caller more, if it is known.</summary>
    public TokenContext? Find(long caller) =>
        Volatile.Read(ref below) is { } known && known.TryGetValue(caller, out TokenContext? found) ? found : null;

    /// <summary>The same, made if need be.</summary>
    public TokenContext Below(long caller)
    {
        if (Volatile.Read(ref below) is null)
            Interlocked.CompareExchange(ref below, new ConcurrentDictionary<long, TokenContext>(concurrencyLevel: 1, capacity: 3), null);
        return below!.GetOrAdd(caller, static _ => new TokenContext());
    }

    public void Decide(int[] found) => Volatile.Write(ref tokens, found);
}
