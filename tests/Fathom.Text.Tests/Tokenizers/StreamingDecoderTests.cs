using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

public class StreamingDecoderTests
{
    static readonly Tokenizer Tokenizer = SampleTexts.Trained;

    [Fact]
    public void Parts_JoinToTheWhole_AndHoldWholeCharacters()
    {
        foreach (string text in SampleTexts.Scripts)
            foreach (int[] ids in new[] { Tokenizer.Encode(text), [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)] })
            {
                StreamingDecoder decoder = new(Tokenizer);
                StringBuilder joined = new();
                for (int i = 0; i < ids.Length; i++)
                {
                    string part = decoder.Append(ids[i]);
                    Assert.DoesNotContain('\uFFFD', part);
                    Assert.True(part.Length == 0 || !char.IsLowSurrogate(part[0]) && !char.IsHighSurrogate(part[^1]), $"half a character in {text}");
                    joined.Append(part);
                    // What has come out is what these ids say up to the character that is not complete yet.
                    Assert.Equal(Tokenizer.Decode(ids.AsSpan(0, i + 1)).TrimEnd('\uFFFD'), joined.ToString());
                }
                Assert.Equal("", decoder.Flush());
                Assert.Equal(text, joined.ToString());
            }
    }

    [Fact]
    public void InvalidBytes_StreamedAndFlushed_EqualTheWhole()
    {
        Random random = new(3);
        byte[] alphabet = [0x41, 0x80, 0xBF, 0xC0, 0xC3, 0xE2, 0x82, 0xAC, 0xED, 0xA0, 0xF0, 0x9F, 0x98, 0x80, 0xF4, 0xF5, 0xFF];
        for (int round = 0; round < 2000; round++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(12)).Select(_ => (int)alphabet[random.Next(alphabet.Length)])];
            StreamingDecoder decoder = new(Tokenizer);
            string streamed = string.Concat(ids.Select(decoder.Append)) + decoder.Flush();
            Assert.Equal(Tokenizer.Decode(ids), streamed);
        }
    }

    [Fact]
    public void UnfinishedCharacter_IsHeldBack_AndFlushedAsReplacement()
    {
        StreamingDecoder decoder = new(Tokenizer);
        Assert.Equal("", decoder.Append(0xE2));
        Assert.Equal("", decoder.Append(0x82));
        Assert.Equal("€", decoder.Append(0xAC));
        Assert.Equal("", decoder.Append(0xF0));
        Assert.Equal("\uFFFD", decoder.Flush());
        Assert.Equal("A", decoder.Append('A'));
    }

    [Fact]
    public void SkipSpecials_HoldsForStreams()
    {
        StreamingDecoder decoder = new(Tokenizer, skipSpecials: true);
        Assert.Equal("", decoder.Append(Tokenizer.EosId!.Value));
        Assert.Equal(DeepSeekTokens.ThinkEnd, decoder.Append(Tokenizer.SpecialTokens[DeepSeekTokens.ThinkEnd]));
    }
}
