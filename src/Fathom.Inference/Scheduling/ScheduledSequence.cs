// One request on its way: its tokens so far, its place in the cache, its draws. Whoever asked derives from it to receive the tokens.
using System.Diagnostics;
using Fathom.Models.Layers;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Scheduling;

/// <summary>A sequence that the <see cref="Scheduler"/> runs.</summary>
abstract class ScheduledSequence
{
    // Room for so many generated tokens is made at once; longer completions grow.
    const int FirstRoom = 4096;

    readonly Tokenizer? _tokenizer;
    readonly int _limit;
    readonly long _deadline;
    StopStringScanner? _scanner;
    int[] _history;
    int[] _drawn = [0];
    float[] _logProbabilities = [0];
    readonly List<TokenAlternatives?> _alternatives = [];
    volatile bool _cancelled;

    /// <summary>Takes a request that <see cref="RequestCheck"/> has found fit to run.</summary>
    /// <param name="request">What to continue.</param>
    /// <param name="tokenizer">Needed for stop strings only.</param>
    /// <param name="contextLength">Tokens that fit, prompt and completion together.</param>
    protected ScheduledSequence(GenerationRequest request, Tokenizer? tokenizer, int contextLength)
    {
        (Request, _tokenizer) = (request, tokenizer);
        _limit = (int)Math.Min(contextLength, (long)request.Prompt.Length + request.Options.MaxNewTokens);
        _history = request.Prompt;
        Length = request.Prompt.Length;
        _deadline = request.TimeLimit is { } limit ? Stopwatch.GetTimestamp() + (long)Math.Min(limit.TotalSeconds * Stopwatch.Frequency, long.MaxValue / 2) : long.MaxValue;
    }

    /// <summary>Makes room for what will come, before it is run for the first time: those that wait take next to nothing.</summary>
    public void Begin()
    {
        int room = Math.Min(Remaining, FirstRoom);
        Array.Resize(ref _history, Length + room);
        Completion.Tokens.Capacity = room;
        Completion.LogProbabilities.Capacity = room;
        Sampler = new SequenceSampler(Request.Options, Request.Seed, Request.Prompt);
        if (Request.Options.StopStrings.Count > 0)
            _scanner = new StopStringScanner(_tokenizer!, Request.Options.StopStrings);
        HasBegun = true;
    }

    /// <summary>What was asked for.</summary>
    public GenerationRequest Request { get; }

    /// <summary>What has come of it.</summary>
    public Completion Completion { get; } = new();

    /// <summary>Draws its tokens, once it <see cref="HasBegun"/>.</summary>
    public SequenceSampler Sampler { get; private set; } = null!;

    /// <summary>Its place in the cache.</summary>
    public CachedSequence Cached { get; } = new();

    /// <summary>Its place in the tree of beginnings.</summary>
    public PrefixTree.Place Place;

    /// <summary>Prompt and generated tokens.</summary>
    public ReadOnlySpan<int> History => _history.AsSpan(0, Length);

    /// <summary>Prompt and generated tokens, counted.</summary>
    public int Length { get; private set; }

    /// <summary>Tokens that are not in the cache yet, at least one.</summary>
    public int Pending => Length - Cached.Length;

    /// <summary>Tokens that may still be generated.</summary>
    public int Remaining => _limit - Length;

    /// <summary>Whether only the last token is to be fed, and it was generated.</summary>
    public bool IsDecoding => Pending == 1 && Length > Request.Prompt.Length;

    /// <summary>When it came, by a running number.</summary>
    public long Order { get; set; }

    /// <summary>Steps in which others' prompts were taken before its own.</summary>
    public int PassedOver { get; set; }

    /// <summary>Tokens in the present batch, drafts counted in; 0 when it takes no part.</summary>
    public int Fed { get; set; }

    /// <summary>Guesses of the tokens behind the last one, for the next step or in the present one.</summary>
    public int DraftCount { get; set; }

    /// <summary>The row of the batch's logits behind its last token.</summary>
    public int DrawRow { get; set; }

    /// <summary>The batch's row of the first of the tokens that the present step has put into the cache.</summary>
    public int FirstRow { get; set; }

    /// <summary>Tokens that the present step has put into the cache.</summary>
    public int Advanced { get; set; }

    /// <summary>Its place in the cache of a model that guesses for it, or null.</summary>
    public CachedSequence? DraftCached { get; set; }

    /// <summary>Whether it ends with the present step.</summary>
    public bool HasEnded => Failure is not null || Completion.FinishReason != FinishReason.None;

    /// <summary>Whether it was ever run.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Sequences with the same prompt that wait to share its result; null or empty when there are none.</summary>
    public List<ScheduledSequence>? Followers { get; set; }

    /// <summary>What made it impossible to go on.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Tokens drawn in the present step.</summary>
    public int DrawnCount { get; private set; }

    /// <summary>The next tokens that are not in the cache, guesses counted in.</summary>
    public ReadOnlySpan<int> Next(int count) => _history.AsSpan(Cached.Length, count);

    /// <summary>Where guesses of the tokens behind the last one are written; <see cref="DraftCount"/> says how many were.</summary>
    public Span<int> DraftRoom(int count)
    {
        if (Length + count > _history.Length)
            Array.Resize(ref _history, Math.Max(2 * Length, Length + count));
        return _history.AsSpan(Length, count);
    }

    /// <summary>Asks the scheduler to drop it; from any thread.</summary>
    public void Cancel() => _cancelled = true;

    /// <summary>Why it must end though nothing in its tokens says so; <see cref="FinishReason.None"/> when it may go on.</summary>
    public FinishReason Interruption(long now) => _cancelled ? FinishReason.Cancelled : now >= _deadline ? FinishReason.Deadline : FinishReason.None;

    /// <summary>Draws from the rows of logits behind its last token and its guesses, until a draw is not the guess. On any thread.</summary>
    /// <param name="logits">[1 + drafts, vocabulary].</param>
    /// <param name="vocabulary">Columns.</param>
    public void Draw(ReadOnlySpan<float> logits, int vocabulary)
    {
        DrawnCount = 0;
        _alternatives.Clear();
        int token;
        do
        {
            if (DrawnCount == _drawn.Length)
            {
                Array.Resize(ref _drawn, 2 * DrawnCount);
                Array.Resize(ref _logProbabilities, 2 * DrawnCount);
            }
            try
            {
                ReadOnlySpan<float> row = logits.Slice(DrawnCount * vocabulary, vocabulary);
                token = Sampler.Draw(row, out _logProbabilities[DrawnCount]);
                _alternatives.Add(Sampler.Explain(row, token));
                Sampler.Accept(token);
            }
            catch (Exception e)
            {
                Failure = e;
                return;
            }
            _drawn[DrawnCount++] = token;
        }
        while (DrawnCount <= DraftCount && token == _history[Length + DrawnCount - 1] && !IsStop(token));
    }

    /// <summary>Takes the drawn tokens in and hands them on, one after the other, until it ends or all are taken.</summary>
    public void TakeDrawn()
    {
        for (int i = 0; i < DrawnCount && Completion.FinishReason == FinishReason.None; i++)
            Append(new GeneratedToken(_drawn[i], _logProbabilities[i], _alternatives[i]));
        Completion.ReasoningTokens = Sampler.ReasoningTokenCount;
    }

    void Append(GeneratedToken generated)
    {
        int token = generated.Id;
        if (Length == _history.Length)
            Array.Resize(ref _history, (int)Math.Min(2L * Length, _limit));
        _history[Length++] = token;
        Completion.Tokens.Add(token);
        Completion.LogProbabilities.Add(generated.LogProbability);
        if (generated.Alternatives is { } alternatives)
            Completion.Alternatives.Add(alternatives);
        bool goOn = OnToken(generated);
        if (IsStop(token))
        {
            Completion.FinishReason = FinishReason.Stop;
        }
        else if (_scanner?.Append(token) is { } text)
        {
            Completion.StoppedText = text;
            Completion.FinishReason = FinishReason.Stop;
        }
        else if (Length >= _limit)
        {
            Completion.FinishReason = FinishReason.Length;
        }
        else if (!goOn)
        {
            Completion.FinishReason = FinishReason.Cancelled;
        }
    }

    bool IsStop(int token)
    {
        IReadOnlyList<int> stops = Request.Options.StopIds;
        for (int i = 0; i < stops.Count; i++)
        {
            if (stops[i] == token)
                return true;
        }
        return false;
    }

    /// <summary>Receives a token as it comes; false ends the sequence.</summary>
    protected abstract bool OnToken(GeneratedToken token);

    /// <summary>Called once, when the sequence has ended: the completion says why, or <see cref="Failure"/> does.</summary>
    public abstract void OnEnd();
}
