// What goes into a step, who is let in and who gives way.
using Fathom.Models.Layers;

namespace Fathom.Inference.Scheduling;

sealed partial class Scheduler
{
    // The shortest rest of a prompt goes first; each step in which a sequence is passed over counts as so many tokens less, so that
    // every prompt's turn comes.
    const int TokensPerStepPassedOver = 128;

    // A running sequence of lower priority gives its place to a waiting one that cannot be let in otherwise.
    void YieldToPriority()
    {
        ScheduledSequence? first = null;
        foreach (ScheduledSequence sequence in _waiting)
        {
            if (first is null || sequence.Request.Priority > first.Request.Priority)
                first = sequence;
        }
        while (first is not null && _running.Count > 0 && _running[^1].Request.Priority < first.Request.Priority && !HasRoomFor(first, FindHit(first)))
            Preempt(_running[^1]);
    }

    // One token of every sequence whose prompt is done, and its guesses.
    void PlanDecodes()
    {
        for (int i = 0; i < _running.Count; i++)
        {
            ScheduledSequence sequence = _running[i];
            if (!sequence.IsDecoding)
                continue;
            // The last token that may come needs no guess behind it.
            sequence.DraftCount = Math.Min(sequence.DraftCount, Math.Min(sequence.Remaining, _grid.LongestGeneratedPiece) - 1);
            if (sequence.DraftCount > 0 && !TryReserve(sequence, 1 + sequence.DraftCount))
                sequence.DraftCount = 0;
            if (Reserve(sequence, 1))
                AddToBatch(sequence, 1 + sequence.DraftCount);
        }
    }

    // Pieces of prompts, as many as the step's budget allows and at least one.
    void PlanPrompts()
    {
        int budget = _promptTokensPerStep;
        bool admitting = true, any = false;
        while (NextPrompt(admitting) is { } sequence)
        {
            bool isNew = sequence.Cached.Blocks.Count == 0;
            int hit = isNew ? FindHit(sequence) : sequence.Cached.Length;
            int end = _grid.PieceEnd(hit, sequence.Request.Prompt.Length, sequence.Length), count = end - hit;
            if (any && count > budget)
                break;
            if (isNew && !TryAdmit(sequence, hit))
            {
                admitting = false;
                continue;
            }
            AddToBatch(sequence, count);
            budget -= count;
            any = true;
        }
        if (!any)
            return;
        foreach (ScheduledSequence sequence in _running)
        {
            if (sequence.Fed == 0)
                sequence.PassedOver++;
        }
        foreach (ScheduledSequence sequence in _waiting)
            sequence.PassedOver++;
    }

    // The best sequence with prompt tokens to compute that has none in this step yet.
    ScheduledSequence? NextPrompt(bool admitting)
    {
        ScheduledSequence? best = null;
        long bestRest = 0;
        foreach (ScheduledSequence sequence in _running)
        {
            if (sequence.Fed == 0 && !sequence.IsDecoding)
                Consider(sequence);
        }
        if (admitting)
        {
            foreach (ScheduledSequence sequence in _waiting)
                Consider(sequence);
        }
        return best;

        void Consider(ScheduledSequence sequence)
        {
            long rest = sequence.Pending - (long)TokensPerStepPassedOver * sequence.PassedOver;
            int priority = sequence.Request.Priority;
            if (best is null || priority > best.Request.Priority
                || (priority == best.Request.Priority && (rest < bestRest || (rest == bestRest && sequence.Order < best.Order))))
                (best, bestRest) = (sequence, rest);
        }
    }

    void AddToBatch(ScheduledSequence sequence, int count)
    {
        sequence.Fed = count;
        sequence.FirstRow = _step.TokenCount;
        _step.Add(sequence, sequence.Next(count));
        if (sequence.Cached.Length + count == sequence.Length + sequence.DraftCount)
            sequence.DrawRow = _step.AddDraw(sequence, 1 + sequence.DraftCount);
        _batch.Add(sequence);
    }

    int FindHit(ScheduledSequence sequence)
        => _keepPrefixes ? _grid.Usable(_tree.Find(sequence.Request.Prompt), sequence.Request.Prompt.Length) : 0;

    // Whether a place is free, and blocks for all its tokens and one more; each running sequence keeps one block to grow into.
    bool HasRoomFor(ScheduledSequence sequence, int hit)
    {
        int blocks = BlocksFor(Math.Min(sequence.Length + 1, ContextLength)) - hit / KvCache.BlockLength;
        // Kept blocks that it takes over can no longer be given up.
        int available = Cache.Pool.Free + _tree.Unreferenced - _tree.UnreferencedAmong(sequence.Request.Prompt.AsSpan(0, hit));
        return _running.Count + _followers < _maxConcurrent && blocks + _running.Count <= available;
    }

    bool TryAdmit(ScheduledSequence sequence, int hit)
    {
        if (!HasRoomFor(sequence, hit) && _running.Count > 0)
            return false;
        _waiting.Remove(sequence);
        if (hit > 0)
            _tree.Take(sequence.Request.Prompt.AsSpan(0, hit), sequence.Cached, ref sequence.Place);
        if (!TryReserve(sequence, sequence.Pending))
            throw new InvalidOperationException($"The cache has no room for {sequence.Length} tokens, though nothing else runs: {Cache.Pool.InUse} of {Cache.Pool.Limit} blocks are in use.");
        if (!sequence.HasBegun)
        {
            sequence.Begin();
            sequence.Completion.CachedPromptTokens = hit;
            Counts.SharedPromptTokens += hit;
        }
        if (sequence.Length == sequence.Request.Prompt.Length)
            GatherFollowers(sequence);
        Enrol(sequence);
        return true;
    }

    // Waiting sequences with the same prompt share its computation.
    void GatherFollowers(ScheduledSequence leader)
    {
        int kept = 0;
        for (int i = 0; i < _waiting.Count; i++)
        {
            ScheduledSequence other = _waiting[i];
            bool follows = !other.HasBegun && _running.Count + _followers + 1 < _maxConcurrent
                && other.Length == leader.Length && other.Request.Priority <= leader.Request.Priority
                && (ReferenceEquals(other.Request.Prompt, leader.Request.Prompt) || other.History.SequenceEqual(leader.History));
            if (follows)
            {
                (leader.Followers ??= []).Add(other);
                _followers++;
            }
            else
            {
                _waiting[kept++] = other;
            }
        }
        _waiting.RemoveRange(kept, _waiting.Count - kept);
    }

    // Into the running ones, by rank: higher priority first, then who came first.
    void Enrol(ScheduledSequence sequence)
    {
        int at = _running.Count;
        while (at > 0 && IsBefore(sequence, _running[at - 1]))
            at--;
        _running.Insert(at, sequence);
    }

    static bool IsBefore(ScheduledSequence a, ScheduledSequence b)
        => a.Request.Priority != b.Request.Priority ? a.Request.Priority > b.Request.Priority : a.Order < b.Order;

    // Room for a sequence's next tokens, taken from kept beginnings and then from those that rank last; false when that is itself.
    bool Reserve(ScheduledSequence sequence, int tokens)
    {
        while (!TryReserve(sequence, tokens))
        {
            ScheduledSequence last = _running[^1];
            Preempt(last);
            if (last == sequence)
                return false;
        }
        return true;
    }

    bool TryReserve(ScheduledSequence sequence, int tokens)
    {
        while (!Cache.TryReserve(sequence.Cached, tokens))
        {
            if (!_tree.TryEvict())
                return false;
        }
        return true;
    }

    // Back to waiting, without its blocks; it is computed again when there is room.
    void Preempt(ScheduledSequence sequence)
    {
        Counts.Preemptions++;
        _running.Remove(sequence);
        Disband(sequence);
        _tree.Release(sequence.Cached);
        sequence.Place = default;
        sequence.DraftCount = 0;
        _drafter?.Release(sequence);
        _waiting.Add(sequence);
    }

    // Followers of a sequence that does not go on wait for themselves.
    void Disband(ScheduledSequence leader)
    {
        if (leader.Followers is not { Count: > 0 })
            return;
        _followers -= leader.Followers.Count;
        _waiting.AddRange(leader.Followers);
        leader.Followers.Clear();
    }

    static int BlocksFor(int tokens) => (tokens + KvCache.BlockLength - 1) / KvCache.BlockLength;
}
