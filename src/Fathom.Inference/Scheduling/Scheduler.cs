// Continuous batching: every step runs one token of each running sequence and pieces of prompts, so a long prompt holds the others up by
// one piece at most. When the cache is full, the sequence that ranks last gives its blocks back and is computed again later.
// What a sequence's tokens are never depends on any of this.
using System.Diagnostics;
using Fathom.Inference.Speculation;
using Fathom.Models.Layers;

namespace Fathom.Inference.Scheduling;

/// <summary>Runs sequences step by step over one cache. Not thread-safe, apart from <see cref="ScheduledSequence.Cancel"/>.</summary>
sealed partial class Scheduler : IDisposable
{
    readonly PrefixTree _tree;
    readonly StepRunner _step;
    readonly PromptGrid _grid;
    readonly bool _keepPrefixes;
    readonly int _maxConcurrent;
    readonly int _promptTokensPerStep;
    readonly IDrafter? _drafter;
    readonly Func<bool> _cancelled;
    readonly List<ScheduledSequence> _waiting = [];
    readonly List<ScheduledSequence> _running = []; // by rank: who must give way stands last
    readonly List<ScheduledSequence> _batch = []; // those with tokens in the present step
    readonly List<ScheduledSequence> _joining = []; // followers that draw in the present step
    readonly List<ScheduledSequence> _ended = []; // those that are told so when the books are right
    volatile bool _interrupted;
    int _followers;
    long _order;

    /// <summary>Prepares a scheduler; it owns the cache from now on.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cache">Where the sequences stand.</param>
    /// <param name="maxConcurrent">Sequences in flight at most.</param>
    /// <param name="promptTokensPerStep">Prompt tokens per step at most, rounded up to one piece.</param>
    /// <param name="keepPrefixes">Whether computed beginnings are kept for later sequences. The model's weights must not change then.</param>
    /// <param name="drafter">Guesses tokens, or null; the scheduler owns it.</param>
    public Scheduler(DecoderModel model, KvCache cache, int maxConcurrent, int promptTokensPerStep, bool keepPrefixes, IDrafter? drafter = null)
    {
        _drafter = drafter;
        Cache = cache;
        ContextLength = (int)Math.Min(model.Config.MaxPositionEmbeddings, (long)cache.Pool.Limit * KvCache.BlockLength);
        _tree = new PrefixTree(cache);
        _step = new StepRunner(model, cache);
        _grid = PromptGrid.Of(model.Config);
        (_maxConcurrent, _promptTokensPerStep, _keepPrefixes) = (maxConcurrent, promptTokensPerStep, keepPrefixes);
        _cancelled = () => IsWholeBatchInterrupted();
    }

    /// <summary>The cache.</summary>
    public KvCache Cache { get; }

    /// <summary>Tokens that a sequence may have, prompt and completion together: the model's context, or what the cache holds when that is less.</summary>
    public int ContextLength { get; }

    /// <summary>Whether anything is left to do.</summary>
    public bool HasWork => _waiting.Count + _running.Count > 0;

    /// <summary>Sequences that wait, for room or for another sequence with the same prompt.</summary>
    public int WaitingCount => _waiting.Count + _followers;

    /// <summary>Sequences that run.</summary>
    public int RunningCount => _running.Count;

    /// <summary>Cache blocks that only kept beginnings hold.</summary>
    public int KeptBlocks => _tree.Unreferenced;

    /// <summary>What was done since the start.</summary>
    public SchedulerCounts Counts;

    /// <summary>Takes a sequence in.</summary>
    public void Add(ScheduledSequence sequence)
    {
        sequence.Order = _order++;
        _waiting.Add(sequence);
    }

    /// <summary>Runs the model once over what is due. Sequences that end are told so.</summary>
    public void Step()
    {
        EndInterrupted();
        _step.Begin();
        _batch.Clear();
        YieldToPriority();
        PlanDecodes();
        PlanPrompts();
        if (_batch.Count == 0)
            return;
        try
        {
            _step.Forward(_cancelled);
        }
        catch (OperationCanceledException)
        {
            // All of the batch is to end; the next step begins with that.
            foreach (ScheduledSequence sequence in _batch)
                sequence.Fed = 0;
            return;
        }
        JoinFollowers();
        _step.Draw();
        Counts.Steps++;
        Settle();
    }

    /// <summary>Ends everything at once.</summary>
    /// <param name="failure">Why, or null: cancelled.</param>
    public void EndAll(Exception? failure)
    {
        foreach (ScheduledSequence sequence in _running)
            Disband(sequence);
        ScheduledSequence[] all = [.. _running, .. _waiting];
        _running.Clear();
        _waiting.Clear();
        _ended.Clear();
        foreach (ScheduledSequence sequence in all)
        {
            sequence.Failure ??= failure;
            End(sequence, FinishReason.Cancelled);
        }
    }

    /// <summary>Ends the present pass of the model before its next layer, and every later one; from any thread.</summary>
    public void Interrupt() => _interrupted = true;

    /// <summary>Forgets the kept beginnings.</summary>
    public void ClearPrefixes() => _tree.Clear();

    // Sequences that were cancelled, or whose time is up, leave before the step.
    void EndInterrupted()
    {
        long now = Stopwatch.GetTimestamp();
        foreach (ScheduledSequence leader in _running)
        {
            if (leader.Followers is { Count: > 0 })
                _followers -= RemoveInterrupted(leader.Followers, now);
        }
        RemoveInterrupted(_running, now);
        RemoveInterrupted(_waiting, now);
        foreach (ScheduledSequence sequence in _ended)
            End(sequence, sequence.Interruption(now));
        _ended.Clear();
    }

    int RemoveInterrupted(List<ScheduledSequence> list, long now)
    {
        int kept = 0, count = list.Count;
        for (int i = 0; i < count; i++)
        {
            if (list[i].Interruption(now) == FinishReason.None)
            {
                list[kept++] = list[i];
                continue;
            }
            Disband(list[i]);
            _ended.Add(list[i]);
        }
        list.RemoveRange(kept, count - kept);
        return count - kept;
    }

    bool IsWholeBatchInterrupted()
    {
        if (_interrupted)
            return true;
        long now = Stopwatch.GetTimestamp();
        foreach (ScheduledSequence sequence in _batch)
        {
            if (sequence.Interruption(now) == FinishReason.None || sequence.Followers is { Count: > 0 })
                return false;
        }
        return true;
    }

    // Those whose prompt has just been computed for another take its blocks over and draw from its logits.
    void JoinFollowers()
    {
        _joining.Clear();
        foreach (ScheduledSequence leader in _batch)
        {
            if (leader.Followers is not { Count: > 0 } || leader.Cached.Length + leader.Fed < leader.Length)
                continue;
            foreach (ScheduledSequence follower in leader.Followers)
            {
                bool room = TryFork(leader, follower);
                if (!room)
                {
                    _waiting.Add(follower);
                    continue;
                }
                follower.Begin();
                follower.Completion.CachedPromptTokens = leader.Length;
                Counts.SharedPromptTokens += leader.Length;
                _step.ShareDraw(follower, leader.DrawRow);
                // Of the block that it has for itself it computes with the leader.
                follower.Advanced = leader.Length % KvCache.BlockLength;
                follower.FirstRow = leader.FirstRow + leader.Fed - follower.Advanced;
                _joining.Add(follower);
                Enrol(follower);
            }
            _followers -= leader.Followers.Count;
            leader.Followers.Clear();
        }
    }

    bool TryFork(ScheduledSequence leader, ScheduledSequence follower)
    {
        while (!Cache.TryFork(leader.Cached, follower.Cached, leader.Length))
        {
            if (!_tree.TryEvict())
                return false;
        }
        return true;
    }

    // Takes in what was computed and drawn.
    void Settle()
    {
        foreach (ScheduledSequence sequence in _batch)
        {
            // Rows of guesses that were not drawn are left to be overwritten.
            int computed = sequence.Fed - sequence.DraftCount;
            bool draws = sequence.Cached.Length + computed == sequence.Length;
            Count(sequence, computed);
            sequence.Advanced = draws ? computed + Math.Max(TakeDrawn(sequence) - 1, 0) : computed;
            Cache.Advance(sequence.Cached, sequence.Advanced);
            sequence.Fed = 0;
            Share(sequence);
        }
        foreach (ScheduledSequence sequence in _joining)
        {
            TakeDrawn(sequence);
            Share(sequence);
        }
        _batch.AddRange(_joining);
        _drafter?.Draft(_step, _batch);
        int kept = 0;
        for (int i = 0; i < _running.Count; i++)
        {
            ScheduledSequence sequence = _running[i];
            if (sequence.HasEnded)
                _ended.Add(sequence);
            else
                _running[kept++] = sequence;
        }
        _running.RemoveRange(kept, _running.Count - kept);
        foreach (ScheduledSequence sequence in _ended)
            End(sequence, FinishReason.None);
        _ended.Clear();
    }

    void Count(ScheduledSequence sequence, int computed)
    {
        if (sequence.Length == sequence.Request.Prompt.Length)
            Counts.PromptTokens += computed;
        else if (!sequence.IsDecoding)
            Counts.RecomputedTokens += computed;
    }

    // Returns how many tokens came: one, and the guesses that were right.
    int TakeDrawn(ScheduledSequence sequence)
    {
        int before = sequence.Length;
        sequence.TakeDrawn();
        int taken = sequence.Length - before, accepted = Math.Max(taken - 1, 0);
        sequence.Completion.DraftedTokens += sequence.DraftCount;
        sequence.Completion.AcceptedTokens += accepted;
        Counts.GeneratedTokens += taken;
        Counts.DraftedTokens += sequence.DraftCount;
        Counts.AcceptedTokens += accepted;
        sequence.DraftCount = 0;
        return taken;
    }

    // Computed blocks that others may take over go into the tree.
    void Share(ScheduledSequence sequence)
    {
        if (!_keepPrefixes)
            return;
        int shareable = _grid.Shareable(sequence.Request.Prompt.Length, sequence.Cached.Length);
        if (shareable / KvCache.BlockLength > sequence.Place.Blocks)
            _tree.Insert(sequence.History[..shareable], sequence.Cached, ref sequence.Place);
    }

    void End(ScheduledSequence sequence, FinishReason reason)
    {
        _tree.Release(sequence.Cached);
        _drafter?.Release(sequence);
        if (sequence.Completion.FinishReason == FinishReason.None)
            sequence.Completion.FinishReason = reason;
        sequence.OnEnd();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _step.Dispose();
        _drafter?.Dispose();
        Cache.Dispose();
    }
}

/// <summary>What a <see cref="Scheduler"/> did since its start.</summary>
struct SchedulerCounts
{
    /// <summary>Passes of the model.</summary>
    public long Steps;

    /// <summary>Prompt tokens computed.</summary>
    public long PromptTokens;

    /// <summary>Prompt tokens taken from the cache, or computed for another sequence in flight.</summary>
    public long SharedPromptTokens;

    /// <summary>Tokens generated.</summary>
    public long GeneratedTokens;

    /// <summary>Tokens computed again after a pre-emption.</summary>
    public long RecomputedTokens;

    /// <summary>Sequences that had to give their blocks back.</summary>
    public long Preemptions;

    /// <summary>Tokens that speculation guessed.</summary>
    public long DraftedTokens;

    /// <summary>Guessed tokens that were the ones drawn.</summary>
    public long AcceptedTokens;
}
