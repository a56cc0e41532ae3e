// Words that mean nothing, so that nothing but the letters can be known.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Words;

static class Letters
{
    public const int Count = 26;

    /// <summary>A word of letters 0 (a) to 25 (z).</summary>
    public static long[] Draw(ref RandomStream random, int length)
    {
        long[] letters = new long[length];
        for (int i = 0; i < length; i++)
            letters[i] = random.NextInt(Count);
        return letters;
    }

    /// <summary>The letters as text.</summary>
    public static string Text(IEnumerable<long> letters) => string.Concat(letters.Select(Of));

    /// <summary>One letter.</summary>
    public static char Of(long letter) => (char)('a' + letter);

    /// <summary>The word with one letter changed into another.</summary>
    public static string Change(string word, ref RandomStream random)
    {
        char[] letters = word.ToCharArray();
        int place = random.NextInt(letters.Length), other = random.NextInt(Count - 1);
        letters[place] = (char)('a' + (other >= letters[place] - 'a' ? other + 1 : other));
        return new string(letters);
    }
}
