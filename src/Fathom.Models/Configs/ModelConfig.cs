// What a model is: every size and rule of its architecture, nothing about how it is trained or served.
// Reading config.json: ConfigReader.cs; writing it: ConfigWriter.cs; literal values of known models: Presets.cs.
using Fathom.Models.Checkpoints;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Configs;

/// <summary>The architecture, named by <c>model_type</c> and never guessed from sizes.</summary>
public enum ModelFamily
{
    /// <summary><c>deepseek</c>: multi-head attention and DeepSeekMoE (the first DeepSeekMoE 16B).</summary>
    DeepSeekV1,
    /// <summary><c>deepseek_v2</c>: latent attention, softmax router.</summary>
    DeepSeekV2,
    /// <summary><c>deepseek_v3</c>: latent attention, sigmoid router, multi-token prediction (also R1).</summary>
    DeepSeekV3,
    /// <summary><c>llama</c>: grouped-query attention, dense.</summary>
    Llama,
    /// <summary><c>qwen2</c>: as Llama, with a bias on query, key and value.</summary>
    Qwen2,
}

/// <summary>FP8 weights: one code (E4M3) per element and one FP32 factor (<c>weight_scale_inv</c>) per block (<c>quantization_config</c>).</summary>
/// <param name="BlockRows">Rows of a block (<c>weight_block_size[0]</c>).</param>
/// <param name="BlockColumns">Columns of a block (<c>weight_block_size[1]</c>).</param>
public sealed record Fp8Config(int BlockRows, int BlockColumns);

/// <summary>A model's architecture, as <c>config.json</c> describes it.</summary>
public sealed record ModelConfig
{
    /// <summary>Architecture (<c>model_type</c>).</summary>
    public required ModelFamily Family { get; init; }

    /// <summary>Size of the residual stream (<c>hidden_size</c>).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Decoder layers, without multi-token prediction (<c>num_hidden_layers</c>).</summary>
    public required int LayerCount { get; init; }

    /// <summary>Query heads (<c>num_attention_heads</c>).</summary>
    public required int HeadCount { get; init; }

    /// <summary>Rows of the embedding (<c>vocab_size</c>).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of a dense feed-forward (<c>intermediate_size</c>).</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Latent or grouped-query attention.</summary>
    public required AttentionConfig Attention { get; init; }

    /// <summary>The mixture of experts, or null for a dense model.</summary>
    public ExpertConfig? Experts { get; init; }

    /// <summary>Rotary position embedding.</summary>
    public required RotaryConfig Rotary { get; init; }

    /// <summary>Added to the mean square in every RMSNorm (<c>rms_norm_eps</c>), except in the two latent norms: see <see cref="LatentNormEpsilon"/>.</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary>Whether the output head is the embedding (<c>tie_word_embeddings</c>).</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Longest context (<c>max_position_embeddings</c>).</summary>
    public required int MaxPositionEmbeddings { get; init; }

    /// <summary>Token that begins a text (<c>bos_token_id</c>), or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a text (<c>eos_token_id</c>, one or a list).</summary>
    public TokenIds EosTokenIds { get; init; }

    /// <summary>Standard deviation of the initial weights (<c>initializer_range</c>).</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Multi-token-prediction modules after the layers (<c>num_nextn_predict_layers</c>, DeepSeek-V3 only).</summary>
    public int MtpLayerCount { get; init; }

    /// <summary>Format the weights are stored in (<c>torch_dtype</c>: F32, F16 or BF16).</summary>
    public ElementType WeightType { get; init; } = ElementType.F32;

    /// <summary>FP8 blocks of the projections (<c>quantization_config</c>), or null.</summary>
    public Fp8Config? Quantization { get; init; }

    /// <summary>The two latent norms (<c>q_a_layernorm</c>, <c>kv_a_layernorm</c>) always add this, whatever <c>rms_norm_eps</c> says.</summary>
    public const double LatentNormEpsilon = 1e-6;

    const long MaxFileBytes = 16 << 20;

    /// <summary>Whether layer <paramref name="layer"/> (from 0; multi-token-prediction layers follow the decoder's) has experts.</summary>
    public bool HasExperts(int layer) => Experts is { } experts && layer >= experts.FirstDenseLayerCount;

    /// <summary>Reads a <c>config.json</c>, or the one in a folder.</summary>
    /// <exception cref="ConfigException">The file is missing, or a key is absent, of the wrong type or out of range.</exception>
    public static ModelConfig Read(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, ModelFolder.ConfigFileName) : path;
        try
        {
            using var reader = new StreamReader(file);
            return reader.BaseStream.Length <= MaxFileBytes
                ? Parse(reader.ReadToEnd(), file)
                : throw new ConfigException($"{file}: found {reader.BaseStream.Length} bytes, expected at most {MaxFileBytes}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{file}: cannot be read ({error.Message}), expected a model's {ModelFolder.ConfigFileName}", error);
        }
    }

    /// <summary>Reads the text of a <c>config.json</c>; <paramref name="origin"/> names it in errors. Unknown keys are ignored.</summary>
    /// <exception cref="ConfigException">A key is absent, of the wrong type or out of range.</exception>
    public static ModelConfig Parse(string json, string origin) => ConfigReader.Read(json, origin);

    /// <summary>The text of a <c>config.json</c> with the official keys in ordinal order.</summary>
    public string ToJson() => ConfigWriter.Write(this);
}
