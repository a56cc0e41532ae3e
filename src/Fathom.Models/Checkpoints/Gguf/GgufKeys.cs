// Typed look-ups in GGUF metadata; every failure is one ConfigException that names file, key, found and allowed.
using System.Globalization;
using Fathom.Models.Configs;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>The keys of one architecture.</summary>
/// <param name="file">The file, for messages.</param>
/// <param name="values">Its metadata.</param>
/// <param name="prefix">What every key asked for begins with, dot included.</param>
readonly struct GgufKeys(string file, IReadOnlyDictionary<string, object> values, string prefix)
{
    /// <summary>A whole number in a range; absent: <paramref name="absent"/>, or an error where that is null.</summary>
    public int Int(string key, int min = 1, int max = int.MaxValue, int? absent = null) => OptionalInt(key, min, max) ?? absent ?? throw Error(key, Whole(min, max));

    /// <summary>A whole number in a range, or null.</summary>
    public int? OptionalInt(string key, int min = 1, int max = int.MaxValue) => Find(key) switch
    {
        null => null,
        byte or sbyte or ushort or short or uint or int or long when Convert.ToInt64(Find(key), CultureInfo.InvariantCulture) is var number && number >= min && number <= max => (int)number,
        ulong number when number <= (ulong)max && number >= (ulong)Math.Max(min, 0) => (int)number,
        _ => throw Error(key, Whole(min, max)),
    };

    /// <summary>A finite number, as the shortest decimal that is it in its own precision; null where it is absent.</summary>
    public decimal? Number(string key) => Find(key) switch
    {
        null => null,
        float or double when decimal.TryParse(Convert.ToString(Find(key), CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) => number,
        byte or sbyte or ushort or short or uint or int or long or ulong => Convert.ToDecimal(Find(key), CultureInfo.InvariantCulture),
        _ => throw Error(key, "a finite number of at most 28 digits"),
    };

    /// <summary>True or false.</summary>
    public bool? Flag(string key) => Find(key) switch
    {
        null => null,
        bool flag => flag,
        _ => throw Error(key, "true or false"),
    };

    /// <summary>A string, or null.</summary>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        string text => text,
        _ => throw Error(key, "a string"),
    };

    /// <summary>Refuses a key that asks for something this code does not do: it must be absent, or 0 or 1 where that changes nothing.</summary>
    public void Neutral(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (Number(key) is not (null or 0 or 1))
                throw Error(key, "nothing (it is not supported)");
        }
    }

    /// <summary>The error for a key, with the value it has.</summary>
    public ConfigException Error(string key, string allowed) => new(file, prefix + key, Find(key) switch
    {
        null => "nothing",
        Array array => $"an array of {array.Length}",
        object value => string.Create(CultureInfo.InvariantCulture, $"{value} ({value.GetType().Name})"),
    }, allowed);

    object? Find(string key) => values.GetValueOrDefault(prefix + key);

    static string Whole(int min, int max) => max == int.MaxValue ? $"a whole number of at least {min}" : $"a whole number from {min} to {max}";
}
