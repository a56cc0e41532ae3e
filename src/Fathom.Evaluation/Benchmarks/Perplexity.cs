// Perplexity of a model on a text: how well it predicts each next token.
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;
using Fathom.Text.Tokenizers;

namespace Fathom.Evaluation.Benchmarks;

/// <summary>How well a model predicts a text.</summary>
/// <param name="Tokens">Tokens predicted.</param>
/// <param name="NegativeLogLikelihood">Sum over these tokens, in nats.</param>
/// <param name="Bytes">UTF-8 bytes of these tokens.</param>
public sealed record Perplexity(long Tokens, double NegativeLogLikelihood, long Bytes)
{
    /// <summary>exp of the mean over tokens.</summary>
    public double Value => Math.Exp(NegativeLogLikelihood / Tokens);

    /// <summary>Bits per byte of text, which compares models of different tokenizers.</summary>
    public double BitsPerByte => NegativeLogLikelihood / Math.Log(2) / Bytes;

    /// <summary>
    /// Measures a text in consecutive windows. Every window stands alone: it begins with the tokenizer's begin-of-sentence token where there is
    /// one, and otherwise with its own first token, which is then not predicted.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="text">UTF-8 text.</param>
    /// <param name="window">Tokens of a window, the first one included; 2 to the model's context.</param>
    /// <param name="progress">Told after every window: tokens done, tokens in all.</param>
    /// <exception cref="ArgumentException">The text has no token to predict.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The window is outside its range.</exception>
    public static unsafe Perplexity Measure(DecoderModel model, Tokenizer tokenizer, ReadOnlySpan<byte> text, int window, Action<long, long>? progress = null)
    {
        if (window < 2 || window > model.Config.MaxPositionEmbeddings)
            throw new ArgumentOutOfRangeException(nameof(window), window, $"A window has 2 to {model.Config.MaxPositionEmbeddings} tokens, the model's context.");
        int[] ids = tokenizer.Encode(text);
        int[] begin = tokenizer.BosId is { } bos ? [bos] : [];
        if (ids.Length + begin.Length < 2)
            throw new ArgumentException($"The text has {ids.Length} tokens; none can be predicted.", nameof(text));
        using var tape = new Tape();
        using var batch = new PackedBatch();
        var objective = new CrossEntropyObjective(null, 1);
        long tokens = 0, bytes = 0;
        double loss = 0;
        int share = window - begin.Length;
        for (int first = 0; first < ids.Length; first += share)
        {
            int[] tokensOfWindow = [.. begin, .. ids.AsSpan(first, Math.Min(share, ids.Length - first))];
            if (tokensOfWindow.Length > 1)
            {
                tape.Reset();
                batch.Clear();
                batch.Add(tokensOfWindow);
                Tensor hidden = model.Forward(tape, batch); // [T, H]
                int[] targets = [.. tokensOfWindow[1..], -1];
                fixed (int* t = targets)
                    loss += LanguageModelHead.Run(hidden.Data, hidden.Rows, hidden.Columns, model.Head, t, 1, ref objective, null, null, null, null);
                tokens += tokensOfWindow.Length - 1;
                bytes += tokenizer.DecodeBytes(tokensOfWindow.AsSpan(1)).Length;
            }
            progress?.Invoke(Math.Min(first + share, ids.Length), ids.Length);
        }
        return new Perplexity(tokens, loss, bytes);
    }
}
