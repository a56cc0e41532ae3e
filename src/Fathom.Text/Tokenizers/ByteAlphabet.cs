// The alphabet in which byte-level BPE files spell bytes: every byte is one visible character.

using System.Text;

namespace Fathom.Text.Tokenizers;

/// <summary>
/// GPT-2's map between bytes and printable characters: visible Latin-1 characters stand for themselves,
/// the other 68 bytes are spelled U+0100, U+0101, … in byte order (so the space is <c>Ġ</c>).
/// </summary>
static class ByteAlphabet
{
    static readonly char[] CharOfByte = Build();
    static readonly short[] ByteOfChar = Invert();

    /// <summary>The token text, as a file spells it, of the given bytes.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length);
        foreach (byte b in bytes)
            text.Append(CharOfByte[b]);
        return text.ToString();
    }

    /// <summary>The bytes of a token as a file spells it, or null where a character is not in the alphabet.</summary>
    public static byte[]? Read(ReadOnlySpan<char> spelling)
    {
        byte[] bytes = new byte[spelling.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (spelling[i] >= ByteOfChar.Length || ByteOfChar[spelling[i]] < 0)
                return null;
            bytes[i] = (byte)ByteOfChar[spelling[i]];
        }
        return bytes;
    }

    static char[] Build()
    {
        char[] map = new char[256];
        char next = (char)256;
        for (int b = 0; b < 256; b++)
            map[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF ? (char)b : next++;
        return map;
    }

    static short[] Invert()
    {
        short[] map = new short[CharOfByte.Max() + 1];
        Array.Fill(map, (short)-1);
        for (short b = 0; b < 256; b++)
            map[CharOfByte[b]] = b;
        return map;
    }
}
