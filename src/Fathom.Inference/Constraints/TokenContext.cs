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
    FoundTokens? found;

    /// <summary>The uncertain tokens that are possible here; null as long as that is not known, or depends on callers farther out.</summary>
    public FoundTokens? Found => Volatile.Read(ref found);

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

    public void Decide(FoundTokens tokens) => Volatile.Write(ref found, tokens);
}

/// <summary>A set of tokens: their ids or, where those would be longer, a mask.</summary>
sealed class FoundTokens
{
    readonly int[] ids = [];
    readonly uint[]? mask;

    /// <param name="ids">The tokens.</param>
    /// <param name="words">Length of a mask.</param>
    public FoundTokens(List<int> ids, int words)
    {
        if (ids.Count <= words)
        {
            this.ids = [.. ids];
            return;
        }
        mask = new uint[words];
        foreach (int id in ids)
            mask[id >> 5] |= 1u << (id & 31);
    }

    /// <summary>Bytes of memory, nearly.</summary>
    public long Bytes => 4L * (mask?.Length ?? ids.Length) + 64;

    public void AddTo(uint[] target)
    {
        if (mask is not null)
            ConstraintState.Or(mask, target);
        foreach (int id in ids)
            target[id >> 5] |= 1u << (id & 31);
    }
}
