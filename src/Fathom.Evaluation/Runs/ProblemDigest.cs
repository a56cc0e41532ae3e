// Which problems a score was measured on: a hash over what was asked and what was right.
using System.Security.Cryptography;
using System.Text;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Runs;

/// <summary>Hashes problems.</summary>
public static class ProblemDigest
{
    /// <summary>SHA-256, in hexadecimal, over id, prompt and answer of all problems, in order.</summary>
    public static string Of(IEnumerable<Problem> problems)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Problem problem in problems)
            foreach (string text in new[] { problem.Id, problem.Prompt, problem.Answer })
            {
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                hash.AppendData(BitConverter.GetBytes(bytes.LongLength));
                hash.AppendData(bytes);
            }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
