// The metadata of a GGUF v3 file, read plainly for tests: nothing of it is checked.

using System.Text;

namespace Fathom.Text.Tests.Tokenizers;

static class GgufFixture
{
    public static Dictionary<string, object> Metadata(string path)
    {
        using BinaryReader reader = new(File.OpenRead(path));
        reader.ReadUInt32();
        reader.ReadUInt32();
        reader.ReadUInt64();
        ulong count = reader.ReadUInt64();
        Dictionary<string, object> metadata = [];
        for (ulong i = 0; i < count; i++)
            metadata[Text(reader)] = Value(reader, reader.ReadUInt32());
        return metadata;
    }

    static string Text(BinaryReader reader) => Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUInt64()));

    static object Value(BinaryReader reader, uint type) => type switch
    {
        4 => reader.ReadUInt32(),
        5 => reader.ReadInt32(),
        6 => reader.ReadSingle(),
        7 => reader.ReadBoolean(),
        8 => Text(reader),
        9 => Array(reader, reader.ReadUInt32(), (int)reader.ReadUInt64()),
        10 => reader.ReadUInt64(),
        _ => throw new InvalidDataException($"value type {type}"),
    };

    static object Array(BinaryReader reader, uint type, int count) => type switch
    {
        5 => Enumerable.Range(0, count).Select(_ => reader.ReadInt32()).ToArray(),
        6 => Enumerable.Range(0, count).Select(_ => reader.ReadSingle()).ToArray(),
        8 => Enumerable.Range(0, count).Select(_ => Text(reader)).ToArray(),
        _ => throw new InvalidDataException($"array type {type}"),
    };
}
