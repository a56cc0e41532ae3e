// Where one sequence stands in its constraint.

using System.Numerics;
using System.Runtime.InteropServices;

namespace Fathom.Inference.Constraints;

/// <summary>One sequence under a <see cref="TokenConstraint"/>: tells which tokens may come next and takes them. For one thread.</summary>
/// <remarks>A state whose members have thrown a <see cref="ConstraintException"/> is of no further use.</remarks>
public sealed class ConstraintState
{
    const long MaxWorkPerToken = 1 << 20;
    const int CollectedFrom = 256;

    readonly TokenConstraint constraint;
    readonly Recognizer recognizer;
    readonly uint[] buffer;
    readonly (int End, int Activations, int Callers)[] frames;
    uint[]? mask;
    bool begun;
    int collectAt = CollectedFrom;

    internal ConstraintState(TokenConstraint constraint)
    {
        this.constraint = constraint;
        recognizer = new Recognizer(constraint.Automaton);
        buffer = new uint[constraint.Vocabulary.EndMask.Length];
        frames = new (int, int, int)[constraint.Vocabulary.LongestToken + 1];
        recognizer.Allow(MaxWorkPerToken);
        recognizer.Add(0, constraint.Automaton.Starts[0], Recognizer.Base);
        IsComplete = recognizer.Close(0);
    }

    /// <summary>Whether the text so far meets the constraint, so that an end token may come.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Whether an end token was accepted.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>
    /// [(vocabulary size + 31) / 32]: the tokens that may come next, token i being bit i % 32 of word i / 32. The end tokens are among them
    /// exactly when <see cref="IsComplete"/>; after one, nothing else is. Valid until the next call; never empty.
    /// </summary>
    /// <exception cref="ConstraintException">No token of the vocabulary spells what must come next, or the grammar is too ambiguous.</exception>
    public ReadOnlySpan<uint> AllowedTokens => mask ??= Mask();

    /// <summary>Uses of rules that are kept, for tests.</summary>
    internal int KeptActivations => recognizer.ActivationCount;

    /// <summary>Whether one token may come next; without a look at the others.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The token is not in the vocabulary.</exception>
    /// <exception cref="ConstraintException">The grammar is too ambiguous.</exception>
    public bool Allows(int token)
    {
        if (IsEnd(token))
            return IsComplete;
        (int count, int activations, int callers) = (recognizer.Count, recognizer.ActivationCount, recognizer.CallerCount);
        bool allows = TryWalk(token, out _, out _);
        recognizer.Restore(count, activations, callers);
        return allows;
    }

    /// <summary>Moves on by a token.</summary>
    /// <returns>False, with nothing changed, if the token may not come here.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The token is not in the vocabulary.</exception>
    /// <exception cref="ConstraintException">The grammar is too ambiguous.</exception>
    public bool Accept(int token)
    {
        if (IsEnd(token))
        {
            if (!IsComplete)
                return false;
            HasEnded = true;
            mask = constraint.Vocabulary.EndMask;
            return true;
        }
        (int count, int activations, int callers) = (recognizer.Count, recognizer.ActivationCount, recognizer.CallerCount);
        if (!TryWalk(token, out int set, out bool complete))
        {
            recognizer.Restore(count, activations, callers);
            return false;
        }
        recognizer.MoveDown(set);
        (IsComplete, begun, mask) = (complete, true, null);
        if (recognizer.ActivationCount + recognizer.CallerCount > collectAt)
        {
            recognizer.Collect();
            collectAt = Math.Max(CollectedFrom, 2 * (recognizer.ActivationCount + recognizer.CallerCount));
        }
        return true;
    }

    bool IsEnd(int token)
    {
        ConstraintVocabulary vocabulary = constraint.Vocabulary;
        if (token < 0 || token >= vocabulary.Size)
            throw new ArgumentOutOfRangeException(nameof(token), token, $"a token must be 0 to {vocabulary.Size - 1}.");
        return (vocabulary.EndMask[token >> 5] >> (token & 31) & 1) != 0;
    }

    // Byte by byte; the last set of items stands on top.
    bool TryWalk(int token, out int set, out bool complete)
    {
        (set, complete) = (0, IsComplete);
        ReadOnlySpan<byte> bytes = constraint.Vocabulary.BytesOf(token);
        if (HasEnded || bytes.IsEmpty)
            return false;
        if (!begun && constraint.Vocabulary.DropsFirstSpace && bytes[0] == ' ')
            bytes = bytes[1..];
        recognizer.Allow(MaxWorkPerToken);
        foreach (byte b in bytes)
        {
            int next = recognizer.Count;
            recognizer.Step(set, next, b);
            if (recognizer.Count == next)
                return false;
            complete = recognizer.Close(next);
            set = next;
        }
        return true;
    }

    uint[] Mask()
    {
        ConstraintVocabulary vocabulary = constraint.Vocabulary;
        recognizer.Allow(MaxWorkPerToken);
        if (!begun && vocabulary.DropsFirstSpace)
            return constraint.FirstMask(this);
        int items = recognizer.Count;
        if (items == 0)
            return IsComplete ? vocabulary.EndMask : throw CannotSpell();
        uint[] result = buffer;
        for (int i = 0; i < items; i++)
        {
            TokenMask tokens = constraint.MaskAt(recognizer.NodeAt(i));
            if (items == 1 && tokens.Uncertain.Length == 0 && !IsComplete)
                result = tokens.Certain; // shared by all who stand here
            else if (i == 0)
                tokens.Certain.CopyTo(result, 0);
            else
                Or(tokens.Certain, result);
        }
        for (int i = 0; i < items; i++)
            AddUncertain(constraint.MaskAt(recognizer.NodeAt(i)), i, result);
        if (IsComplete)
            Or(vocabulary.EndMask, result);
        if (constraint.MayRunDry && !result.AsSpan().ContainsAnyExcept(0u))
            throw CannotSpell();
        return result;
    }

    // Adds the tokens that leave an item's rule, as its callers allow them.
    void AddUncertain(TokenMask tokens, int item, uint[] into)
    {
        int innermost = recognizer.ActivationAt(item);
        // What leaves the outermost rule leaves the text.
        if (tokens.Uncertain.Length == 0 || innermost == Recognizer.Base)
            return;
        TokenContext? context = tokens.Callers;
        for (int activation = innermost; context is not null;)
        {
            if (context.Found is { } known)
            {
                known.AddTo(into);
                return;
            }
            context = activation != Recognizer.Base && recognizer.TryGetCaller(activation, out long caller, out activation) ? context.Find(caller) : null;
        }
        recognizer.Watch(innermost);
        FoundTokens found = FindUncertain(tokens, item);
        recognizer.Unwatch();
        found.AddTo(into);
        if (recognizer.Observed == int.MaxValue)
            return;
        context = tokens.Callers;
        for (int i = 0, activation = innermost; i < recognizer.Observed; i++)
        {
            recognizer.TryGetCaller(activation, out long caller, out activation);
            context = context.Below(caller);
        }
        context.Decide(found);
        constraint.Keep(recognizer.Observed * 256 + found.Bytes);
    }

    FoundTokens FindUncertain(TokenMask tokens, int item)
    {
        ConstraintVocabulary vocabulary = constraint.Vocabulary;
        (int count, int activations, int callers) = (recognizer.Count, recognizer.ActivationCount, recognizer.CallerCount);
        List<int> found = [];
        recognizer.Add(count, recognizer.NodeAt(item), recognizer.ActivationAt(item));
        frames[0] = (recognizer.Count, activations, callers);
        int depth = 0; // bytes of the last token that were taken
        for (int i = 0; i < tokens.Uncertain.Length; i++)
        {
            ReadOnlySpan<int> ids = vocabulary.IdsAt(tokens.Uncertain[i]);
            if (tokens.Shared[i] > depth)
                continue; // it fails where the last one failed
            depth = tokens.Shared[i];
            ReadOnlySpan<byte> bytes = vocabulary.BytesOf(ids[0]);
            while (true)
            {
                (int end, int keptActivations, int keptCallers) = frames[depth];
                recognizer.Restore(end, keptActivations, keptCallers);
                recognizer.Step(depth == 0 ? count : frames[depth - 1].End, end, bytes[depth]);
                if (recognizer.Count == end)
                    break;
                recognizer.Close(end);
                frames[++depth] = (recognizer.Count, recognizer.ActivationCount, recognizer.CallerCount);
                if (depth == bytes.Length)
                {
                    found.AddRange(ids);
                    break;
                }
            }
        }
        recognizer.Restore(count, activations, callers);
        return new FoundTokens(found, buffer.Length);
    }

    /// <summary>The first mask where decoding drops a space in front: a token that begins with one stands for the rest of itself.</summary>
    internal uint[] FirstMask()
    {
        ConstraintVocabulary vocabulary = constraint.Vocabulary;
        uint[] result = new uint[buffer.Length];
        (int count, int activations, int callers) = (recognizer.Count, recognizer.ActivationCount, recognizer.CallerCount);
        for (int id = 0; id < vocabulary.Size; id++)
        {
            if (TryWalk(id, out _, out _))
                result[id >> 5] |= 1u << (id & 31);
            recognizer.Restore(count, activations, callers);
        }
        if (IsComplete)
            Or(vocabulary.EndMask, result);
        return result.AsSpan().ContainsAnyExcept(0u) ? result : throw CannotSpell();
    }

    internal static void Or(uint[] from, uint[] into)
    {
        Span<Vector<uint>> wide = MemoryMarshal.Cast<uint, Vector<uint>>(into.AsSpan());
        ReadOnlySpan<Vector<uint>> source = MemoryMarshal.Cast<uint, Vector<uint>>(from);
        for (int i = 0; i < wide.Length; i++)
            wide[i] |= source[i];
        for (int i = wide.Length * Vector<uint>.Count; i < into.Length; i++)
            into[i] |= from[i];
    }

    ConstraintException CannotSpell()
    {
        List<string> bytes = [];
        for (int b = 0; b < 256; b++)
        {
            int count = recognizer.Count;
            recognizer.Step(0, count, (byte)b);
            if (recognizer.Count > count)
                bytes.Add(b is > 0x20 and < 0x7F ? $"'{(char)b}'" : $"0x{b:X2}");
            recognizer.Restore(count, recognizer.ActivationCount, recognizer.CallerCount);
        }
        return new ConstraintException("constraint",
            $"no token of the vocabulary continues the text; it must go on with {string.Join(", ", bytes.Take(16))}{(bytes.Count > 16 ? ", …" : "")}");
    }
}
