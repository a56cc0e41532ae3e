// The tokens of one request, as they come.
using System.Threading.Channels;
using Fathom.Inference.Scheduling;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference;

/// <summary>A generated token.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LogProbability">Natural logarithm of its probability, as in <see cref="Completion.LogProbabilities"/>.</param>
/// <param name="Alternatives">The likeliest tokens beside it; null where <see cref="SamplingOptions.Alternatives"/> asks for none.</param>
public readonly record struct GeneratedToken(int Id, float LogProbability, TokenAlternatives? Alternatives = null);

/// <summary>
/// The tokens of one request. To be enumerated once; leaving the enumeration early cancels the request. A slow reader holds nobody up.
/// </summary>
public sealed class TokenStream : IAsyncEnumerable<GeneratedToken>
{
    readonly Channel<GeneratedToken> _tokens = Channel.CreateUnbounded<GeneratedToken>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    readonly TaskCompletionSource<Completion> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal TokenStream(GenerationRequest request, Tokenizer? tokenizer, int contextLength, Action onEnd)
        => Sequence = new StreamedSequence(this, request, tokenizer, contextLength, onEnd);

    /// <summary>The whole completion, once it has ended; fails with what made it impossible to go on.</summary>
    public Task<Completion> Finished => _finished.Task;

    /// <summary>The tokens that have come and were not read yet.</summary>
    internal ChannelReader<GeneratedToken> Reader => _tokens.Reader;

    internal ScheduledSequence Sequence { get; }

    /// <summary>Ends the request within one layer of the model when nothing else runs, and within one step otherwise.</summary>
    public void Cancel() => Sequence.Cancel();

    /// <inheritdoc/>
    public async IAsyncEnumerator<GeneratedToken> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        try
        {
            while (await Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (Reader.TryRead(out GeneratedToken token))
                    yield return token;
            }
        }
        finally
        {
            Cancel();
        }
    }

    sealed class StreamedSequence(TokenStream stream, GenerationRequest request, Tokenizer? tokenizer, int contextLength, Action onEnd)
        : ScheduledSequence(request, tokenizer, contextLength)
    {
        protected override bool OnToken(GeneratedToken token) => stream._tokens.Writer.TryWrite(token);

        public override void OnEnd()
        {
            onEnd();
            stream._tokens.Writer.TryComplete(Failure);
            if (Failure is null)
                stream._finished.TrySetResult(Completion);
            else
                stream._finished.TrySetException(Failure);
        }
    }
}
