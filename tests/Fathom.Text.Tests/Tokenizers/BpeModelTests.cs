using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

public class BpeModelTests
{
    static readonly BpeModel Model = SampleTexts.Trained.Model;

    [Fact]
    public void Encode_EqualsTheNaiveLoop()
    {
        Random random = new(5);
        for (int length = 1; length <= 128; length++)
        {
            byte[] piece = Encoding.UTF8.GetBytes(SampleTexts.RandomText(random, length, "aaabcdehnorst "));
            List<int> ids = [], again = [];
            Model.Encode(piece, ids);
            Model.Encode(piece, again);
            Assert.Equal(Naive(piece), ids);
            Assert.Equal(ids, again);
        }
    }

    [Fact]
    public void HeapWork_IsAtMostThreePairsPerByte()
    {
        foreach (int length in new[] { 1 << 12, 1 << 16 })
            foreach (string text in SampleTexts.Hostile(length))
            {
                byte[] piece = Encoding.UTF8.GetBytes(text);
                Assert.InRange(Model.MergeAll(piece, []), 0, 3L * piece.Length);
            }
    }

    /// <summary>The definition: look through all pairs for the lowest rank, join its leftmost occurrence, begin again.</summary>
    static List<int> Naive(byte[] piece)
    {
        List<int> ids = [.. piece.Select(b => (int)b)];
        while (true)
        {
            int best = int.MaxValue, at = -1;
            for (int i = 0; i + 1 < ids.Count; i++)
                for (int rank = 0; rank < Model.Merges.Count && rank < best; rank++)
                    if (Model.Merges[rank] == new TokenPair(ids[i], ids[i + 1]))
                        (best, at) = (rank, i);
            if (at < 0)
                return ids;
            byte[] joined = [.. Model.Tokens[ids[at]]!, .. Model.Tokens[ids[at + 1]]!];
            ids[at] = Array.FindIndex(Model.Tokens, t => t.AsSpan().SequenceEqual(joined));
            ids.RemoveAt(at + 1);
        }
    }
}
