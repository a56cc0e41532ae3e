using System.Text.Json;
using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Benchmarks.InstructionFollowing;
using Fathom.Evaluation.Graders;
using Fathom.Testing;

namespace Fathom.Evaluation.Tests.Benchmarks.InstructionFollowing;

public sealed class IfEvalFormatTests
{
    // Per check: its arguments, a response that follows, one that follows only when forgiven (null where forgiving cannot help), and one that does not.
    public static TheoryData<string, string, string, string?, string> Checks => new()
    {
        { "keywords:existence", """{"keywords": ["Moon", "star"]}""", "the moon and STARS", null, "the moon" },
        { "keywords:frequency", """{"keyword": "cat", "frequency": 2, "relation": "at least"}""", "Cat, concatenate", null, "cat" },
        { "keywords:frequency", """{"keyword": "cat", "frequency": 2, "relation": "less than"}""", "one cat", "about cats\none cat", "cat cat" },
        { "keywords:forbidden_words", """{"forbidden_words": ["cat", "dog"]}""", "concatenate dogs", "A cat:\nnone here", "a Dog." },
        { "keywords:letter_frequency", """{"letter": "e", "let_frequency": 3, "let_relation": "at least"}""", "Even the", null, "the tree"[..6] },
        { "keywords:letter_frequency", """{"letter": "E", "let_frequency": 1, "let_relation": "less than"}""", "dogs and cats", "Here:\ndogs and cats", "Even" },
        { "language:response_language", """{"language": "de"}""", "Das ist ein Satz über die Sonne und den Mond.", null, "This is a sentence about the sun and the moon." },
        { "language:response_language", """{"language": "hi"}""", "यह एक वाक्य है और इसमें शब्द हैं।", null, "हे एक वाक्य आहे आणि त्यात शब्द आहेत." },
        { "length_constraints:number_sentences", """{"num_sentences": 2, "relation": "at least"}""", "Dr. Lee sat. He rose!", null, "Dr. Lee sat at 3.5 m, e.g. here" },
        { "length_constraints:number_sentences", """{"num_sentences": 2, "relation": "less than"}""", "One sentence, 2.5 long.", "Sure. Here:\nOne sentence.", "One. Two." },
        { "length_constraints:number_words", """{"num_words": 3, "relation": "at least"}""", "it's fine", null, "two words" },
        { "length_constraints:number_words", """{"num_words": 3, "relation": "less than"}""", "two words", "Sure, here it is:\ntwo words", "now three words" },
        { "length_constraints:number_paragraphs", """{"num_paragraphs": 2}""", "one\n***\ntwo", null, "one\n***\n***\ntwo" },
        { "length_constraints:nth_paragraph_first_word", """{"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Then"}""", "First, a.\n\n\"Then\", b.", "Note\n\nFirst\n\nThen b", "First\n\nNow then" },
        { "detectable_content:number_placeholders", """{"num_placeholders": 2}""", "[name] at [address]", null, "[name] [\n]" },
        { "detectable_content:postscript", """{"postscript_marker": "P.S."}""", "Bye\nP. S. One more", null, "Bye PS one" },
        { "detectable_content:postscript", """{"postscript_marker": "P.P.S"}""", "Bye\np.p.s more", null, "P.S. one" },
        { "detectable_format:number_bullet_lists", """{"num_bullets": 2}""", "* one\n- two\n**bold**", "- Sure:\n* one\n* two", "* one" },
        { "detectable_format:constrained_response", "{}", "My answer is maybe.", "**My answer** is maybe.", "maybe" },
        { "detectable_format:number_highlighted_sections", """{"num_highlights": 2}""", "*one* and *two*", null, "*one* and * *" },
        { "detectable_format:multiple_sections", """{"section_spliter": "Part", "num_sections": 2}""", "Part 1\na\nPart 2\nb", null, "Part 1\na part 2" },
        { "detectable_format:json_format", "{}", "```json\n{\"a\": [1, 2]}\n```", "Sure:\n{\"a\": 1}", "{a: 1}" },
        { "detectable_format:title", "{}", "<<A title>>\ntext", null, "<< >>\n<title>" },
        { "combination:two_responses", "{}", "one\n******\ntwo", null, "one\n******\none" },
        { "combination:repeat_prompt", """{"prompt_to_repeat": "Say it."}""", "say it. It is so.", "Sure!\nSay it. So.", "It is so. Say it." },
        { "startend:end_checker", """{"end_phrase": "Is that all?"}""", "So. \"Is that all?\" ", "So. Is that all?\nYes.", "Is that all? Yes." },
        { "startend:quotation", "{}", " \"All of it\" ", "Sure:\n\"All of it\"", "\"All\" of it" },
        { "change_case:capital_word_frequency", """{"capital_frequency": 2, "capital_relation": "at least"}""", "The USA and NASA!", null, "The USA and Nasa" },
        { "change_case:english_capital", "{}", "THIS IS THE END OF IT.", "Sure:\nTHIS IS THE END OF IT.", "This is the end" },
        { "change_case:english_lowercase", "{}", "this is the end of it, no. 1", "Sure:\nthis is the end of it", "This is the end" },
        { "punctuation:no_comma", "{}", "no comma here; none", "Sure, here:\nno comma", "a, b" },
    };

    [Theory]
    [MemberData(nameof(Checks))]
    public void Check_HoldsForWhatFollowsAndNotForWhatDoesNot(string id, string arguments, string follows, string? forgiven, string not)
    {
        BenchmarkFile benchmark = File(id, arguments);
        Verdict good = Grade(benchmark, follows), bad = Grade(benchmark, not);
        Assert.Equal(Outcome.Right, good.Outcome);
        Assert.Equal([1, 1, 1, 1], good.Parts.Select(part => part.Value));
        Assert.Equal(Outcome.Wrong, bad.Outcome);
        Assert.Equal([0, 0, 0, 0], bad.Parts.Select(part => part.Value));
        Assert.Contains(id, bad.Reason, StringComparison.Ordinal);
        Assert.Equal([0, 0, 0, 0], Grade(benchmark, " \n ").Parts.Select(part => part.Value));
        if (forgiven is not null)
            Assert.Equal([0, 1, 0, 1], Grade(benchmark, forgiven).Parts.Select(part => part.Value));
    }

    [Fact]
    public void EveryCheck_IsTested() => Assert.Equal(25, Checks.Select(row => row[0]).Distinct().Count());

    [Fact]
    public void Prompt_WithSeveralInstructions_CountsThemByWeight()
    {
        using var file = new TextFile(".jsonl", """{"key": 7, "prompt": "Write.", "instruction_id_list": ["punctuation:no_comma", "detectable_format:title", "startend:quotation"], "kwargs": [{}, {"num_words": null}, {}]}""");
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path);
        Assert.Equal(("ifeval", "7", "Write."), (benchmark.Name, benchmark.Problems[0].Id, benchmark.Problems[0].Prompt));
        Verdict verdict = Grade(benchmark, "Sure, here:\n\"<<T>> and text\"");
        Assert.Equal(Outcome.Wrong, verdict.Outcome);
        Assert.Equal([new("promptStrict", 0), new("promptLoose", 1), new("instructionStrict", 1 / 3.0, 3), new("instructionLoose", 1, 3)], verdict.Parts);
        Assert.Equal("not followed: punctuation:no_comma, startend:quotation", verdict.Reason);
    }

    [Fact]
    public void RepeatedPrompt_IsTheProblemsWhereNoneIsGiven()
    {
        BenchmarkFile benchmark = File("combination:repeat_prompt", """{"prompt_to_repeat": null}""");
        Assert.Equal(Outcome.Right, Grade(benchmark, "Write. Well").Outcome);
    }

    [Theory]
    [InlineData("punctuation:no_commas", "{}", "the nearest is 'punctuation:no_comma'")]
    [InlineData("keywords:existence", "{}", "\"keywords\" of the instruction 'keywords:existence' must be a list of texts, not missing")]
    [InlineData("keywords:frequency", """{"keyword": "x", "frequency": -1, "relation": "at least"}""", "\"frequency\"")]
    [InlineData("keywords:frequency", """{"keyword": "x", "frequency": 1, "relation": "around"}""", "\"less than\" or \"at least\"")]
    [InlineData("language:response_language", """{"language": "tlh"}""", "\"language\"")]
    [InlineData("keywords:letter_frequency", """{"letter": "ab", "let_frequency": 1, "let_relation": "at least"}""", "one character")]
    public void BrokenInstruction_IsNamed(string id, string arguments, string fault)
    {
        BenchmarkException error = Assert.Throws<BenchmarkException>(() => File(id, arguments));
        Assert.Contains("line 1: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("[")]
    [InlineData("<<")]
    [InlineData("***")]
    [InlineData("******")]
    [InlineData("\n\n")]
    [InlineData(" ")]
    [InlineData(". ")]
    [InlineData("...")]
    [InlineData("a.b")]
    [InlineData("'")]
    [InlineData("p.")]
    [InlineData("{\"a\":[")]
    [InlineData("Part ")]
    public void HostileText_IsCheckedInTime(string part)
    {
        string text = string.Concat(Enumerable.Repeat(part, 60_000 / part.Length));
        foreach (object[] row in Checks)
        {
            BenchmarkFile benchmark = File((string)row[0], (string)row[1]);
            TimeSpan start = ThreadTime.Now;
            Grade(benchmark, text);
            Assert.True(ThreadTime.Now - start < TimeSpan.FromSeconds(20), $"{row[0]} took {ThreadTime.Now - start}");
        }
    }

    static BenchmarkFile File(string id, string arguments)
    {
        using var file = new TextFile(".jsonl", $$"""{"key": 1, "prompt": "Write.", "instruction_id_list": [{{JsonSerializer.Serialize(id)}}], "kwargs": [{{arguments}}]}""");
        return BenchmarkFile.Read(file.Path);
    }

    static Verdict Grade(BenchmarkFile benchmark, string response) => benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", response, true));
}
