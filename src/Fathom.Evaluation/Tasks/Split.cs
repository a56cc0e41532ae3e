// Which problems a model may be trained on: decided by a problem's content alone, so sets that must not overlap cannot.
namespace Fathom.Evaluation.Tasks;

/// <summary>The three disjoint sets that every procedural task's problems fall into.</summary>
public enum Split
{
    /// <summary>For training: 14 of 16 problems.</summary>
    Train,

    /// <summary>For choices made during training: 1 of 16.</summary>
    Validation,

    /// <summary>For reported scores only: 1 of 16.</summary>
    HeldOut,
}

/// <summary>A stable 64-bit hash of a problem's content and the split that follows from it.</summary>
public static class ContentHash
{
    /// <summary>Hash of a task's name and a problem's canonical content. Never change it: published scores rest on it.</summary>
    public static ulong Of(string task, ReadOnlySpan<long> content)
    {
        ulong hash = Mix((ulong)content.Length);
        foreach (char letter in task)
            hash = Mix(hash ^ letter);
        foreach (long number in content)
            hash = Mix(hash ^ (ulong)number);
        return hash;
    }

    /// <summary>The split of the problems with this <paramref name="hash"/>.</summary>
    public static Split SplitOf(ulong hash) => (hash % 16) switch
    {
        0 => Split.HeldOut,
        1 => Split.Validation,
        _ => Split.Train,
    };

    // One step of SplitMix64 (Steele et al., OOPSLA 2014): a bijection, so two chains differ as long as their inputs do.
    internal static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
