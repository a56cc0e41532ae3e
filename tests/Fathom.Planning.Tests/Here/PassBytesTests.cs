// Counted bytes against what the tape really holds: training passes forward and backward, and pieces of prompts, of every architecture.

using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;
using Fathom.Planning.Here;
using Fathom.Testing;

namespace Fathom.Planning.Tests.Here;

public class PassBytesTests
{
    public static TheoryData<string> Toys => [.. ToyPresets.All.Keys];

    [Theory]
    [MemberData(nameof(Toys))]
    public void TrainingPass_CountsWhatTheTapeHolds(string name)
    {
        ModelConfig config = ToyPresets.All[name];
        foreach ((int sequences, int length) in new[] { (1, 2), (3, 17), (2, 33) })
            Assert.Equal(Trained(config, sequences, length), new TrainingPass(config, sequences, length).TapeBytes);
    }

    [Fact]
    public void TrainingPass_OfNano_CountsWhatTheTapeHolds() =>
        Assert.Equal(Trained(Presets.Nano, 2, 48), new TrainingPass(Presets.Nano, 2, 48).TapeBytes);

    [Fact]
    public void TrainingPass_TwiceTheSequences_HoldsTwiceAsMuch()
    {
        // 64 sequences of 64 tokens: every tensor is whole cache lines, but for the experts' offsets.
        long once = new TrainingPass(Presets.Micro, 64, 64).TapeBytes, twice = new TrainingPass(Presets.Micro, 128, 64).TapeBytes;
        Assert.Equal(2 * once - 5 * 128, twice);
    }

    // Bytes rented when a pass has run forwards and backwards as the trainer runs it.
    static unsafe long Trained(ModelConfig config, int sequences, int length)
    {
        using DecoderModel model = DecoderModel.Initialize(config, 1);
        model.Parameters.EnableGradients();
        using Tape tape = new() { Recording = true };
        using PackedBatch batch = new(), shifted = new();
        for (int s = 0; s < sequences; s++)
            batch.Add([.. Enumerable.Range(0, length).Select(i => (i * 5 + s) % config.VocabularySize)]);
        Tensor hidden = model.Forward(tape, batch);
        RunHead(tape, hidden, model.Head);
        if (model.Mtp is { } mtp)
            RunHead(tape, mtp.Forward(tape, hidden, batch, shifted), mtp.Head);
        tape.Backward();
        return tape.Scope.BytesUsed;
    }

    static unsafe void RunHead(Tape tape, Tensor hidden, Weight head)
    {
        hidden.Gradient = tape.Scope.RentLike(hidden);
        int[] targets = new int[hidden.Rows];
        var objective = new CrossEntropyObjective(null, 1);
        fixed (int* t = targets)
            LanguageModelHead.Run(hidden.Data, hidden.Rows, hidden.Columns, head, t, 1, ref objective, hidden.Gradient.Data, head.Trainable.Gradient!.Data, null, null);
    }

    [Theory]
    [MemberData(nameof(Toys))]
    public void PromptPass_CountsWhatTheScopeHolds(string name)
    {
        ModelConfig config = ToyPresets.All[name] with { MaxPositionEmbeddings = 2048 };
        using DecoderModel model = DecoderModel.Initialize(config, 1);
        // Absorbed, expanded over one run of keys, and over the second of two.
        foreach ((int past, int tokens) in new[] { (0, 20), (0, 130), (0, 512), (1000, 200), (1000, 3) })
            Assert.Equal(Prompted(model, past, tokens), new PromptPass(config, tokens, past).Bytes);
    }

    static unsafe long Prompted(DecoderModel model, int past, int tokens)
    {
        using KvCache cache = new(model.Config, 2048);
        using PackedBatch batch = new();
        CachedSequence sequence = new();
        for (int first = 0; first < past; first += KvCache.PromptGrid)
            Read(Math.Min(KvCache.PromptGrid, past - first), logits: false);
        return Read(tokens, logits: true);

        long Read(int count, bool logits)
        {
            using Tape tape = new();
            batch.Clear(cache);
            cache.Reserve(sequence, count);
            batch.Add(new int[count], sequence);
            Tensor hidden = model.Forward(tape, batch);
            if (logits)
                model.Logits(tape, tape.Scope.Wrap(hidden.Row(count - 1), 1, hidden.Columns));
            cache.Advance(sequence, count);
            return tape.Scope.MostBytesUsed;
        }
    }
}
