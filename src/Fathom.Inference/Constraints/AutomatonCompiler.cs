// Networks into tables: what cannot be completed is left out, and rules are made deterministic where that does not blow them up.

using System.Runtime.InteropServices;

namespace Fathom.Inference.Constraints;

/// <summary>Makes the <see cref="Automaton"/> of a grammar.</summary>
sealed class AutomatonCompiler
{
    const int MaxTable = 1 << 23;
    const long MaxWork = 1 << 27;

    readonly Network network;
    readonly bool[] live, visited;
    readonly bool[] canBeEmpty; // by rule
    readonly byte[] classOf = new byte[256];
    readonly int[][] classesOfSet;
    readonly int classCount;
    readonly List<int> next = [], ruleOf = [], representative = [];
    readonly List<NodeKinds> kinds = [];
    readonly List<RuleUse[]> calls = [];
    readonly List<int[]> several = [];
    readonly List<int>[] targetsOfClass;
    readonly Stack<int> open = new();
    long work;

    AutomatonCompiler(Network network)
    {
        this.network = network;
        live = new bool[network.NodeCount];
        visited = new bool[network.NodeCount];
        canBeEmpty = Spread(new bool[network.NodeCount], takesBytes: false);
        Spread(live, takesBytes: true);
        classCount = Classify();
        classesOfSet = [.. network.Sets.Select(set => Enumerable.Range(0, 256).Where(b => set.Contains((byte)b)).Select(b => (int)classOf[b]).Distinct().ToArray())];
        targetsOfClass = [.. Enumerable.Range(0, classCount).Select(_ => new List<int>())];
    }

    /// <exception cref="ConstraintException">The grammar describes no text that the vocabulary can spell, or is too large.</exception>
    public static Automaton Compile(Grammar grammar, ConstraintVocabulary vocabulary)
    {
        Network network = new(grammar, vocabulary.Bytes, vocabulary.LongestToken);
        AutomatonCompiler compiler = new(network);
        if (!compiler.live[network.Starts[0]])
            throw new ConstraintException("constraint", network.LacksBytes
                ? "no text meets it that the vocabulary can spell; at least one is needed"
                : "no text meets it; at least one is needed");
        return compiler.Compile(grammar.RuleCount);
    }

    // Marks the nodes from which the end of their rule is reached, through rules for which the same holds; without bytes or with them.
    // Tells which rules reach their end from their start.
    bool[] Spread(bool[] marked, bool takesBytes)
    {
        bool[] complete = new bool[network.Starts.Length];
        List<int>[] into = [.. Enumerable.Range(0, network.NodeCount).Select(_ => new List<int>())];
        List<int>[] uses = [.. Enumerable.Range(0, complete.Length).Select(_ => new List<int>())];
        for (int i = 0; i < network.Edges.Count; i++)
        {
            Edge edge = network.Edges[i];
            into[edge.Target].Add(i);
            if (edge.Kind == EdgeKind.Call)
                uses[edge.Symbol].Add(i);
        }
        Dictionary<int, int> ruleOfStart = network.Rules.ToDictionary(rule => network.Starts[rule]);
        foreach (int rule in network.Rules)
            Mark(network.Ends[rule]);
        while (open.TryPop(out int node))
        {
            foreach (int i in into[node])
            {
                Edge edge = network.Edges[i];
                if (edge.Kind == EdgeKind.Nothing || edge.Kind == EdgeKind.Bytes && takesBytes || edge.Kind == EdgeKind.Call && complete[edge.Symbol])
                    Mark(edge.From);
            }
            if (!ruleOfStart.TryGetValue(node, out int begun) || complete[begun])
                continue;
            complete[begun] = true;
            foreach (int i in uses[begun])
            {
                if (marked[network.Edges[i].Target])
                    Mark(network.Edges[i].From);
            }
        }
        return complete;

        void Mark(int node)
        {
            if (!marked[node])
            {
                marked[node] = true;
                open.Push(node);
            }
        }
    }

    // Bytes that stand in the same sets share a class.
    int Classify()
    {
        int count = 1;
        Dictionary<(byte, bool), byte> split = [];
        foreach (ByteSet set in network.Sets)
        {
            split.Clear();
            for (int b = 0; b < 256; b++)
            {
                (byte, bool) key = (classOf[b], set.Contains((byte)b));
                if (!split.TryGetValue(key, out byte found))
                    split.Add(key, found = (byte)split.Count);
                classOf[b] = found;
            }
            count = split.Count;
        }
        return count;
    }

    Automaton Compile(int ruleCount)
    {
        int[] starts = new int[ruleCount];
        Array.Fill(starts, -1);
        foreach (int rule in network.Rules)
        {
            if (live[network.Starts[rule]])
                starts[rule] = AddRule(rule);
        }
        HashSet<int>[] follows = [.. Enumerable.Range(0, ruleCount).Select(_ => new HashSet<int>())];
        foreach (RuleUse[] uses in calls)
        {
            foreach (RuleUse use in uses)
                follows[use.Rule].Add(representative[use.Return]);
        }
        return new Automaton
        {
            ClassCount = classCount,
            ClassOf = classOf,
            Next = [.. next],
            Several = [.. several],
            Kinds = [.. kinds],
            Calls = [.. calls],
            RuleOf = [.. ruleOf],
            Representative = [.. representative],
            Starts = starts,
            Follows = [.. follows.Select(f => f.Order().ToArray())],
        };
    }

    // Deterministic if that does not take many more states than the network has nodes, else as it is.
    int AddRule(int rule)
    {
        int first = kinds.Count, firstSeveral = several.Count;
        if (TryAdd(rule, deterministic: true))
            return first;
        next.RemoveRange(first * classCount, next.Count - first * classCount);
        ruleOf.RemoveRange(first, ruleOf.Count - first);
        representative.RemoveRange(first, representative.Count - first);
        kinds.RemoveRange(first, kinds.Count - first);
        calls.RemoveRange(first, calls.Count - first);
        several.RemoveRange(firstSeveral, several.Count - firstSeveral);
        TryAdd(rule, deterministic: false);
        return first;
    }

    bool TryAdd(int rule, bool deterministic)
    {
        int first = kinds.Count;
        int most = first + 1024 + 4 * Extent(rule);
        long mostWork = work + (deterministic ? MaxWork / 4 : MaxWork);
        Dictionary<int[], int> states = new(IntegerList.Instance), byAlias = new(IntegerList.Instance), byTargets = new(IntegerList.Instance);
        List<int[]> members = [];
        State(Close([network.Starts[rule]]));
        for (int at = 0; at < members.Count; at++)
        {
            SortedDictionary<int, List<int>> called = [];
            NodeKinds kind = 0;
            foreach (int node in members[at])
            {
                if (node == network.Ends[rule])
                    kind |= NodeKinds.Ends;
                for (int i = network.FirstEdge(node); i >= 0; i = network.Edges[i].Next)
                {
                    Edge edge = network.Edges[i];
                    if (!live[edge.Target])
                        continue;
                    if (edge.Kind == EdgeKind.Call && live[network.Starts[edge.Symbol]])
                        ListOf(called, edge.Symbol).Add(edge.Target);
                    else if (edge.Kind == EdgeKind.Bytes)
                    {
                        foreach (int c in classesOfSet[edge.Symbol])
                            targetsOfClass[c].Add(edge.Target);
                        work += classesOfSet[edge.Symbol].Length;
                    }
                }
            }
            work += classCount;
            for (int c = 0; c < classCount; c++)
            {
                if (targetsOfClass[c].Count == 0)
                    continue;
                next[(first + at) * classCount + c] = Target(targetsOfClass[c]);
                targetsOfClass[c].Clear();
                kind |= NodeKinds.Takes;
            }
            List<RuleUse> uses = [];
            foreach ((int callee, List<int> targets) in called)
            {
                foreach (int to in Unfold(Target(targets)))
                    uses.Add(new RuleUse(callee, to));
            }
            kinds[first + at] = kind | (uses.Count > 0 ? NodeKinds.Calls : 0);
            calls[first + at] = [.. uses];
            if (work > mostWork || deterministic && kinds.Count > most)
                return deterministic ? false : throw TooLarge();
        }
        return true;

        int[] Unfold(int target) => target >= 0 ? [target] : several[-2 - target];

        // The state, or list of states, behind an edge to these nodes.
        int Target(List<int> raw)
        {
            raw.Sort();
            int[] key = [.. raw];
            if (byTargets.TryGetValue(key, out int known))
                return known;
            int[] closure = Close(key);
            int target;
            if (deterministic || closure.Length == 1)
                target = State(closure);
            else
            {
                several.Add([.. closure.Select(node => State([node]))]);
                target = -1 - several.Count;
            }
            byTargets.Add(key, target);
            return target;
        }

        int State(int[] nodes)
        {
            if (states.TryGetValue(nodes, out int known))
                return known;
            int state = kinds.Count;
            if ((long)(state + 1) * classCount > MaxTable)
                throw TooLarge();
            int[] alias = [.. nodes.Select(network.Alias).Distinct().Order()];
            if (!byAlias.TryGetValue(alias, out int alike))
                byAlias.Add(alias, alike = state);
            states.Add(nodes, state);
            members.Add(nodes);
            kinds.Add(0);
            calls.Add([]);
            ruleOf.Add(rule);
            representative.Add(alike);
            CollectionsMarshal.SetCount(next, next.Count + classCount);
            CollectionsMarshal.AsSpan(next)[^classCount..].Fill(Automaton.None);
            return state;
        }
    }

    static List<int> ListOf(SortedDictionary<int, List<int>> lists, int key)
    {
        if (!lists.TryGetValue(key, out List<int>? list))
            lists.Add(key, list = []);
        return list;
    }

    static ConstraintException TooLarge() =>
        new("constraint", $"its tables would be too large or take too long to build; at most {MaxTable} entries are allowed");

    int Extent(int rule)
    {
        // Nodes of a rule are made in one go, behind its start.
        int at = network.Rules.IndexOf(rule);
        return (at + 1 < network.Rules.Count ? network.Starts[network.Rules[at + 1]] : network.NodeCount) - network.Starts[rule];
    }

    // The nodes reached without taking a byte that do something: take bytes, call, or end the rule. Rising.
    int[] Close(int[] from)
    {
        List<int> reached = [], kept = [];
        foreach (int node in from)
            Visit(node);
        while (open.TryPop(out int node))
        {
            int first = network.FirstEdge(node);
            bool acts = first < 0;
            for (int i = first; i >= 0; i = network.Edges[i].Next)
            {
                Edge edge = network.Edges[i];
                work++;
                acts |= edge.Kind != EdgeKind.Nothing;
                if (edge.Kind == EdgeKind.Nothing || edge.Kind == EdgeKind.Call && canBeEmpty[edge.Symbol])
                    Visit(edge.Target);
            }
            if (acts)
                kept.Add(node);
        }
        foreach (int node in reached)
            visited[node] = false;
        kept.Sort();
        return [.. kept];

        void Visit(int node)
        {
            if (live[node] && !visited[node])
            {
                visited[node] = true;
                reached.Add(node);
                open.Push(node);
            }
        }
    }

    /// <summary>Lists of integers as keys.</summary>
    sealed class IntegerList : IEqualityComparer<int[]>
    {
        public static readonly IntegerList Instance = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] list)
        {
            HashCode hash = new();
            hash.AddBytes(MemoryMarshal.AsBytes<int>(list));
            return hash.ToHashCode();
        }
    }
}
