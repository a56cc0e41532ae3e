// The options that say how tokens are drawn, the same in every verb that generates.
using System.CommandLine;
using Fathom.Inference;
using Fathom.Inference.Constraints;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>Sampling options of one verb.</summary>
sealed class SamplingFlags
{
    // What s1 writes where the model would end.
    const string ProlongingText = "Wait";

    readonly Option<float> _temperature, _topP, _minP, _repetition, _presence, _frequency;
    readonly Option<int> _topK, _maxTokens, _prolong;
    readonly Option<int?> _reasoning;
    readonly ConstraintFlags _constraint;
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
        _repetition = new Option<float>("--repetition-penalty") { Description = "Divide positive and multiply negative logits of tokens in prompt and answer; 1 changes nothing.", HelpName = "X", DefaultValueFactory = _ => 1 }.Above(0, 100);
        _presence = new Option<float>("--presence-penalty") { Description = "Take this off the logits of tokens that the answer has.", HelpName = "X", DefaultValueFactory = _ => 0 }.Within(-2, 2);
        _frequency = new Option<float>("--frequency-penalty") { Description = "Take this off the logit of a token for every time the answer has it.", HelpName = "X", DefaultValueFactory = _ => 0 }.Within(-2, 2);
        _maxTokens = new Option<int>("--max-tokens") { Description = "Longest answer, in tokens.", HelpName = "N", DefaultValueFactory = _ => maxTokens }.AtLeast(1);
        _reasoning = new Option<int?>("--reasoning-budget") { Description = "End the reasoning after so many tokens.", HelpName = "N" }.AtLeast(0);
        _prolong = new Option<int>("--prolong") { Description = $"Refuse the end of the reasoning so many times, with \"{ProlongingText}\" instead.", HelpName = "N", DefaultValueFactory = _ => 0 }.Within(0, 1000);
        foreach (Option option in new Option[] { _temperature, _topP, _topK, _minP, _repetition, _presence, _frequency, _maxTokens, _reasoning, _prolong, _stop })
            verb.Options.Add(option);
        _constraint = new ConstraintFlags(verb);
    }

    /// <summary>The options as given, ending at a model's stop tokens too.</summary>
    /// <exception cref="CommandException">The reasoning is bounded, and the model has no marks for it.</exception>
    /// <exception cref="Fathom.Inference.Constraints.ConstraintException">The answer's form is malformed.</exception>
    public SamplingOptions Read(ParseResult parsed, OpenModel model)
    {
        TokenConstraint? constraint = _constraint.Read(parsed, model);
        return new SamplingOptions
        {
            Temperature = parsed.GetValue(_temperature),
            TopP = parsed.GetValue(_topP),
            TopK = parsed.GetValue(_topK),
            MinP = parsed.GetValue(_minP),
            RepetitionPenalty = parsed.GetValue(_repetition),
            PresencePenalty = parsed.GetValue(_presence),
            FrequencyPenalty = parsed.GetValue(_frequency),
            MaxNewTokens = parsed.GetValue(_maxTokens),
            StopIds = model.StopIds,
            StopStrings = [.. (parsed.GetValue(_stop) ?? []).Where(text => text.Length > 0)],
            Constraint = constraint,
            Reasoning = Reasoning(parsed, model.Tokenizer, constraint is not null),
        };
    }

    // A constraint waits for the end of the reasoning, so it needs to know the marks; where there are none it begins at once.
    ReasoningOptions? Reasoning(ParseResult parsed, Tokenizer tokenizer, bool constrained)
    {
        int? budget = parsed.GetValue(_reasoning);
        int prolong = parsed.GetValue(_prolong);
        bool bounded = budget is not null || prolong > 0;
        if (!bounded && !constrained)
            return null;
        if (!tokenizer.SpecialTokens.TryGetValue(DeepSeekTokens.ThinkStart, out int start) || !tokenizer.SpecialTokens.TryGetValue(DeepSeekTokens.ThinkEnd, out int end))
            return !bounded ? null : throw CommandException.Failure($"--reasoning-budget and --prolong need a model whose tokenizer has {DeepSeekTokens.ThinkStart} and {DeepSeekTokens.ThinkEnd}; this one has not.");
        return new ReasoningOptions { StartId = start, EndId = end, Budget = budget, Prolongations = prolong, ProlongingIds = tokenizer.Encode(ProlongingText) };
    }
}
