// Byte strings as a tree in one row: a node, then everything below it, then its next neighbour.

namespace Fathom.Inference.Constraints;

/// <summary>A tree of tokens by their bytes. Node 0 is the root; the others stand in the order in which a walk meets them.</summary>
sealed class TokenTree
{
    TokenTree(int nodes)
    {
        Byte = new byte[nodes];
        Depth = new int[nodes];
        End = new int[nodes];
        FirstId = new int[nodes];
        IdCount = new int[nodes];
    }

    /// <summary>[nodes]: the byte that leads to each node.</summary>
    public byte[] Byte { get; }

    /// <summary>[nodes]: bytes from the root.</summary>
    public int[] Depth { get; }

    /// <summary>[nodes]: the first node that is not below.</summary>
    public int[] End { get; }

    /// <summary>[nodes]: where the node's tokens begin among the sorted ones.</summary>
    public int[] FirstId { get; }

    /// <summary>[nodes]: how many tokens are spelled so; often none or one.</summary>
    public int[] IdCount { get; }

    public int Count => Byte.Length;

    /// <param name="sorted">Ids, sorted by their bytes.</param>
    /// <param name="tokens">The bytes by id.</param>
    public static TokenTree Build(int[] sorted, byte[]?[] tokens)
    {
        int nodes = 1;
        for (int i = 0; i < sorted.Length; i++)
            nodes = checked(nodes + tokens[sorted[i]]!.Length - Shared(i));
        TokenTree tree = new(nodes);
        int longest = sorted.Length == 0 ? 0 : sorted.Max(id => tokens[id]!.Length);
        int[] path = new int[longest + 1];
        int last = 0, depth = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            byte[] token = tokens[sorted[i]]!;
            int shared = Shared(i);
            for (; depth > shared; depth--)
                tree.End[path[depth]] = last + 1;
            while (depth < token.Length)
            {
                last++;
                tree.Byte[last] = token[depth];
                tree.Depth[last] = ++depth;
                tree.FirstId[last] = i;
                path[depth] = last;
            }
            tree.IdCount[path[depth]]++;
        }
        for (; depth >= 0; depth--)
            tree.End[path[depth]] = last + 1;
        return tree;

        int Shared(int i) => i == 0 ? 0 : tokens[sorted[i - 1]].AsSpan().CommonPrefixLength(tokens[sorted[i]]);
    }
}
