// One walk over the whole vocabulary at a node of the automaton, sorting tokens into certain, uncertain and impossible.

namespace Fathom.Inference.Constraints;

/// <summary>
/// Makes <see cref="TokenMask"/>s. The walk follows two readings at once: one within the node's rule, where a token that comes through is
/// certain; and one that has left the rule towards any place in the grammar that calls it. A token that only the second reading brings
/// through is uncertain: those few are looked at again where the callers are known.
/// </summary>
sealed class TokenMaskBuilder(Automaton automaton, ConstraintVocabulary vocabulary)
{
    const long MaxWork = 1L << 27;

    /// <summary>Beyond so many places the second reading stops and takes every token for possible.</summary>
    const int MostPlaces = 256;

    readonly Recognizer recognizer = new(automaton);
    readonly Frame[] frames = new Frame[vocabulary.LongestToken + 1];

    // Where the readings stand at a depth of the tree. Alone: the only item, in the base activation, that needs no set; else -1.
    record struct Frame(int Alone, int From, int Middle, int To, int Activations, int Callers, bool Anywhere);

    /// <exception cref="ConstraintException">The grammar is too ambiguous.</exception>
    public TokenMask Build(int node)
    {
        TokenTree tree = vocabulary.Tree;
        uint[] certain = new uint[vocabulary.EndMask.Length];
        List<int> uncertain = [];
        recognizer.Clear();
        recognizer.Allow(MaxWork);
        frames[0] = new Frame(node, 0, 0, 0, 1, 0, false);
        int classes = automaton.ClassCount;
        for (int i = 1; i < tree.Count;)
        {
            int depth = tree.Depth[i];
            ref readonly Frame above = ref frames[depth - 1];
            if (above.Alone >= 0)
            {
                int next = automaton.Next[above.Alone * classes + automaton.ClassOf[tree.Byte[i]]];
                if (next == Automaton.None)
                {
                    i = tree.End[i];
                    continue;
                }
                if (next >= 0 && (automaton.Kinds[next] == NodeKinds.Takes || tree.End[i] == i + 1))
                {
                    Set(certain, i);
                    frames[depth] = above with { Alone = next };
                    i++;
                    continue;
                }
            }
            i = Enter(i, node, above, ref frames[depth], certain, uncertain) ? i + 1 : tree.End[i];
        }
        return new TokenMask(certain, [.. uncertain], Shared(uncertain));
    }

    // One byte further with sets of items; false where nothing below is possible.
    bool Enter(int i, int node, in Frame above, ref Frame frame, uint[] certain, List<int> uncertain)
    {
        TokenTree tree = vocabulary.Tree;
        bool isLeaf = tree.End[i] == i + 1;
        byte b = tree.Byte[i];
        recognizer.Restore(above.To, above.Activations, above.Callers);
        (int from, int middle, int to) = (above.From, above.Middle, above.To);
        if (above.Alone >= 0)
        {
            recognizer.Add(to, above.Alone, Recognizer.Base);
            (from, middle) = (to, to + 1);
            to = middle;
        }
        int within = recognizer.Count;
        recognizer.Step(from, middle, b);
        bool isCertain = recognizer.Count > within, isUncertain = above.Anywhere;
        bool ends = !isLeaf && recognizer.Close(within);
        int outside = recognizer.Count;
        recognizer.Step(middle, to, b);
        isUncertain |= recognizer.Count > outside;
        if (isCertain)
            Set(certain, i);
        else if (isUncertain && tree.IdCount[i] > 0)
            uncertain.Add(i);
        if (isLeaf || !isCertain && !isUncertain)
            return false;
        if (ends)
            recognizer.Return(outside, ~automaton.RuleOf[node]);
        recognizer.Close(outside);
        bool anywhere = above.Anywhere || recognizer.LostTrack || recognizer.Count - outside > MostPlaces;
        recognizer.LostTrack = false;
        if (anywhere)
            recognizer.Restore(outside, recognizer.ActivationCount, recognizer.CallerCount);
        bool alone = outside == within + 1 && recognizer.Count == outside && !anywhere && recognizer.ActivationAt(within) == Recognizer.Base;
        frame = alone
            ? new Frame(recognizer.NodeAt(within), 0, 0, above.To, above.Activations, above.Callers, false)
            : new Frame(-1, within, outside, recognizer.Count, recognizer.ActivationCount, recognizer.CallerCount, anywhere);
        return true;
    }

    void Set(uint[] mask, int i)
    {
        foreach (int id in vocabulary.IdsAt(i))
            mask[id >> 5] |= 1u << (id & 31);
    }

    int[] Shared(List<int> uncertain)
    {
        int[] shared = new int[uncertain.Count];
        for (int i = 1; i < shared.Length; i++)
            shared[i] = Bytes(uncertain[i - 1]).CommonPrefixLength(Bytes(uncertain[i]));
        return shared;

        ReadOnlySpan<byte> Bytes(int at) => vocabulary.BytesOf(vocabulary.IdsAt(at)[0]);
    }
}
