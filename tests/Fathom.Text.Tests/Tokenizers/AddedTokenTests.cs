// Added tokens with the flags that files give them, and prompts of template and user text.

using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

public class AddedTokenTests
{
    static readonly Tokenizer Tokenizer = SampleTexts.Trained;

    static Tokenizer With(params AddedToken[] more) => new(Tokenizer.Model, Normalizer.None, Tokenizer.PreTokenizer, [.. Tokenizer.Added, .. more], Tokenizer.Extras);

    // Ids of bytes do for tokens here: what counts is where they are found.
    static AddedToken Token(string content, bool special = true, bool normalized = false, bool word = false, bool left = false, bool right = false) =>
        new(0, content, special, normalized, word, left, right);

    [Fact]
    public void StripFlags_TakeWhiteSpaceAlong()
    {
        Assert.Equal([.. Tokenizer.Encode("a"), 0, .. Tokenizer.Encode(" b")], With(Token("<m>", left: true)).EncodeWithSpecials("a \u3000\n<m> b"));
        Assert.Equal([.. Tokenizer.Encode("a "), 0, .. Tokenizer.Encode("b")], With(Token("<m>", right: true)).EncodeWithSpecials("a <m> \u3000\nb"));
        Assert.Equal([0, 0], With(Token("<m>", left: true, right: true)).EncodeWithSpecials("  <m>  <m> "));
    }

    [Fact]
    public void SingleWord_IsFoundOnlyAlone()
    {
        Tokenizer tokenizer = With(Token("ok", special: false, word: true));
        foreach (string text in new[] { "ok", "(ok)", "an ok.", "中,ok" })
            Assert.Contains(0, tokenizer.Encode(text));
        foreach (string text in new[] { "oks", "_ok", "book", "ok1", "éok", "ok\u0301" })
            Assert.DoesNotContain(0, tokenizer.Encode(text));
    }

    [Fact]
    public void LongestSpelling_Wins()
    {
        Tokenizer tokenizer = With(Token("<m>"), new(1, "<m>x", true), new(2, "<m>xyz", true));
        Assert.Equal([0, .. Tokenizer.Encode("y")], tokenizer.EncodeWithSpecials("<m>y"));
        Assert.Equal([1, .. Tokenizer.Encode("y")], tokenizer.EncodeWithSpecials("<m>xy"));
        Assert.Equal([2], tokenizer.EncodeWithSpecials("<m>xyz"));
    }

    [Fact]
    public void NormalizedLetter_IsFoundInTheNormalizedText()
    {
        Tokenizer composing = new(Tokenizer.Model, Normalizer.None with { Composes = true }, Tokenizer.PreTokenizer,
            [.. Tokenizer.Added, new(0, "é", false, Normalized: true), new(1, "ü", false, Normalized: false)], Tokenizer.Extras);
        Assert.Equal([0, 0], composing.Encode("ée\u0301"));
        Assert.Equal([1, .. Tokenizer.Encode("ü")], composing.Encode("üu\u0308"));
    }

    [Fact]
    public void Prompt_HasMarksOfTemplateTextOnly_AndNoneAcrossABorder()
    {
        int user = Tokenizer.SpecialTokens[DeepSeekTokens.User];
        Assert.Equal([user, .. Tokenizer.Encode("hi <｜User｜>x")],
            Tokenizer.EncodePrompt([new("<｜User｜>", true), new("hi <｜User｜>", false), new("x", true)]));
        Assert.Equal(Tokenizer.Encode("<｜User｜>"), Tokenizer.EncodePrompt([new("<｜Us", true), new("er｜>", true)]));
        Assert.Equal(Tokenizer.Encode("<｜User｜>"), Tokenizer.EncodePrompt([new("<｜", true), new("User", false), new("｜>", true)]));
        // Text that no mark divides is encoded in one piece.
        Assert.Equal(Tokenizer.Encode("How many apples"), Tokenizer.EncodePrompt([new("How man", true), new("y app", false), new("les", true)]));
    }
}
