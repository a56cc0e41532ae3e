// A short list of token ids that compares by content, so that records holding it do too.
using System.Collections;
using System.Runtime.CompilerServices;

namespace Fathom.Models.Configs;

/// <summary>An immutable list of token ids, equal when the ids are.</summary>
[CollectionBuilder(typeof(TokenIds), nameof(Of))]
public readonly struct TokenIds : IReadOnlyList<int>, IEquatable<TokenIds>
{
    readonly int[]? ids;

    TokenIds(int[] ids) => this.ids = ids;

    /// <inheritdoc/>
    public int Count => ids?.Length ?? 0;

    /// <inheritdoc/>
    public int this[int index] => (ids ?? [])[index];

    /// <summary>A list with a copy of these ids.</summary>
    public static TokenIds Of(ReadOnlySpan<int> ids) => new(ids.ToArray());

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)(ids ?? [])).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(TokenIds other) => (ids ?? []).AsSpan().SequenceEqual(other.ids ?? []);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TokenIds other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Count == 0 ? 0 : HashCode.Combine(Count, this[0]);

    /// <inheritdoc/>
    public override string ToString() => $"[{string.Join(", ", ids ?? [])}]";
}
