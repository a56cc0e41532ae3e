// Compares a model with reference tensors: logits, hidden states, routing, balance losses, multi-token prediction, cached decoding,
// greedy continuation and the gradients of every parameter. Names and shapes are those of the public reference runs.
using Fathom.Models.Checkpoints;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Verification;

/// <summary>Runs all comparisons that a reference file allows.</summary>
public sealed unsafe class ModelVerifier : IDisposable
{
    const int PrefillLength = 10;

    readonly DecoderModel _model;
    readonly SafetensorsFile _file;
    readonly Tape _tape = new();
    readonly PackedBatch _batch = new();
    readonly List<Check> _checks = [];

    ModelVerifier(DecoderModel model, SafetensorsFile file) => (_model, _file) = (model, file);

    /// <summary>Compares what a model computes with a reference file: logits, hidden states, routing, cached decoding, greedy continuation.</summary>
    /// <exception cref="CheckpointException">The file is not a reference file or does not fit the model.</exception>
    public static IReadOnlyList<Check> Run(DecoderModel model, string vectors)
    {
        using SafetensorsFile file = SafetensorsFile.Open(vectors);
        using var verifier = new ModelVerifier(model, file);
        if (verifier.Has("input_ids"))
            verifier.CheckForward();
        if (verifier.Has("long.input_ids"))
            verifier.CheckLogits("long.input_ids", "long.logits");
        if (verifier.Has("greedy.ids"))
            verifier.CheckGreedy("greedy.ids", promptLength: 8);
        if (verifier.Has("greedy_ids"))
            verifier.CheckStory();
        if (verifier._checks.Count == 0)
            throw new CheckpointException(vectors, null, "no tensor that can be compared", "input_ids with logits, long.input_ids, greedy.ids or greedy_ids");
        return verifier._checks;
    }

    /// <summary>Whether <see cref="RunTraining"/> finds something to compare: balance losses in the file, or gradients beside it.</summary>
    /// <exception cref="CheckpointException">The file is not a reference file.</exception>
    public static bool HasTraining(string vectors)
    {
        using SafetensorsFile file = SafetensorsFile.Open(vectors);
        return file.Entries.ContainsKey("input_ids") && (HasBalance(file) || GradientFiles(vectors).Any());
    }

    /// <summary>Compares what training computes: the balance losses of a reference file, and the gradients beside it
    /// (<c>grads.safetensors</c> or <c>grads_with_aux.safetensors</c>) where there are any.</summary>
    /// <param name="model">A model with parameters in memory; it gets gradients.</param>
    /// <param name="vectors">The reference file.</param>
    /// <exception cref="CheckpointException">A file is not a reference file or does not fit the model.</exception>
    public static IReadOnlyList<Check> RunTraining(DecoderModel model, string vectors)
    {
        using SafetensorsFile file = SafetensorsFile.Open(vectors);
        using var verifier = new ModelVerifier(model, file);
        verifier.LoadSequences("input_ids");
        if (HasBalance(file))
            verifier.CheckBalance();
        foreach (string gradients in GradientFiles(vectors))
            verifier.CheckGradients(gradients);
        return verifier._checks;
    }

    static bool HasBalance(SafetensorsFile file) => file.Entries.Keys.Any(name => name.StartsWith("aux_loss.", StringComparison.Ordinal));

    static IEnumerable<string> GradientFiles(string vectors)
        => new[] { "grads.safetensors", "grads_with_aux.safetensors" }.Select(name => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(vectors))!, name)).Where(File.Exists);

    bool Has(string name) => _file.Entries.ContainsKey(name);

    void CheckForward()
    {
        LoadSequences("input_ids");
        _tape.Reset();
        _tape.Recording = false;
        var trace = new ForwardTrace();
        Tensor final = _model.Forward(_tape, _batch, trace);
        for (int i = 0; i < trace.Hidden.Count; i++)
            Compare($"hidden.{i}", trace.Hidden[i].Span);
        Compare("final_hidden", final.Span);
        Compare("logits", _model.Logits(_tape, final).Span);
        foreach ((int layer, Routing routing) in trace.Routing)
            CheckRouting($"moe.{layer}.", routing, _batch.TokenCount);
        CheckMtp("mtp.", normed: true);
        CheckMtp("mtp_prenorm.", normed: false);
        CheckCachedDecoding();
    }

    void CheckRouting(string prefix, Routing routing, int tokens)
    {
        int k = routing.Weights.Columns;
        var ids = new long[tokens * k];
        for (int i = 0; i < ids.Length; i++)
            ids[i] = routing.ExpertIds[i];
        if (Has(prefix + "topk_ids"))
            _checks.Add(Check.Compare(prefix + "topk_ids", ids, _file.ReadInt64(prefix + "topk_ids")));
        Compare(prefix + "topk_weights", routing.Weights.Span);
        Compare(prefix + "scores", routing.Scores.Span);
    }

    // The balance loss exists while recording only.
    void CheckBalance()
    {
        _tape.Reset();
        _tape.Recording = true;
        var trace = new ForwardTrace();
        _model.Forward(_tape, _batch, trace);
        foreach ((int layer, Routing routing) in trace.Routing)
            Compare($"aux_loss.{layer}", [(float)routing.BalanceLoss]);
    }

    void CheckMtp(string prefix, bool normed)
    {
        if (_model.Mtp is not { } mtp || !Has(prefix + "hidden"))
            return;
        _tape.Reset();
        _tape.Recording = false;
        var trace = new ForwardTrace();
        Tensor final = _model.Forward(_tape, _batch, trace);
        using var shifted = new PackedBatch();
        var mtpTrace = new ForwardTrace();
        Tensor hidden = mtp.Forward(_tape, normed ? final : trace.Hidden[^1], _batch, shifted, mtpTrace, out Tensor beforeNorm);
        Compare(prefix + "hidden", beforeNorm.Span);
        Compare(prefix + "logits", _model.Logits(_tape, hidden).Span);
        foreach (Routing routing in mtpTrace.Routing.Values)
            CheckRouting(prefix, routing, shifted.TokenCount);
    }

    // A prompt of ten tokens, then token by token over the cache: the same logits as the whole pass.
    void CheckCachedDecoding()
    {
        long[] shape = _file.Entry("input_ids").Shape;
        int sequences = (int)shape[0], length = (int)shape[1], vocabulary = _model.Config.VocabularySize;
        if (length <= PrefillLength || !Has("logits"))
            return;
        long[] ids = _file.ReadInt64("input_ids");
        using var cache = new KvCache(_model.Config, (long)sequences * (length + KvCache.BlockLength));
        CachedSequence[] cached = [.. Enumerable.Range(0, sequences).Select(_ => new CachedSequence())];
        var logits = new float[ids.Length * vocabulary];
        for (int from = 0; from < length;)
        {
            int to = from == 0 ? PrefillLength : from + 1;
            for (int s = 0; s < sequences; s++)
            {
                Tensor step = StepCached(cache, cached[s], [.. ids.AsSpan(s * length + from, to - from).ToArray().Select(i => (int)i)]);
                step.Span.CopyTo(logits.AsSpan((s * length + from) * vocabulary));
            }
            from = to;
        }
        _checks.Add(Check.Compare("logits (cached decoding)", logits, _file.ReadFloats("logits")));
    }

    Tensor StepCached(KvCache cache, CachedSequence sequence, int[] tokens)
    {
        _tape.Reset();
        _tape.Recording = false;
        using var batch = new PackedBatch();
        batch.Clear(cache);
        cache.Reserve(sequence, tokens.Length);
        batch.Add(tokens, sequence);
        Tensor logits = _model.Logits(_tape, _model.Forward(_tape, batch));
        cache.Advance(sequence, tokens.Length);
        return logits;
    }

    void CheckLogits(string idsName, string logitsName)
    {
        LoadSequences(idsName);
        _tape.Reset();
        _tape.Recording = false;
        Compare(logitsName, _model.Logits(_tape, _model.Forward(_tape, _batch)).Span);
    }

    void CheckGreedy(string name, int promptLength)
    {
        long[] shape = _file.Entry(name).Shape, expected = _file.ReadInt64(name);
        int length = (int)shape[^1];
        var actual = new long[expected.Length];
        for (int start = 0; start < expected.Length; start += length)
            Continue(expected.AsSpan(start, length), promptLength, actual.AsSpan(start, length), null);
        _checks.Add(Check.Compare(name, actual, expected));
    }

    // The published story model: 256 greedy ids from token 1, and the logits of the first positions, absolute to 1e-3.
    void CheckStory()
    {
        const double absolute = 1e-3;
        long[] expected = [1, .. _file.ReadInt64("greedy_ids")];
        if (expected[1] == 1)
            expected = expected[1..];
        float[] reference = _file.ReadFloats("logits_first_64");
        int vocabulary = _model.Config.VocabularySize, rows = reference.Length / vocabulary;
        var logits = new float[reference.Length];
        var actual = new long[expected.Length];
        Continue(expected, 1, actual, (position, row) =>
        {
            if (position < rows)
                row.CopyTo(logits.AsSpan(position * vocabulary));
        });
        _checks.Add(Check.Compare("greedy_ids", actual, expected));
        _checks.Add(Check.Compare("logits_first_64", logits, reference, absolute));
    }

    void Continue(ReadOnlySpan<long> reference, int promptLength, Span<long> into, Action<int, float[]>? onLogits)
    {
        using var cache = new KvCache(_model.Config, reference.Length + KvCache.BlockLength);
        var sequence = new CachedSequence();
        reference[..promptLength].CopyTo(into);
        int[] next = [.. reference[..promptLength].ToArray().Select(i => (int)i)];
        for (int position = promptLength; position < reference.Length; position++)
        {
            Tensor logits = StepCached(cache, sequence, next);
            Span<float> last = logits.RowSpan(logits.Rows - 1);
            onLogits?.Invoke(position - 1, last.ToArray());
            int best = 0;
            for (int i = 1; i < last.Length; i++)
                best = last[i] > last[best] ? i : best;
            into[position] = best;
            next = [best];
        }
    }

    void CheckGradients(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        bool withBalance = file.Entries.ContainsKey("loss_ce");
        LoadSequences("input_ids");
        _model.Parameters.EnableGradients();
        foreach (MixtureOfExperts layer in _model.ExpertLayers)
            layer.BalanceLossWeight = withBalance ? layer.BalanceLossWeight : 0;
        _tape.Reset();
        _tape.Recording = true;
        Tensor hidden = _model.Forward(_tape, _batch);
        int* targets = _tape.Scope.Rent<int>(_batch.TokenCount);
        for (int s = 0; s < _batch.SequenceCount; s++)
        {
            int end = _batch.SequenceStarts[s + 1];
            for (int t = _batch.SequenceStarts[s]; t < end; t++)
                targets[t] = t + 1 < end ? _batch.Tokens[t + 1] : -1;
        }
        hidden.Gradient = _tape.Scope.RentLike(hidden);
        var objective = new CrossEntropyObjective(null, 1f / (_batch.TokenCount - _batch.SequenceCount));
        double loss = LanguageModelHead.Run(
            hidden.Data, hidden.Rows, hidden.Columns, _model.Head, targets, 1, ref objective, hidden.Gradient.Data,
            _model.Head.Trainable.Gradient!.Data, null, null);
        _tape.Backward();
        _model.Parameters.GatherGradients();
        string lossName = withBalance ? "loss_ce" : "loss";
        _checks.Add(Check.Compare("gradients " + lossName, [(float)loss], file.ReadFloats(lossName)));
        foreach (Parameter parameter in _model.Parameters.All)
        {
            if (file.Entries.ContainsKey(parameter.Name))
                _checks.Add(Check.Compare("gradient " + parameter.Name, parameter.Value.Gradient!.Span, file.ReadFloats(parameter.Name)));
        }
    }

    void LoadSequences(string name)
    {
        long[] shape = _file.Entry(name).Shape, ids = _file.ReadInt64(name);
        int length = (int)shape[^1];
        _batch.Clear();
        for (int start = 0; start < ids.Length; start += length)
            _batch.Add([.. ids.AsSpan(start, length).ToArray().Select(i => checked((int)i))]);
    }

    void Compare(string name, ReadOnlySpan<float> actual)
    {
        if (Has(name))
            _checks.Add(Check.Compare(name, actual, _file.ReadFloats(name)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tape.Dispose();
        _batch.Dispose();
    }
}
