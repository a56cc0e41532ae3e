// Random texts under a constraint, and masks by trying every token.

using System.Text;
using Fathom.Inference.Constraints;

namespace Fathom.Inference.Tests.Constraints;

static class Walks
{
    /// <summary>A text drawn token by token; null if it has not ended within the limit.</summary>
    public static string? Text(TokenConstraint constraint, Random random, int most)
    {
        ConstraintState state = constraint.Start();
        List<byte> text = [];
        for (int i = 0; i < most; i++)
        {
            List<int> allowed = MaskTests.Allowed(state.AllowedTokens);
            Assert.NotEmpty(allowed);
            // Half of the time what closes something, so that texts come to an end.
            List<int> closing = allowed.FindAll(t => constraint.Vocabulary.EndIds.Contains(t) || constraint.Vocabulary.BytesOf(t) is [.., (byte)'}' or (byte)']' or (byte)'"']);
            List<int> from = closing.Count > 0 && random.Next(2) == 0 ? closing : allowed;
            int token = from[random.Next(from.Count)];
            Assert.True(state.Accept(token));
            if (state.HasEnded)
                return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. text]);
            text.AddRange(constraint.Vocabulary.BytesOf(token));
        }
        return null;
    }

    /// <summary>Holds a mask against what a state does with every token of the vocabulary.</summary>
    public static void CompareWithBruteForce(TokenConstraint constraint, ConstraintState state, ConstraintVocabulary vocabulary)
    {
        HashSet<int> allowed = [.. MaskTests.Allowed(state.AllowedTokens)];
        for (int token = 0; token < vocabulary.Size; token++)
        {
            bool expected = state.Allows(token);
            Assert.True(expected == allowed.Contains(token), $"token {token} '{Encoding.UTF8.GetString(vocabulary.BytesOf(token))}' should be {expected}");
        }
    }
}
