// A list of options that compares by its items, so that recipes (records) compare by value.

using System.Collections;
using System.Runtime.CompilerServices;

namespace Fathom.Training.Recipes;

/// <summary>An immutable list with value equality.</summary>
/// <typeparam name="T">Type of the items.</typeparam>
[CollectionBuilder(typeof(OptionList), nameof(OptionList.Create))]
public sealed class OptionList<T> : IReadOnlyList<T>, IEquatable<OptionList<T>>
{
    readonly T[] items;

    internal OptionList(ReadOnlySpan<T> items) => this.items = items.ToArray();

    /// <inheritdoc/>
    public T this[int index] => items[index];

    /// <inheritdoc/>
    public int Count => items.Length;

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    /// <summary>Whether both lists hold equal items in the same order.</summary>
    public bool Equals(OptionList<T>? other) => other is not null && items.SequenceEqual(other.items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OptionList<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (T item in items)
            hash.Add(item);
        return hash.ToHashCode();
    }
}

/// <summary>Makes lists for collection expressions.</summary>
public static class OptionList
{
    /// <summary>A list of the items, copied.</summary>
    public static OptionList<T> Create<T>(ReadOnlySpan<T> items) => new(items);
}
