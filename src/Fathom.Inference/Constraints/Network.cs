// Rules as networks of nodes and edges, before they are made deterministic.

namespace Fathom.Inference.Constraints;

/// <summary>What an edge takes.</summary>
enum EdgeKind
{
    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>A byte of the set with the edge's symbol.</summary>
    Bytes,

    /// <summary>What the rule with the edge's symbol describes.</summary>
    Call,
}

/// <summary>An edge; <paramref name="Next"/> is the next one of the same node, or -1.</summary>
readonly record struct Edge(EdgeKind Kind, int Symbol, int From, int Target, int Next);

/// <summary>The rules that the root reaches, each a network with a start and an end. Small rules are written out where they are called.</summary>
sealed class Network
{
    /// <summary>Rules up to this size that call no larger ones are written out.</summary>
    const int InlinedSize = 12;

    readonly Grammar grammar;
    readonly ByteSet spelled;
    readonly int horizon;
    readonly bool[] inlined;
    readonly List<int> firstEdge = [], alias = [];
    readonly List<Edge> edges = [];
    readonly Dictionary<ByteSet, int> setIndex = [];
    readonly List<ByteSet> sets = [];

    /// <param name="grammar">The rules.</param>
    /// <param name="spelled">The bytes that occur in tokens; others cannot be written and are left out.</param>
    /// <param name="horizon">The longest token: nodes that differ only in what comes farther away are told to be alike.</param>
    public Network(Grammar grammar, ByteSet spelled, int horizon)
    {
        this.grammar = grammar;
        this.spelled = spelled;
        this.horizon = horizon;
        List<int>[] calls = [.. Enumerable.Range(0, grammar.RuleCount).Select(r => Calls(grammar.Body(r)))];
        inlined = Inlined(calls);
        Starts = new int[grammar.RuleCount];
        Ends = new int[grammar.RuleCount];
        Array.Fill(Starts, -1);
        Queue<int> open = new([0]);
        HashSet<int> known = [0];
        while (open.TryDequeue(out int rule))
        {
            Rules.Add(rule);
            (Starts[rule], Ends[rule]) = (Node(), Node());
            Emit(grammar.Body(rule), Starts[rule], Ends[rule]);
            Stack<int> called = new(calls[rule]);
            while (called.TryPop(out int callee))
            {
                if (inlined[callee])
                    calls[callee].ForEach(called.Push);
                else if (known.Add(callee))
                    open.Enqueue(callee);
            }
        }
    }

    /// <summary>The rules that have a network, the root first.</summary>
    public List<int> Rules { get; } = [];

    /// <summary>First node of each rule, -1 for one that has no network.</summary>
    public int[] Starts { get; }

    /// <summary>Last node of each rule; no edge leaves it.</summary>
    public int[] Ends { get; }

    public IReadOnlyList<ByteSet> Sets => sets;

    public IReadOnlyList<Edge> Edges => edges;

    public int NodeCount => firstEdge.Count;

    /// <summary>Whether bytes were left out because no token has them.</summary>
    public bool LacksBytes { get; private set; }

    /// <summary>Index of a node's first edge, or -1.</summary>
    public int FirstEdge(int node) => firstEdge[node];

    /// <summary>A node that takes and leaves the same texts as this one, as far as a token is long.</summary>
    public int Alias(int node) => alias[node];

    // A rule qualifies in the round after all that it calls; few rounds, so that nothing recursive does and nothing grows much.
    bool[] Inlined(List<int>[] calls)
    {
        bool[] inlined = new bool[grammar.RuleCount];
        long[] sizes = new long[grammar.RuleCount];
        for (int round = 0; round < 4; round++)
        {
            List<int> found = [];
            for (int rule = 1; rule < inlined.Length; rule++)
            {
                if (inlined[rule] || !calls[rule].TrueForAll(c => inlined[c]))
                    continue;
                sizes[rule] = grammar.Body(rule).Size + calls[rule].Sum(c => sizes[c]);
                if (sizes[rule] <= InlinedSize)
                    found.Add(rule);
            }
            found.ForEach(rule => inlined[rule] = true);
        }
        return inlined;
    }

    static List<int> Calls(Expression expression)
    {
        List<int> calls = [];
        Stack<Expression> open = new([expression]);
        while (open.TryPop(out Expression? next))
        {
            switch (next)
            {
                case RuleCall call:
                    calls.Add(call.Rule);
                    break;
                case Sequence { Items: var items }:
                    Push(items);
                    break;
                case Choice { Items: var items }:
                    Push(items);
                    break;
                case Prefix { Items: var items }:
                    Push(items);
                    break;
                case Repeat repeat:
                    open.Push(repeat.Body);
                    break;
                case SeparatedList list:
                    Push(list.Items.Select(i => i.Body));
                    open.Push(list.Separator);
                    break;
            }
        }
        return calls;

        void Push(IEnumerable<Expression> items)
        {
            foreach (Expression item in items)
                open.Push(item);
        }
    }

    int Node()
    {
        if (firstEdge.Count >= Grammar.MaxNodes)
            throw new ConstraintException("constraint", $"more than {Grammar.MaxNodes} nodes are needed; at most {Grammar.MaxNodes} are allowed");
        firstEdge.Add(-1);
        alias.Add(alias.Count);
        return firstEdge.Count - 1;
    }

    void Connect(EdgeKind kind, int symbol, int from, int to)
    {
        edges.Add(new Edge(kind, symbol, from, to, firstEdge[from]));
        firstEdge[from] = edges.Count - 1;
    }

    void Skip(int from, int to) => Connect(EdgeKind.Nothing, 0, from, to);

    void Take(ByteSet set, int from, int to)
    {
        ByteSet possible = set & spelled;
        LacksBytes |= possible != set;
        if (possible.IsEmpty)
            return;
        if (!setIndex.TryGetValue(possible, out int index))
        {
            setIndex.Add(possible, index = sets.Count);
            sets.Add(possible);
        }
        Connect(EdgeKind.Bytes, index, from, to);
    }

    // Lays the expression between two nodes; no edge is led into the first or out of the second one, so that neighbours do not mix.
    void Emit(Expression expression, int from, int to)
    {
        switch (expression)
        {
            case AnyByte any:
                Take(any.Set, from, to);
                break;
            case Literal { Bytes: var bytes }:
                for (int i = 0; i < bytes.Length; i++)
                {
                    int next = i == bytes.Length - 1 ? to : Node();
                    Take(ByteSet.Range(bytes[i], bytes[i]), from, next);
                    from = next;
                }
                if (bytes.Length == 0)
                    Skip(from, to);
                break;
            case Sequence { Items: var items }:
                for (int i = 0; i < items.Length; i++)
                {
                    int next = i == items.Length - 1 ? to : Node();
                    Emit(items[i], from, next);
                    from = next;
                }
                if (items.Length == 0)
                    Skip(from, to);
                break;
            case Choice { Items: var items }:
                foreach (Expression item in items)
                    Emit(item, from, to);
                break;
            case Prefix prefix:
                for (int i = 0; i < prefix.Items.Length; i++)
                {
                    if (i >= prefix.Min)
                        Skip(from, to);
                    int next = Node();
                    Emit(prefix.Items[i], from, next);
                    from = next;
                }
                Skip(from, to);
                break;
            case Repeat repeat:
                EmitRepeat(repeat, from, to);
                break;
            case SeparatedList list:
                EmitList(list, from, to);
                break;
            case RuleCall { Rule: var rule }:
                if (inlined[rule])
                    Emit(grammar.Body(rule), from, to);
                else
                    Connect(EdgeKind.Call, rule, from, to);
                break;
        }
    }

    void EmitRepeat(Repeat repeat, int from, int to)
    {
        bool endless = repeat.Max < 0;
        int copies = endless ? repeat.Min : repeat.Max;
        int at = Node();
        Skip(from, at);
        (int, int) before = (-1, -1);
        int block = 0;
        for (int copy = 0; copy < copies; copy++)
        {
            if (copy >= repeat.Min)
                Skip(at, to);
            // What is still asked for and allowed, as far as a token can tell.
            (int, int) remaining = (Math.Clamp(repeat.Min - copy, 0, horizon + 1), endless ? -1 : Math.Min(copies - copy, horizon + 1));
            int begin = NodeCount;
            int next = Node();
            Emit(repeat.Body, at, next);
            for (int i = begin; remaining == before && i < NodeCount; i++)
                alias[i] = alias[i - begin + block];
            (before, block, at) = (remaining, begin, next);
        }
        if (endless)
            Emit(repeat.Body, at, at);
        Skip(at, to);
    }

    // Two rails: on one nothing has been written yet, on the other a separator is due. An item's body is shared by both.
    void EmitList(SeparatedList list, int from, int to)
    {
        int none = Node(), some = Node();
        Skip(from, none);
        foreach (ListItem item in list.Items)
        {
            int nextNone = Node(), nextSome = Node(), begin = Node();
            Skip(none, begin);
            Emit(list.Separator, some, begin);
            Emit(item.Body, begin, nextSome);
            if (item.IsOptional)
            {
                Skip(none, nextNone);
                Skip(some, nextSome);
            }
            if (item.Repeats)
                Emit(list.Separator, nextSome, begin);
            (none, some) = (nextNone, nextSome);
        }
        Skip(none, to);
        Skip(some, to);
    }
}
