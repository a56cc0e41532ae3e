// A pickle of one string, and nothing else. Python's pickles are programs that can call anything; this reader knows the few opcodes that
// pickle.dumps(str) writes in protocols 0 to 5 (the string, its place in the memo, frames, the end) and refuses every other one.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Fathom.Evaluation.Benchmarks.Code;

/// <summary>Reads pickled strings.</summary>
public static class PickledString
{
    const byte Protocol = 0x80, Frame = 0x95, Unicode = (byte)'V', BinUnicode = (byte)'X', ShortBinUnicode = 0x8C, BinUnicode8 = 0x8D;
    const byte Put = (byte)'p', BinPut = (byte)'q', LongBinPut = (byte)'r', Memoize = 0x94, Stop = (byte)'.';

    // The highest there is.
    const int MaxProtocol = 5;

    static readonly UTF8Encoding s_strict = new(false, true);

    /// <summary>The string in a pickle.</summary>
    /// <exception cref="FormatException">It is not the pickle of one string; the message names the place and the opcode.</exception>
    public static string Read(ReadOnlySpan<byte> pickle)
    {
        string? text = null;
        int at = 0;
        bool memoized = false;
        while (at < pickle.Length)
        {
            int place = at;
            byte opcode = pickle[at++];
            switch (opcode)
            {
                case Protocol when place == 0 && at < pickle.Length && pickle[at] is >= 2 and <= MaxProtocol:
                    at++;
                    break;
                case Frame:
                    // A frame tells how much to read at once. Its bytes are opcodes like any others.
                    if (BinaryPrimitives.ReadUInt64LittleEndian(Take(pickle, ref at, sizeof(ulong), place)) > (ulong)(pickle.Length - at))
                        throw Wrong(place, "a frame that is longer than the data");
                    break;
                case Unicode when text is null:
                    int end = pickle[at..].IndexOf((byte)'\n');
                    text = Escaped(Take(pickle, ref at, end < 0 ? long.MaxValue : end, place), place);
                    at++;
                    break;
                case ShortBinUnicode when text is null:
                    text = Utf8(Take(pickle, ref at, Take(pickle, ref at, 1, place)[0], place), place);
                    break;
                case BinUnicode when text is null:
                    text = Utf8(Take(pickle, ref at, BinaryPrimitives.ReadUInt32LittleEndian(Take(pickle, ref at, sizeof(uint), place)), place), place);
                    break;
                case BinUnicode8 when text is null:
                    ulong length = BinaryPrimitives.ReadUInt64LittleEndian(Take(pickle, ref at, sizeof(ulong), place));
                    text = Utf8(Take(pickle, ref at, length > long.MaxValue ? long.MaxValue : (long)length, place), place);
                    break;
                case Put when text is not null && !memoized:
                    int digits = pickle[at..].IndexOf((byte)'\n');
                    if (digits is < 1 or > 10 || pickle.Slice(at, digits).ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                        throw Wrong(place, "a memo without a number");
                    (at, memoized) = (at + digits + 1, true);
                    break;
                case BinPut when text is not null && !memoized:
                    Take(pickle, ref at, 1, place);
                    memoized = true;
                    break;
                case LongBinPut when text is not null && !memoized:
                    Take(pickle, ref at, sizeof(uint), place);
                    memoized = true;
                    break;
                case Memoize when text is not null && !memoized:
                    memoized = true;
                    break;
                case Stop when text is not null:
                    return at == pickle.Length ? text : throw Wrong(at, "data behind the end");
                default:
                    throw Wrong(place, $"the opcode 0x{opcode:X2}, which has no place in the pickle of one string");
            }
        }
        throw Wrong(pickle.Length, "the end of the data before the end of the pickle");
    }

    static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> pickle, ref int at, long count, int place)
    {
        if (count > pickle.Length - at)
            throw Wrong(place, "a length that goes beyond the data");
        ReadOnlySpan<byte> taken = pickle.Slice(at, (int)count);
        at += (int)count;
        return taken;
    }

    static string Utf8(ReadOnlySpan<byte> bytes, int place)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Wrong(place, "a string that is not valid UTF-8");
        }
    }

    // Protocol 0: Latin-1 with \uXXXX and \UXXXXXXXX; a backslash of the string is written as such an escape too.
    static string Escaped(ReadOnlySpan<byte> bytes, int place)
    {
        var text = new StringBuilder(bytes.Length);
        for (int i = 0; i < bytes.Length; i++)
        {
            int digits = bytes[i] != '\\' || i + 1 == bytes.Length ? 0 : bytes[i + 1] == 'u' ? 4 : bytes[i + 1] == 'U' ? 8 : 0;
            if (digits == 0)
            {
                text.Append((char)bytes[i]);
                continue;
            }
            if (i + 2 + digits > bytes.Length || !uint.TryParse(bytes.Slice(i + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code) || !Rune.TryCreate(code, out Rune rune))
                throw Wrong(place, "a broken escape in the string");
            text.Append(rune.ToString());
            i += 1 + digits;
        }
        return text.ToString();
    }

    static FormatException Wrong(int place, string what) => new($"not the pickle of one string: at byte {place}, {what}");
}
