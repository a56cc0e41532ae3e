// The options that say how tokens are drawn, the same in every verb that generates.
using System.CommandLine;
using Fathom.Inference;

namespace Fathom.Cli;

/// <summary>Sampling options of one verb.</summary>
sealed class SamplingFlags
{
    readonly Option<float> _temperature, _topP, _minP;
    readonly Option<int> _topK, _maxTokens;
    readonly Option<string[]> _stop = new("--stop")
    {
        Description = "End the answer before this text. May be given several times.",
        HelpName = "TEXT",
    };

    /// <summary>Adds the options to a verb.</summary>
    public SamplingFlags(Command verb, float topP, int maxTokens)
    {
        _temperature = new Option<float>("--temperature") { Description = "Divides the logits; 0 always takes the likeliest token.", HelpName = "T", DefaultValueFactory = _ => 0.6f }.Within(0, 100);
        _topP = new Option<float>("--top-p") { Description = "Keep the fewest tokens whose probability reaches this; 1 keeps all.", HelpName = "P", DefaultValueFactory = _ => topP }.Above(0, 1);
        _topK = new Option<int>("--top-k") { Description = "Keep at most this many tokens; 0 keeps all.", HelpName = "K", DefaultValueFactory = _ => 0 }.AtLeast(0);
        _minP = new Option<float>("--min-p") { Description = "Drop tokens less likely than this times the likeliest; 0 drops none.", HelpName = "P", DefaultValueFactory = _ => 0 }.Within(0, 1);
        _maxTokens = new Option<int>("--max-tokens") { Description = "Longest answer, in tokens.", HelpName = "N", DefaultValueFactory = _ => maxTokens }.AtLeast(1);
        foreach (Option option in new Option[] { _temperature, _topP, _topK, _minP, _maxTokens, _stop })
            verb.Options.Add(option);
    }

    /// <summary>The options as given, ending at a model's stop tokens too.</summary>
    public SamplingOptions Read(ParseResult parsed, IReadOnlyList<int> stopIds) => new()
    {
        Temperature = parsed.GetValue(_temperature),
        TopP = parsed.GetValue(_topP),
        TopK = parsed.GetValue(_topK),
        MinP = parsed.GetValue(_minP),
        MaxNewTokens = parsed.GetValue(_maxTokens),
        StopIds = stopIds,
        StopStrings = [.. (parsed.GetValue(_stop) ?? []).Where(text => text.Length > 0)],
    };
}
