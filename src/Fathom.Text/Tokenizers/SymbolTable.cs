// What a piece of text begins as, before anything is merged: bytes, or characters with bytes as the way out.

using System.Buffers;
using System.Text;

namespace Fathom.Text.Tokenizers;

/// <summary>The first symbols of a piece.</summary>
/// <param name="idOfByte">Token id of each of the 256 bytes; -1 where there is none.</param>
/// <param name="idOfCharacter">SentencePiece: the token of each character; null for byte-level BPE.</param>
/// <param name="unknown">SentencePiece: the id of what is neither a character nor bytes; -1 where there is none.</param>
/// <param name="fusesUnknown">Whether neighbouring unknowns become one.</param>
sealed class SymbolTable(int[] idOfByte, IReadOnlyDictionary<Rune, int>? idOfCharacter, int unknown, bool fusesUnknown)
{
    readonly int[] asciiIds = [.. Enumerable.Range(0, 128).Select(c => idOfCharacter?.GetValueOrDefault(new Rune(c), -1) ?? idOfByte[c])];

    /// <summary>Token id of each of the 256 bytes; -1 where there is none.</summary>
    public IReadOnlyList<int> IdOfByte => idOfByte;

    /// <summary>Whether symbols are characters, as in SentencePiece, and not bytes.</summary>
    public bool IsOfCharacters => idOfCharacter is not null;

    /// <summary>Id of what cannot be spelled; -1 where there is none.</summary>
    public int Unknown => unknown;

    /// <summary>Whether neighbouring unknowns become one.</summary>
    public bool FusesUnknown => fusesUnknown;

    /// <summary>Whether each of the 256 bytes is a token, so that any bytes can be encoded, valid UTF-8 or not.</summary>
    public bool HasAllBytes { get; } = !idOfByte.Contains(-1);

    /// <summary>The id of a piece of one byte; negative where <see cref="Fill"/> has to find it.</summary>
    public int IdOfSingle(byte b) => b < 0x80 ? asciiIds[b] : -1;

    /// <summary>Writes the symbols of a piece; there are at most as many as bytes.</summary>
    /// <returns>How many there are.</returns>
    public int Fill(ReadOnlySpan<byte> piece, Span<int> ids)
    {
        if (idOfCharacter is null)
        {
            for (int i = 0; i < piece.Length; i++)
                ids[i] = idOfByte[piece[i]];
            return piece.Length;
        }
        int count = 0;
        bool lastUnknown = false;
        while (!piece.IsEmpty)
        {
            int length = 1, id;
            if (piece[0] < 0x80)
                id = asciiIds[piece[0]];
            else
                id = Rune.DecodeFromUtf8(piece, out Rune rune, out length) == OperationStatus.Done ? idOfCharacter.GetValueOrDefault(rune, -1) : -1;
            if (id < 0 && HasAllBytes)
            {
                for (int i = 0; i < length; i++)
                    ids[count++] = idOfByte[piece[i]];
                lastUnknown = false;
            }
            else if (id >= 0 || !(fusesUnknown && lastUnknown))
            {
                ids[count++] = id < 0 ? unknown : id;
                lastUnknown = id < 0;
            }
            piece = piece[length..];
        }
        return count;
    }
}
