// The pickles were made by CPython 3.11 (pickle.dumps in each protocol) and written down as base64.
using Fathom.Evaluation.Benchmarks.Code;
using Fathom.Testing.Mutations;

namespace Fathom.Evaluation.Tests.Benchmarks.Code;

public sealed class PickledStringTests
{
    [Theory]
    [InlineData("VmHpXHUyMGFjXFUwMDAxZjYwMFx1MDA1Y25cdTAwMGEiCnAwCi4=")] // protocol 0
    [InlineData("WA4AAABhw6nigqzwn5iAXG4KInEALg==")] // 1
    [InlineData("gAJYDgAAAGHDqeKCrPCfmIBcbgoicQAu")] // 2
    [InlineData("gANYDgAAAGHDqeKCrPCfmIBcbgoicQAu")] // 3
    [InlineData("gASVEgAAAAAAAACMDmHDqeKCrPCfmIBcbgoilC4=")] // 4
    [InlineData("gAWVEgAAAAAAAACMDmHDqeKCrPCfmIBcbgoilC4=")] // 5
    public void EveryProtocol_IsRead(string pickle) => Assert.Equal("aé€😀\\n\n\"", PickledString.Read(Convert.FromBase64String(pickle)));

    [Fact]
    public void LongString_WhichPythonWritesOutsideOfFrames_IsRead()
    {
        byte[] pickle = [0x80, 4, (byte)'X', 0x70, 0x11, 1, 0, .. Enumerable.Repeat((byte)'x', 70_000), 0x94, (byte)'.'];
        Assert.Equal(new string('x', 70_000), PickledString.Read(pickle));
    }

    [Theory]
    [InlineData("gASVHwAAAAAAAACMCGJ1aWx0aW5zlIwFcHJpbnSUk5SMAmhplIWUUpQu")] // an object whose __reduce__ calls print, protocol 4: STACK_GLOBAL, REDUCE
    [InlineData("Y19fYnVpbHRpbl9fCnByaW50CnAwCihWaGkKcDEKdHAyClJwMwou")] // the same, protocol 0: GLOBAL, MARK, TUPLE, REDUCE
    [InlineData("gASVFgAAAAAAAACMCGJ1aWx0aW5zlIwFcHJpbnSUk5Qu")] // the function print
    [InlineData("gASVCAAAAAAAAABdlIwBYZRhLg==")] // ['a']
    [InlineData("gASVBwAAAAAAAACMAWGUhZQu")] // ('a',)
    [InlineData("gASVCgAAAAAAAAB9lIwBYZRLAXMu")] // {'a': 1}
    [InlineData("gARLAS4=")] // 1
    [InlineData("STEKLg==")] // 1 in protocol 0
    [InlineData("gAROLg==")] // None
    [InlineData("gASVBQAAAAAAAABDAWGULg==")] // b'a'
    [InlineData("Y19jb2RlY3MKZW5jb2RlCnAwCihWYQpwMQpWbGF0aW4xCnAyCnRwMwpScDQKLg==")] // b'a' in protocol 0: a call of _codecs.encode
    [InlineData("gASVCgAAAAAAAABHP/gAAAAAAAAu")] // 1.5
    public void AnythingElse_IsRefused(string pickle)
    {
        FormatException error = Assert.Throws<FormatException>(() => PickledString.Read(Convert.FromBase64String(pickle)));
        Assert.Contains("opcode 0x", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryOtherOpcode_IsRefusedBeforeAndBehindTheString()
    {
        byte[] text = [(byte)'X', 1, 0, 0, 0, (byte)'a'];
        byte[] before = [0x80, 0x95, (byte)'V', (byte)'X', 0x8C, 0x8D], behind = [0x95, (byte)'p', (byte)'q', (byte)'r', 0x94, (byte)'.'];
        for (int opcode = 0; opcode < 256; opcode++)
        {
            if (!before.Contains((byte)opcode))
                Assert.Contains("opcode", Assert.Throws<FormatException>(() => PickledString.Read([(byte)opcode, .. text, (byte)'.'])).Message, StringComparison.Ordinal);
            if (!behind.Contains((byte)opcode))
                Assert.Contains("opcode", Assert.Throws<FormatException>(() => PickledString.Read([.. text, (byte)opcode, .. text, (byte)'.'])).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { (byte)'.' })] // an end without a string
    [InlineData(new byte[] { (byte)'X', 1, 0, 0, 0, (byte)'a' })] // no end
    [InlineData(new byte[] { (byte)'X', 1, 0, 0, 0, (byte)'a', (byte)'.', (byte)'.' })] // data behind it
    [InlineData(new byte[] { (byte)'X', 0xFF, 0xFF, 0xFF, 0xFF, (byte)'a', (byte)'.' })]
    [InlineData(new byte[] { 0x8D, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'a', (byte)'.' })]
    [InlineData(new byte[] { 0x8C, 5, (byte)'a', (byte)'.' })]
    [InlineData(new byte[] { 0x8C, 1, 0xFF, (byte)'.' })] // not UTF-8
    [InlineData(new byte[] { 0x8C, 3, 0xED, 0xA0, 0x80, (byte)'.' })] // half a character
    [InlineData(new byte[] { 0x80, 6, 0x8C, 1, (byte)'a', (byte)'.' })] // protocol 6
    [InlineData(new byte[] { 0x8C, 1, (byte)'a', 0x80, 4, (byte)'.' })] // protocol in the middle
    [InlineData(new byte[] { 0x8C, 1, (byte)'a', 0x94, 0x94, (byte)'.' })]
    [InlineData(new byte[] { 0x8C, 1, (byte)'a', (byte)'p', (byte)'\n', (byte)'.' })]
    [InlineData(new byte[] { 0x8C, 1, (byte)'a', (byte)'p', (byte)'x', (byte)'\n', (byte)'.' })]
    [InlineData(new byte[] { (byte)'V', (byte)'a', (byte)'.' })] // no line end
    [InlineData(new byte[] { (byte)'V', (byte)'\\', (byte)'u', (byte)'1', (byte)'\n', (byte)'.' })]
    [InlineData(new byte[] { (byte)'V', (byte)'\\', (byte)'u', (byte)'d', (byte)'8', (byte)'0', (byte)'0', (byte)'\n', (byte)'.' })]
    public void BrokenPickle_IsRefused(byte[] pickle) => Assert.StartsWith("not the pickle of one string: at byte", Assert.Throws<FormatException>(() => PickledString.Read(pickle)).Message, StringComparison.Ordinal);

    [Fact]
    public void DamagedPickles_AreReadOrRefused()
    {
        string[] pickles = ["VmHpXHUyMGFjXFUwMDAxZjYwMFx1MDA1Y25cdTAwMGEiCnAwCi4=", "gANYDgAAAGHDqeKCrPCfmIBcbgoicQAu", "gAWVEgAAAAAAAACMDmHDqeKCrPCfmIBcbgoilC4="];
        var trial = new ReaderTrial(typeof(FormatException));
        foreach (string pickle in pickles)
        {
            byte[] whole = Convert.FromBase64String(pickle);
            for (int at = 0; at < whole.Length; at++)
            {
                byte[] cut = whole[..at];
                trial.Try($"cut at {at}", () => PickledString.Read(cut), cut);
                for (int value = 0; value < 256; value++)
                {
                    byte[] changed = [.. whole];
                    changed[at] = (byte)value;
                    trial.Try($"{value} at {at}", () => PickledString.Read(changed), changed);
                }
            }
        }
        trial.AssertKept();
    }
}
