// The options that say what form an answer must have.
using System.CommandLine;
using Fathom.Inference.Constraints;

namespace Fathom.Cli;

/// <summary>Constraint options of one verb.</summary>
sealed class ConstraintFlags
{
    readonly Option<bool> _json = new("--json-answer") { Description = "The answer, behind any reasoning, is a JSON object." };

    readonly Option<string?> _schema = new("--json-schema") { Description = "The answer is JSON of this schema (a file).", HelpName = "FILE" };

    readonly Option<string?> _regex = new("--regex") { Description = "The answer matches this regular expression, as a whole.", HelpName = "PATTERN" };

    readonly Option<string?> _grammar = new("--grammar") { Description = "The answer follows this GBNF grammar (a file).", HelpName = "FILE" };

    /// <summary>Adds the options to a verb.</summary>
    public ConstraintFlags(Command verb)
    {
        foreach (Option option in new Option[] { _json, _schema, _regex, _grammar })
            verb.Options.Add(option);
    }

    /// <summary>The constraint that was asked for, compiled for the model's vocabulary, or null.</summary>
    /// <exception cref="CommandException">There are two of them.</exception>
    /// <exception cref="ConstraintException">Schema, pattern or grammar are malformed.</exception>
    public TokenConstraint? Read(ParseResult parsed, OpenModel model)
    {
        bool json = parsed.GetValue(_json);
        string? schema = parsed.GetValue(_schema), regex = parsed.GetValue(_regex), grammar = parsed.GetValue(_grammar);
        int asked = (json ? 1 : 0) + (schema is null ? 0 : 1) + (regex is null ? 0 : 1) + (grammar is null ? 0 : 1);
        if (asked == 0)
            return null;
        if (asked > 1)
            throw CommandException.Usage("--json-answer, --json-schema, --regex and --grammar exclude each other: an answer has one form.");
        var vocabulary = new ConstraintVocabulary(model.Tokenizer, model.Model.Config.VocabularySize, [.. model.StopIds]);
        return json ? TokenConstraint.FromJson(vocabulary)
            : schema is not null ? TokenConstraint.FromJsonSchema(File.ReadAllText(schema), vocabulary)
            : regex is not null ? TokenConstraint.FromRegex(regex, vocabulary)
            : TokenConstraint.FromGrammar(File.ReadAllText(grammar!), vocabulary);
    }
}
