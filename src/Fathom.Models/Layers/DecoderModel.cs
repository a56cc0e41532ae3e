// The model: embedding, decoder blocks, final norm, head; and the multi-token-prediction module. The one definition that trains,
// rolls out, evaluates and serves.
using System.Collections.Immutable;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Kernels.MatMul;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>A decoder-only language model of the DeepSeek, Llama or Qwen2 architecture.</summary>
public sealed unsafe class DecoderModel : IDisposable
{
    readonly Weight _embedding; // [V, H]
    readonly Tensor _finalNorm; // [H]
    readonly DecoderBlock[] _blocks;
    readonly RotaryEmbedding _rotary;

    readonly IModelWeights _weights;

    /// <summary>Wires a model to its weights, which it owns from now on.</summary>
    public DecoderModel(IModelWeights weights)
    {
        _weights = weights;
        _rotary = new RotaryEmbedding(Config);
        _embedding = weights.Matrix(TensorNames.Embedding);
        _finalNorm = weights.Vector(TensorNames.FinalNorm);
        Head = Config.TieWordEmbeddings ? weights.FurtherUse(TensorNames.Embedding) : weights.Matrix(TensorNames.Head);
        _blocks = [.. Enumerable.Range(0, Config.LayerCount).Select(i => new DecoderBlock(Config, weights, _rotary, i))];
        if (Config.MtpLayerCount > 0)
            Mtp = new MultiTokenPrediction(Config, weights, _rotary);
        ExpertLayers = [.. _blocks.Select(b => b.FeedForward).Concat(Mtp is null ? [] : [Mtp.FeedForward]).OfType<MixtureOfExperts>()];
    }

    /// <summary>The model's shape.</summary>
    public ModelConfig Config => _weights.Config;

    /// <summary>The model's parameters in memory.</summary>
    /// <exception cref="InvalidOperationException">The model was opened to be run (<see cref="Open"/>), not to be changed.</exception>
    public ModelParameters Parameters => _weights as ModelParameters
        ?? throw new InvalidOperationException("A model whose weights are read from its file has no parameters to change.");

    /// <summary>The matrix of an official name, as <see cref="Forward"/> uses it.</summary>
    /// <exception cref="KeyNotFoundException">The model has none.</exception>
    public Weight MatrixOf(string name) => _weights.Matrix(name);

    /// <summary>[V, H] the language-model head; a further use of the embedding when tied.</summary>
    public Weight Head { get; }

    /// <summary>The multi-token-prediction module, or null.</summary>
    public MultiTokenPrediction? Mtp { get; }

    /// <summary>All layers with experts, the multi-token-prediction module's last.</summary>
    public ImmutableArray<MixtureOfExperts> ExpertLayers { get; }

    /// <summary>A model with random weights.</summary>
    public static DecoderModel Initialize(ModelConfig config, ulong seed) => new(ModelParameters.Initialize(config, seed));

    /// <summary>Opens a stored model to run it: weights stay in their format.</summary>
    /// <param name="path">A folder or a GGUF file.</param>
    /// <param name="exact">
    /// Multiplies in FP32 with the decoded weights, slowly, to compare numbers; otherwise products round activations to 8 bits or BF16 where
    /// the weights are no finer (<see cref="Weight.Interleaves"/>).
    /// </param>
    /// <exception cref="CheckpointException">A file or tensor is missing or wrong.</exception>
    /// <exception cref="ConfigException">The config is damaged.</exception>
    public static DecoderModel Open(string path, bool exact = false)
    {
        ICheckpoint checkpoint = Checkpoint.Open(path);
        try
        {
            return new DecoderModel(new StoredWeights(checkpoint, exact));
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Brings the weights of an opened model into the form that products read, which otherwise happens when each is first used: the
    /// whole model is read once, and is in memory afterwards.
    /// </summary>
    /// <param name="progress">Told the bytes done and all bytes.</param>
    public void Prepare(Action<long, long>? progress = null) => (_weights as StoredWeights)?.Prepare(progress);

    /// <summary>Loads a stored model into memory as FP32, to be trained.</summary>
    /// <exception cref="CheckpointException">A file or tensor is missing or wrong.</exception>
    /// <exception cref="ConfigException">The config is damaged.</exception>
    public static DecoderModel Load(string path)
    {
        using ICheckpoint checkpoint = Checkpoint.Open(path);
        return new DecoderModel(ModelParameters.Load(checkpoint));
    }

    /// <summary>Writes <c>config.json</c> and <c>model*.safetensors</c>.</summary>
    public void Save(string path, ElementType type = ElementType.F32)
    {
        Directory.CreateDirectory(path);
        AtomicFile.WriteText(Path.Combine(path, ModelFolder.ConfigFileName), (Config with { WeightType = type, Quantization = null }).ToJson());
        ModelFolder.Write(path, Parameters.ToSources(type));
    }

    /// <summary>Runs the model up to the final norm: [T, H].</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="batch">The tokens.</param>
    /// <param name="trace">Receives what happened inside, or null.</param>
    /// <param name="cancelled">Asked before each layer; true ends the pass. Null: it runs to its end.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token id is outside the vocabulary.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancelled"/> said so.</exception>
    public Tensor Forward(Tape tape, PackedBatch batch, ForwardTrace? trace = null, Func<bool>? cancelled = null)
    {
        CheckTokens(batch);
        Tensor x = tape.Embed(batch.Tokens, batch.TokenCount, _embedding);
        trace?.Hidden.Add(x);
        foreach (DecoderBlock block in _blocks)
        {
            if (cancelled?.Invoke() == true)
                throw new OperationCanceledException("The pass was ended between two layers.");
            if (tape.Recording || trace is not null)
            {
                x = block.Forward(tape, x, batch, trace);
                trace?.Hidden.Add(x);
                continue;
            }
            // Nobody looks at a layer's inside any more: the next one takes the same memory, which is still in the cache.
            ScopeMark mark = tape.Scope.Mark();
            Tensor y = block.Forward(tape, x, batch, null);
            Elementwise.Copy(y.Data, y.Columns, x.Data, x.Columns, x.Rows, x.Columns);
            tape.Scope.Release(mark);
        }
        return tape.RmsNorm(x, _finalNorm, (float)Config.RmsNormEpsilon);
    }

    /// <summary>Logits [rows, V] of hidden states [rows, H].</summary>
    public Tensor Logits(Tape tape, Tensor hidden)
    {
        Tensor logits = tape.Scope.Rent(hidden.Rows, Head.Rows);
        if (Head.Values is { } head)
            MatMul.NT(hidden.Data, hidden.Columns, head.Data, head.Columns, logits.Data, logits.Columns, hidden.Rows, head.Rows, head.Columns, accumulate: false);
        else
            PackedMatMul.NT(hidden.Data, hidden.Columns, Head, logits.Data, logits.Columns, hidden.Rows);
        return logits;
    }

    /// <summary>Sum of the layers' balance losses in the last recorded pass.</summary>
    public double BalanceLoss()
    {
        double sum = 0;
        foreach (MixtureOfExperts layer in ExpertLayers)
            sum += layer.Routing.BalanceLoss;
        return sum;
    }

    void CheckTokens(PackedBatch batch)
    {
        for (int i = 0; i < batch.TokenCount; i++)
        {
            if ((uint)batch.Tokens[i] >= (uint)_embedding.Rows)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(batch), batch.Tokens[i], $"Token {i} of the batch has id {batch.Tokens[i]}; the vocabulary has ids 0 to {_embedding.Rows - 1}.");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DecoderBlock block in _blocks)
            block.Dispose();
        Mtp?.Dispose();
        _rotary.Dispose();
        _weights.Dispose();
    }
}
