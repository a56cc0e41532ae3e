// What constraints need to know of a tokenizer: the bytes of every token, as a tree.

using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Constraints;

/// <summary>
/// The tokens of a vocabulary as byte strings, arranged as a tree so that beginnings are looked at once. Made once per tokenizer;
/// immutable and safe for many threads.
/// </summary>
public sealed class ConstraintVocabulary
{
    readonly byte[]?[] tokens;
    readonly int[] ids; // of tokens that have bytes, sorted by those

    /// <param name="tokenizer">The tokenizer. Tokens that mark structure never stand for the text that they are spelled as.</param>
    /// <param name="rows">Length of the logits where the model has more rows than the tokenizer has tokens; 0 for the tokenizer's size.</param>
    /// <param name="endIds">Tokens that end a text; null for the tokenizer's end of sentence and end of turn.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer rows than tokens, or an end token that is not in the vocabulary.</exception>
    public ConstraintVocabulary(Tokenizer tokenizer, int rows = 0, IReadOnlyCollection<int>? endIds = null)
        : this(Spell(tokenizer, rows), endIds ?? EndsOf(tokenizer), tokenizer.DropsFirstSpace)
    {
    }

    /// <param name="tokens">The bytes of each token; null or empty for one that is never written, such as a mark or padding.</param>
    /// <param name="endIds">Tokens that end a text; their bytes are not looked at.</param>
    /// <param name="dropsFirstSpace">Whether decoding drops a space at the beginning of a text, as SentencePiece does.</param>
    /// <exception cref="ArgumentOutOfRangeException">An end token is not in the vocabulary.</exception>
    public ConstraintVocabulary(IReadOnlyList<byte[]?> tokens, IReadOnlyCollection<int> endIds, bool dropsFirstSpace = false)
    {
        this.tokens = [.. tokens];
        DropsFirstSpace = dropsFirstSpace;
        EndIds = [.. endIds];
        EndMask = new uint[(tokens.Count + 31) / 32];
        foreach (int id in endIds)
        {
            if (id < 0 || id >= tokens.Count)
                throw new ArgumentOutOfRangeException(nameof(endIds), id, $"an end token must be 0 to {tokens.Count - 1}.");
            EndMask[id >> 5] |= 1u << (id & 31);
            this.tokens[id] = null;
        }
        ids = [.. Enumerable.Range(0, tokens.Count).Where(id => this.tokens[id] is { Length: > 0 })];
        Array.Sort(ids, (x, y) => this.tokens[x].AsSpan().SequenceCompareTo(this.tokens[y]) is int order and not 0 ? order : x.CompareTo(y));
        Tree = TokenTree.Build(ids, this.tokens);
        foreach (int id in ids)
        {
            foreach (byte b in this.tokens[id]!)
                Bytes = Bytes.With(b);
            LongestToken = Math.Max(LongestToken, this.tokens[id]!.Length);
            if (this.tokens[id] is [byte single])
                SingleBytes = SingleBytes.With(single);
        }
    }

    /// <summary>Number of tokens: the bits of a mask.</summary>
    public int Size => tokens.Length;

    /// <summary>Tokens that end a text.</summary>
    public IReadOnlyList<int> EndIds { get; }

    /// <summary>Bytes of the longest token.</summary>
    internal int LongestToken { get; }

    /// <summary>Bytes that occur in tokens.</summary>
    internal ByteSet Bytes { get; }

    /// <summary>Bytes that are tokens of their own: what consists of them can always be spelled.</summary>
    internal ByteSet SingleBytes { get; }

    internal bool DropsFirstSpace { get; }

    /// <summary>The mask that allows the end tokens alone.</summary>
    internal uint[] EndMask { get; }

    internal TokenTree Tree { get; }

    /// <summary>The bytes of a token; empty where it has none.</summary>
    internal ReadOnlySpan<byte> BytesOf(int id) => tokens[id];

    /// <summary>The tokens that end at a node of the tree.</summary>
    internal ReadOnlySpan<int> IdsAt(int node) => ids.AsSpan(Tree.FirstId[node], Tree.IdCount[node]);

    static byte[]?[] Spell(Tokenizer tokenizer, int rows)
    {
        if (rows != 0)
            ArgumentOutOfRangeException.ThrowIfLessThan(rows, tokenizer.VocabularySize);
        byte[]?[] spelled = new byte[]?[rows == 0 ? tokenizer.VocabularySize : rows];
        for (int id = 0; id < tokenizer.VocabularySize; id++)
            spelled[id] = tokenizer.TokenBytes(id).ToArray();
        foreach (int id in tokenizer.SpecialTokens.Values)
            spelled[id] = null;
        return spelled;
    }

    static int[] EndsOf(Tokenizer tokenizer) => [.. new[] { tokenizer.EosId, tokenizer.EndOfTurnId }.OfType<int>().Distinct()];
}
