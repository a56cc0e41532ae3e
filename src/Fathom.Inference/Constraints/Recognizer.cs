// Which places of the automaton a text can have reached: sets of items, with the rules that are open below them.

namespace Fathom.Inference.Constraints;

/// <summary>
/// Walks an <see cref="Automaton"/> byte by byte. A set of items says where the text may stand: an item is a node and the <i>activation</i>
/// of its rule. All uses of a rule that begin at one position share one activation, which lists its callers (where to go on and in
/// which activation). So stacks share what they have in common however many there are, and rules may recurse on the left. Activations
/// never change once their position is past; whatever was added after a mark can be dropped again.
/// Activation <see cref="Base"/> is the one below all others; activation ~r stands for any use of rule r wherever it is called.
/// For one thread.
/// </summary>
sealed class Recognizer(Automaton automaton)
{
    public const int Base = 0;

    /// <summary>Most items at one position, and most callers of one activation: only hopelessly ambiguous grammars have more.</summary>
    const int MaxItems = 1 << 10;

    const int MostFollowed = 256;
    const int MostWatched = 16;
    const int SearchedInLine = 12;

    readonly Automaton automaton = automaton;
    // What was done under the present stamp is known by it, so nothing need be cleared.
    readonly int[] ruleActivation = new int[automaton.Starts.Length];
    readonly long[] ruleStamps = new long[automaton.Starts.Length];
    int[] nodes = new int[256], activations = new int[256];
    int[] firstCaller = [-1, .. new int[127]];
    long[] visited = new long[128];
    int[] returns = new int[256], parents = new int[256], nextCaller = new int[256];
    long[] keys = new long[64], keyStamps = new long[64];
    int[] place = [], spareFirst = [], spareReturns = [], spareParents = [], spareNext = [];
    readonly List<int> pending = new(64), watched = new(MostWatched);
    long stamp, keysInUse, workLimit;
    int watchedBelow;

    /// <summary>Items in use: all sets, one behind the other.</summary>
    public int Count { get; private set; }

    public int ActivationCount { get; private set; } = 1;

    public int CallerCount { get; private set; }

    /// <summary>Steps made since the beginning.</summary>
    public long Work { get; private set; }

    /// <summary>Allows this many more steps; more are an error.</summary>
    public void Allow(long steps) => workLimit = Work + steps;

    public int NodeAt(int item) => nodes[item];

    public int ActivationAt(int item) => activations[item];

    /// <summary>Forgets everything but the base.</summary>
    public void Clear() => (Count, ActivationCount, CallerCount) = (0, 1, 0);

    /// <summary>Drops what was added since these counts were read.</summary>
    public void Restore(int count, int activationCount, int callerCount) =>
        (Count, ActivationCount, CallerCount) = (count, activationCount, callerCount);

    /// <summary>Adds an item on top, as a set of its own or to the one begun at <paramref name="set"/>.</summary>
    public void Add(int set, int node, int activation)
    {
        int size = Count - set;
        Spend(1);
        if (size < SearchedInLine)
        {
            for (int i = set; i < Count; i++)
            {
                if (nodes[i] == node && activations[i] == activation)
                    return;
            }
        }
        else
        {
            if (size >= MaxItems)
                throw TooAmbiguous();
            if (size == SearchedInLine || 2 * size >= keys.Length)
                Index(set);
            if (!Remember(node, activation))
                return;
        }
        if (Count == nodes.Length)
        {
            Array.Resize(ref nodes, 2 * Count);
            Array.Resize(ref activations, 2 * Count);
        }
        nodes[Count] = node;
        activations[Count++] = activation;
    }

    /// <summary>Adds the items that the set [from, to) has behind a byte, before <see cref="Close"/>; they begin at the present count.</summary>
    public void Step(int from, int to, byte b)
    {
        int set = Count, c = automaton.ClassOf[b];
        for (int i = from; i < to; i++)
        {
            int next = automaton.Next[nodes[i] * automaton.ClassCount + c];
            if (next >= 0)
                Add(set, next, activations[i]);
            else if (next != Automaton.None)
            {
                foreach (int one in automaton.Several[-2 - next])
                    Add(set, one, activations[i]);
            }
        }
    }

    /// <summary>
    /// Completes the set [set, Count) after a step: rules that end return to their callers, rules that are called begin. What remains are the
    /// items that can take a byte.
    /// </summary>
    /// <returns>Whether the rule of the base activation can end here.</returns>
    public bool Close(int set)
    {
        bool ended = false;
        int firstNew = ActivationCount;
        long closure = ++stamp;
        for (int i = set; i < Count; i++)
        {
            int node = nodes[i], activation = activations[i];
            NodeKinds kind = automaton.Kinds[node];
            // A rule that ends where it began was empty: its callers have skipped it themselves.
            if ((kind & NodeKinds.Ends) != 0 && activation < firstNew)
            {
                if (activation == Base)
                    ended = true;
                else
                    Return(set, activation);
            }
            if ((kind & NodeKinds.Calls) == 0)
                continue;
            foreach (RuleUse use in automaton.Calls[node])
            {
                if (ruleStamps[use.Rule] != closure)
                {
                    ruleStamps[use.Rule] = closure;
                    ruleActivation[use.Rule] = NewActivation();
                    Add(set, automaton.Starts[use.Rule], ruleActivation[use.Rule]);
                }
                AddCaller(ruleActivation[use.Rule], use.Return, activation);
            }
        }
        for (int activation = firstNew; activation < ActivationCount; activation++)
            DropLinks(activation);
        int kept = set;
        for (int i = set; i < Count; i++)
        {
            if ((automaton.Kinds[nodes[i]] & NodeKinds.Takes) == 0)
                continue;
            nodes[kept] = nodes[i];
            activations[kept++] = activations[i];
        }
        Count = kept;
        return ended;
    }

    /// <summary>Whether a rule was left towards more places than are followed, for any use of it (~r).</summary>
    public bool LostTrack { get; set; }

    /// <summary>Adds the items behind the end of an activation's rule.</summary>
    public void Return(int set, int activation)
    {
        if (activation < 0)
        {
            int[] follows = automaton.Follows[~activation];
            LostTrack |= follows.Length > MostFollowed;
            if (follows.Length <= MostFollowed)
            {
                foreach (int to in follows)
                    Add(set, to, ~automaton.RuleOf[to]);
            }
            return;
        }
        if (activation < watchedBelow)
            Observe(activation);
        for (int c = firstCaller[activation]; c >= 0; c = nextCaller[c])
            Add(set, returns[c], parents[c]);
    }

    /// <summary>
    /// The only caller of an activation, as a number that is the same wherever the same is called, and its own activation; false if there are several.
    /// </summary>
    public bool TryGetCaller(int activation, out long caller, out int parent)
    {
        int c = firstCaller[activation];
        parent = parents[c];
        caller = (long)automaton.Representative[returns[c]] << 1 | (parent == Base ? 1L : 0);
        return nextCaller[c] < 0;
    }

    /// <summary>Begins to watch which of the present activations are looked into: how far along this one and its callers.</summary>
    public void Watch(int activation)
    {
        watched.Clear();
        while (activation != Base && watched.Count < MostWatched)
        {
            watched.Add(activation);
            if (!TryGetCaller(activation, out _, out activation))
                break;
        }
        (watchedBelow, Observed) = (ActivationCount, 0);
    }

    /// <summary>Ends it.</summary>
    public void Unwatch() => watchedBelow = 0;

    /// <summary>How many of the watched activations were looked into, from the innermost on; <see cref="int.MaxValue"/> if others were, too.</summary>
    public int Observed { get; private set; }

    void Observe(int activation)
    {
        int place = watched.IndexOf(activation);
        bool isSole = place >= 0 && nextCaller[firstCaller[activation]] < 0;
        Observed = isSole ? Math.Max(Observed, place + 1) : int.MaxValue;
    }

    /// <summary>Moves the topmost set down to the beginning and forgets the sets below it.</summary>
    public void MoveDown(int set)
    {
        Array.Copy(nodes, set, nodes, 0, Count - set);
        Array.Copy(activations, set, activations, 0, Count - set);
        Count -= set;
    }

    /// <summary>Forgets the activations that no item reaches any more; the items must be one set.</summary>
    public void Collect()
    {
        long mark = ++stamp;
        pending.Clear();
        for (int i = 0; i < Count; i++)
            Reach(activations[i]);
        for (int i = 0; i < pending.Count; i++)
        {
            for (int c = firstCaller[pending[i]]; c >= 0; c = nextCaller[c])
                Reach(parents[c]);
        }
        pending.Sort();
        if (place.Length < ActivationCount)
            place = new int[firstCaller.Length];
        for (int i = 0; i < pending.Count; i++)
            place[pending[i]] = i + 1;
        // The lists are written anew into the arrays of the last time.
        (firstCaller, spareFirst) = (spareFirst, firstCaller);
        (returns, spareReturns) = (spareReturns, returns);
        (parents, spareParents) = (spareParents, parents);
        (nextCaller, spareNext) = (spareNext, nextCaller);
        if (firstCaller.Length < spareFirst.Length)
            firstCaller = new int[spareFirst.Length];
        if (returns.Length < spareReturns.Length)
            (returns, parents, nextCaller) = (new int[spareReturns.Length], new int[spareReturns.Length], new int[spareReturns.Length]);
        Array.Clear(visited, 0, ActivationCount);
        (ActivationCount, CallerCount) = (1 + pending.Count, 0);
        firstCaller[Base] = -1;
        for (int i = 0; i < pending.Count; i++)
        {
            firstCaller[i + 1] = -1;
            for (int c = spareFirst[pending[i]]; c >= 0; c = spareNext[c])
                Link(i + 1, spareReturns[c], spareParents[c] == Base ? Base : place[spareParents[c]]);
        }
        for (int i = 0; i < Count; i++)
            activations[i] = activations[i] == Base ? Base : place[activations[i]];

        void Reach(int activation)
        {
            if (activation != Base && visited[activation] != mark)
            {
                visited[activation] = mark;
                pending.Add(activation);
            }
        }
    }

    int NewActivation()
    {
        if (ActivationCount == firstCaller.Length)
        {
            Array.Resize(ref firstCaller, 2 * ActivationCount);
            Array.Resize(ref visited, 2 * ActivationCount);
        }
        firstCaller[ActivationCount] = -1;
        visited[ActivationCount] = 0;
        return ActivationCount++;
    }

    void AddCaller(int activation, int to, int parent)
    {
        int length = 0;
        for (int c = firstCaller[activation]; c >= 0; c = nextCaller[c], length++)
        {
            if (returns[c] == to && parents[c] == parent)
                return;
        }
        Spend(1 + length);
        if (length >= MaxItems)
            throw TooAmbiguous();
        Link(activation, to, parent);
    }

    void Link(int activation, int to, int parent)
    {
        if (CallerCount == returns.Length)
        {
            Array.Resize(ref returns, 2 * CallerCount);
            Array.Resize(ref parents, 2 * CallerCount);
            Array.Resize(ref nextCaller, 2 * CallerCount);
        }
        returns[CallerCount] = to;
        parents[CallerCount] = parent;
        nextCaller[CallerCount] = firstCaller[activation];
        firstCaller[activation] = CallerCount++;
    }

    // A caller that has nothing left to do but to return is replaced by its own callers, so that rules that recurse on the right do not
    // pile up.
    void DropLinks(int activation)
    {
        int c = firstCaller[activation];
        while (c >= 0 && !IsLink(c))
            c = nextCaller[c];
        if (c < 0)
            return;
        long mark = ++stamp;
        pending.Clear();
        pending.Add(activation);
        visited[activation] = mark;
        int old = firstCaller[activation], kept = 0;
        firstCaller[activation] = -1;
        keysInUse = ++stamp; // the set of items is complete
        for (int i = 0; i < pending.Count; i++)
        {
            for (c = i == 0 ? old : firstCaller[pending[i]]; c >= 0; c = nextCaller[c])
            {
                Spend(1);
                if (!IsLink(c))
                    kept += KeepCaller(activation, c, kept) ? 1 : 0;
                else if (visited[parents[c]] != mark)
                {
                    visited[parents[c]] = mark;
                    pending.Add(parents[c]);
                    if (parents[c] < watchedBelow)
                        Observe(parents[c]);
                }
            }
        }
    }

    bool KeepCaller(int activation, int caller, int kept)
    {
        if (kept >= MaxItems)
            throw TooAmbiguous();
        if (2 * kept >= keys.Length)
        {
            int size = Math.Max(64, 2 * keys.Length);
            (keys, keyStamps) = (new long[size], new long[size]);
            for (int c = firstCaller[activation]; c >= 0; c = nextCaller[c])
                Remember(returns[c], parents[c]);
        }
        if (!Remember(returns[caller], parents[caller]))
            return false;
        Link(activation, returns[caller], parents[caller]);
        return true;
    }

    void Spend(int steps)
    {
        Work += steps;
        if (Work > workLimit)
            throw TooAmbiguous();
    }

    bool IsLink(int caller) => parents[caller] > Base && automaton.OnlyEnds(returns[caller]);

    void Index(int set)
    {
        int size = Math.Max(64, keys.Length);
        while (size <= 4 * (Count - set))
            size *= 2;
        if (size > keys.Length)
            (keys, keyStamps) = (new long[size], new long[size]);
        keysInUse = ++stamp;
        for (int i = set; i < Count; i++)
            Remember(nodes[i], activations[i]);
    }

    bool Remember(int node, int activation)
    {
        long key = (long)node << 32 | (uint)activation;
        int at = (int)((ulong)key * 0x9E3779B97F4A7C15 >> 40) & (keys.Length - 1);
        for (; keyStamps[at] == keysInUse; at = (at + 1) & (keys.Length - 1))
        {
            if (keys[at] == key)
                return false;
        }
        keys[at] = key;
        keyStamps[at] = keysInUse;
        return true;
    }

    static ConstraintException TooAmbiguous() =>
        new("constraint", $"the text can be read in too many ways at once; at most {MaxItems}, found in reasonable time, are allowed");
}
