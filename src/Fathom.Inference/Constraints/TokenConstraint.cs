// Constraints on generated text: JSON, JSON schema, regular expression, grammar.

using Fathom.Inference.Constraints.Json;

namespace Fathom.Inference.Constraints;

/// <summary>
/// A constraint compiled for a vocabulary: text generated under it always meets it, or is a beginning of such a text. Compiled once and
/// shared by any number of sequences and threads. What is found about tokens at a place of the grammar is kept for all of them, within
/// <see cref="MaxCacheBytes"/>.
/// </summary>
public sealed class TokenConstraint
{
    /// <summary>Most bytes of masks that one constraint keeps; beyond it, it begins anew.</summary>
    public const long MaxCacheBytes = 64L << 20;

    TokenMask?[] masks;
    long cachedBytes;
    uint[]? firstMask;

    internal TokenConstraint(Grammar grammar, ConstraintVocabulary vocabulary)
    {
        Vocabulary = vocabulary;
        Automaton = AutomatonCompiler.Compile(grammar, vocabulary);
        masks = new TokenMask?[Automaton.NodeCount];
        MayRunDry = vocabulary.SingleBytes != ByteSet.Range(0, 255);
        // A vocabulary that cannot even begin is told of at once.
        if (MayRunDry)
            _ = Start().AllowedTokens;
    }

    /// <summary>The vocabulary that the constraint was compiled for.</summary>
    public ConstraintVocabulary Vocabulary { get; }

    internal Automaton Automaton { get; }

    /// <summary>Whether the vocabulary lacks single bytes, so that it may be unable to spell what must come.</summary>
    internal bool MayRunDry { get; }

    /// <summary>JSON, as compact as it comes or spread over lines.</summary>
    /// <param name="vocabulary">The model's vocabulary.</param>
    /// <param name="anyValue">Whether the text may be any value; else it is an object.</param>
    /// <exception cref="ConstraintException">The vocabulary cannot spell JSON.</exception>
    public static TokenConstraint FromJson(ConstraintVocabulary vocabulary, bool anyValue = false) =>
        new(JsonSyntax.AnyGrammar(anyValue), vocabulary);

    /// <summary>JSON that a schema describes. Properties come in the schema's order; see the documentation for the keywords.</summary>
    /// <param name="schema">A JSON schema.</param>
    /// <param name="vocabulary">The model's vocabulary.</param>
    /// <exception cref="ConstraintException">The schema is malformed, contradicts itself, uses what is not supported, or is too large.</exception>
    public static TokenConstraint FromJsonSchema(string schema, ConstraintVocabulary vocabulary) =>
        new(SchemaCompiler.Compile(schema), vocabulary);

    /// <summary>Text that a regular expression matches as a whole.</summary>
    /// <param name="pattern">Classes, groups, alternatives, quantifiers and escapes; no look-around, no references back.</param>
    /// <param name="vocabulary">The model's vocabulary.</param>
    /// <exception cref="ConstraintException">The pattern is malformed, uses what is not supported, or is too large.</exception>
    public static TokenConstraint FromRegex(string pattern, ConstraintVocabulary vocabulary)
    {
        Grammar grammar = new();
        int root = grammar.Declare("pattern");
        grammar.Define(root, new RegexParser(pattern, "pattern", grammar, set => set.Utf8()).ParseWhole());
        return new(grammar, vocabulary);
    }

    /// <summary>Text that a grammar describes, in the GBNF notation of llama.cpp.</summary>
    /// <param name="gbnf">Rules; the one called <c>root</c> describes the text.</param>
    /// <param name="vocabulary">The model's vocabulary.</param>
    /// <exception cref="ConstraintException">The grammar is malformed, uses what is not supported, describes no text, or is too large.</exception>
    public static TokenConstraint FromGrammar(string gbnf, ConstraintVocabulary vocabulary) => new(GbnfParser.Parse(gbnf), vocabulary);

    /// <summary>A sequence that has no text yet.</summary>
    public ConstraintState Start() => new(this);

    /// <summary>The tokens at a node, found at the first call.</summary>
    internal TokenMask MaskAt(int node)
    {
        int place = Automaton.Representative[node];
        TokenMask?[] kept = Volatile.Read(ref masks);
        return Volatile.Read(ref kept[place]) ?? Add(kept, place);
    }

    internal uint[] FirstMask(ConstraintState start) => firstMask ??= start.FirstMask();

    /// <summary>Counts memory that was added to the masks; when it is too much, they are found anew.</summary>
    internal void Keep(long bytes)
    {
        if (Interlocked.Add(ref cachedBytes, bytes) <= MaxCacheBytes)
            return;
        Interlocked.Exchange(ref cachedBytes, 0);
        Volatile.Write(ref masks, new TokenMask?[Automaton.NodeCount]);
    }

    // Two threads may find the same mask at once; they are equal, and one of them stays.
    TokenMask Add(TokenMask?[] kept, int place)
    {
        TokenMask found = new TokenMaskBuilder(Automaton, Vocabulary).Build(place);
        Volatile.Write(ref kept[place], found);
        Keep(found.Bytes);
        return found;
    }
}
