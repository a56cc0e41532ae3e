// Counting of reflection words.
using Fathom.Training.Reinforcement;

namespace Fathom.Training.Tests.Reinforcement;

public sealed class ReflectionWordsTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("3+4=7\n7+5=12", 0)]
    [InlineData("Wait, that is wrong. But let me check!", 4)]
    [InlineData("butter checks errors awaiting", 0)]
    [InlineData("<think>however</think>VERIFY", 2)]
    [InlineData("等等 but 不对", 1)]
    public void Whole_words_count_in_any_case(string text, int expected) => Assert.Equal(expected, ReflectionWords.Count(text));
}
