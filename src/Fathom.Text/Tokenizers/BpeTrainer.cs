// Trains byte-level BPE.

using System.Runtime.InteropServices;
using System.Text;
using Fathom.Text.Templates;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tokenizers;

/// <summary>
/// Learns the merges of a byte-level BPE vocabulary (Sennrich et al. 2016, algorithm 1, over bytes): again and again the most frequent
/// pair of neighbours becomes a token; among equally frequent ones the pair with the lowest left, then right id. The result depends on
/// nothing but the texts, whatever their order.
/// </summary>
public static class BpeTrainer
{
    // Longer pieces (runs of one character, base64) teach nothing and would make training slow.
    const int LongestPiece = 4096;

    /// <summary>Fathom's pre-tokenizer.</summary>
    internal static PreTokenizer Splitter { get; } = new(PreTokenizerFamily.Fathom.Stages);

    /// <summary>Trains a tokenizer with Fathom's pre-tokenizer. Ids 0 to 255 are the bytes, then come the merges, then the specials.</summary>
    /// <param name="texts">The texts; the spelling of a special token in them is ordinary text.</param>
    /// <param name="vocabularySize">Most tokens in all: at least 256 and the specials. Fewer come out where no pair is left that occurs twice.</param>
    /// <param name="specials">Spellings of the special tokens, in the order of their ids; of DeepSeek's (<see cref="DeepSeekTokens"/>) those for
    /// begin and end become <see cref="Tokenizer.BosId"/> and <see cref="Tokenizer.EosId"/>, and with all of them the chat template is set.</param>
    /// <exception cref="ArgumentOutOfRangeException">The vocabulary is too small for the bytes and the specials.</exception>
    /// <exception cref="ArgumentException">A special token is empty, stands twice or is not written in brackets.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, int vocabularySize, IReadOnlyList<string> specials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 256 + specials.Count);
        // The thoughts are part of what the reader of an answer wants to see.
        AddedToken[] marks = [.. specials.Select(s => new AddedToken(0, s, Special: s is not (DeepSeekTokens.ThinkStart or DeepSeekTokens.ThinkEnd)))];
        if (specials.Distinct().Count() != specials.Count)
            throw new ArgumentException("a special token stands twice", nameof(specials));
        if (marks.FirstOrDefault(m => m.Content is not (['<', .., '>'] or ['[', .., ']'])) is { } bad)
            throw new ArgumentException($"special token \"{bad.Content}\": one in brackets, <...> or [...], is needed", nameof(specials));

        List<byte[]> tokens = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })];
        (List<TokenPair> merges, List<int> ids) = new Training(CountPieces(texts)).Run(tokens, vocabularySize - specials.Count);

        for (int i = 0; i < marks.Length; i++)
        {
            marks[i] = marks[i] with { Id = tokens.Count };
            tokens.Add(Encoding.UTF8.GetBytes(marks[i].Content));
        }
        TokenizerExtras extras = new()
        {
            BosToken = specials.FirstOrDefault(s => s == DeepSeekTokens.BeginOfSentence),
            EosToken = specials.FirstOrDefault(s => s == DeepSeekTokens.EndOfSentence),
            ChatTemplates = DeepSeekTokens.All.All(specials.Contains)
                ? new Dictionary<string, string> { [Tokenizer.DefaultTemplate] = Templates.ChatTemplate.Jinja } : new Dictionary<string, string>(),
        };
        SymbolTable bytes = new([.. Enumerable.Range(0, 256)], null, -1, false);
        return new Tokenizer(new BpeModel([.. tokens], bytes, merges, ids), Normalizer.None, Splitter, marks, extras);
    }

    static List<(byte[] Piece, long Count)> CountPieces(IEnumerable<string> texts)
    {
        Counter counter = new(new Dictionary<byte[], long>(ByteStringComparer.Instance));
        foreach (string text in texts)
            Splitter.Split(Encoding.UTF8.GetBytes(text), ref counter);
        return [.. counter.Counts.Select(p => (p.Key, p.Value))];
    }

    readonly struct Counter(Dictionary<byte[], long> counts) : IPieceSink
    {
        public Dictionary<byte[], long> Counts => counts;

        public void Take(ReadOnlySpan<byte> piece)
        {
            if (piece.Length is > 1 and <= LongestPiece)
                CollectionsMarshal.GetValueRefOrAddDefault(counts.GetAlternateLookup<ReadOnlySpan<byte>>(), piece, out _)++;
        }
    }

    /// <summary>The words with their counts, and for every pair its count and where it occurs.</summary>
    sealed class Training
    {
        readonly List<(int[] Ids, long Count)> words = [];
        readonly Dictionary<TokenPair, long> counts = [];
        // A word is listed when the pair first appears in it and stays listed: a visit in vain costs less than keeping the list exact.
        readonly Dictionary<TokenPair, HashSet<int>> places = [];
        readonly PriorityQueue<TokenPair, (long MinusCount, int Left, int Right)> queue = new();

        public Training(List<(byte[] Piece, long Count)> pieces)
        {
            foreach ((byte[] piece, long count) in pieces)
            {
                words.Add(([.. piece.Select(b => (int)b)], count));
                AddPairs(words.Count - 1, +1, null);
            }
            foreach (TokenPair pair in counts.Keys)
                Enqueue(pair);
        }

        /// <summary>Merges until the vocabulary has its size or no pair occurs twice; extends the tokens.</summary>
        public (List<TokenPair> Merges, List<int> Ids) Run(List<byte[]> tokens, int size)
        {
            List<TokenPair> merges = [];
            List<int> ids = [];
            HashSet<TokenPair> known = [];
            Dictionary<byte[], int> idOf = new(ByteStringComparer.Instance);
            for (int id = 0; id < tokens.Count; id++)
                idOf.Add(tokens[id], id);

            while (tokens.Count < size && Dequeue() is { } pair)
            {
                // Two merges can spell the same token (a + bc, ab + c); it has one id.
                byte[] joined = [.. tokens[pair.Left], .. tokens[pair.Right]];
                if (!idOf.TryGetValue(joined, out int id))
                {
                    idOf.Add(joined, id = tokens.Count);
                    tokens.Add(joined);
                }
                // Such a token can make a pair that was merged before appear anew; the merge is known already.
                if (known.Add(pair))
                {
                    merges.Add(pair);
                    ids.Add(id);
                }
                Apply(pair, id);
            }
            return (merges, ids);
        }

        /// <summary>The most frequent pair that occurs at least twice. Entries whose count is no longer true are put back or dropped.</summary>
        TokenPair? Dequeue()
        {
            while (queue.TryDequeue(out TokenPair pair, out var priority))
            {
                long count = counts.GetValueOrDefault(pair);
                if (count == -priority.MinusCount && count >= 2)
                    return pair;
                if (count < -priority.MinusCount)
                    Enqueue(pair);
            }
            return null;
        }

        void Enqueue(TokenPair pair)
        {
            if (counts.GetValueOrDefault(pair) is >= 2 and long count)
                queue.Enqueue(pair, (-count, pair.Left, pair.Right));
        }

        void Apply(TokenPair pair, int id)
        {
            HashSet<TokenPair> grown = [];
            foreach (int word in places[pair])
            {
                int[] old = words[word].Ids;
                int[] merged = Merge(old, pair, id);
                if (merged.Length == old.Length)
                    continue;
                AddPairs(word, -1, null);
                words[word] = (merged, words[word].Count);
                AddPairs(word, +1, grown);
            }
            counts.Remove(pair);
            places.Remove(pair);
            foreach (TokenPair other in grown)
                Enqueue(other);
        }

        void AddPairs(int word, int sign, HashSet<TokenPair>? touched)
        {
            (int[] ids, long count) = words[word];
            for (int i = 0; i + 1 < ids.Length; i++)
            {
                TokenPair pair = new(ids[i], ids[i + 1]);
                CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _) += sign * count;
                if (sign < 0)
                    continue;
                (CollectionsMarshal.GetValueRefOrAddDefault(places, pair, out _) ??= []).Add(word);
                touched?.Add(pair);
            }
        }

        static int[] Merge(int[] ids, TokenPair pair, int id)
        {
            List<int> merged = new(ids.Length);
            for (int i = 0; i < ids.Length; i++)
            {
                bool match = i + 1 < ids.Length && ids[i] == pair.Left && ids[i + 1] == pair.Right;
                merged.Add(match ? id : ids[i]);
                i += match ? 1 : 0;
            }
            return [.. merged];
        }
    }
}
