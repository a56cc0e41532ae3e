// The metadata of a GGUF file as plain values, read with their places.

namespace Fathom.Text.Tokenizers;

/// <summary>Typed look-ups in the metadata of a GGUF file; null stands for an absent key.</summary>
/// <param name="file">Path of the file, for messages.</param>
/// <param name="metadata">The values by key.</param>
sealed class GgufMetadata(string file, IReadOnlyDictionary<string, object> metadata)
{
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        string text => text,
        object other => throw WrongType(key, other, "a string"),
    };

    public bool? Flag(string key) => Find(key) switch
    {
        null => null,
        bool flag => flag,
        object other => throw WrongType(key, other, "a truth value"),
    };

    /// <summary>An id below <paramref name="count"/>; the largest number of its type, which some writers use for none, is null.</summary>
    public int? Id(string key, int count)
    {
        long? id = Find(key) switch
        {
            null => null,
            uint.MaxValue or ulong.MaxValue or -1 or -1L => null,
            byte or sbyte or short or ushort or int or uint or long or ulong => Convert.ToInt64(Find(key) is ulong and > long.MaxValue ? long.MaxValue : Find(key)),
            object other => throw WrongType(key, other, "an integer"),
        };
        return id is null ? null
            : id >= 0 && id < count ? (int)id
            : throw Wrong(key, $"found {id}; an id from 0 to {count - 1} is needed");
    }

    public IReadOnlyList<string>? Texts(string key) => Find(key) switch
    {
        null => null,
        IReadOnlyList<string> texts => texts,
        object other => throw WrongType(key, other, "an array of strings"),
    };

    // Arrays of int and uint (and of the other widths) pass for each other in type tests, so they are asked by their exact type.
    public IReadOnlyList<long>? Integers(string key)
    {
        object? value = Find(key);
        return value?.GetType() is not { } type ? null
            : type == typeof(int[]) ? [.. ((int[])value).Select(i => (long)i)]
            : type == typeof(uint[]) ? [.. ((uint[])value).Select(i => (long)i)]
            : type == typeof(sbyte[]) ? [.. ((sbyte[])value).Select(i => (long)i)]
            : type == typeof(byte[]) ? [.. ((byte[])value).Select(i => (long)i)]
            : type == typeof(short[]) ? [.. ((short[])value).Select(i => (long)i)]
            : type == typeof(ushort[]) ? [.. ((ushort[])value).Select(i => (long)i)]
            : type == typeof(long[]) ? (long[])value
            : throw WrongType(key, value, "an array of integers");
    }

    public IReadOnlyList<float>? Floats(string key) => Find(key) switch
    {
        null => null,
        IReadOnlyList<float> floats => floats,
        double[] doubles => [.. doubles.Select(d => (float)d)],
        object other => throw WrongType(key, other, "an array of floats"),
    };

    public TokenizerFormatException Missing(string key) => Wrong(key, "missing; a tokenizer needs it");

    public TokenizerFormatException Wrong(string key, string problem) => new(file, key, problem);

    object? Find(string key) => metadata.GetValueOrDefault(key);

    TokenizerFormatException WrongType(string key, object found, string needed) => Wrong(key, $"found a value of type {found.GetType().Name}; {needed} is needed");
}
