// The schema as a tree, with the levels that say how much of a path is there (definition) and where a list goes on (repetition).
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>A field: a leaf with values, or a group.</summary>
sealed class SchemaNode
{
    // Deeper than any data set.
    const int MaxDepth = 32;

    public required SchemaElement Element { get; init; }

    /// <summary>Names from the root, joined by dots: what a column is called in a row group.</summary>
    public required string Path { get; init; }

    /// <summary>The definition level from which on this field is there.</summary>
    public required int Definition { get; init; }

    /// <summary>The repetition level of this field's own list, or of the nearest list around it.</summary>
    public required int Repetition { get; init; }

    public List<SchemaNode> Children { get; } = [];

    /// <summary>The first leaf below (or this one), which tells whether the field is there; null for a group without leaves.</summary>
    public SchemaNode? FirstLeaf { get; private set; }

    public bool IsLeaf => Element.Type is not null;

    public bool IsOptional => Element.Repetition == 1;

    public bool IsRepeated => Element.Repetition == 2;

    /// <summary>Whether a group is the wrapping of a list or of a map (a list of keys and values): one repeated child.</summary>
    public bool IsList => Element.Meaning is Meaning.List or Meaning.Map && !IsLeaf && Children is [{ IsRepeated: true }];

    /// <summary>Whether the repeated group of a list only wraps its one child (the three-level form), rather than being the element itself.</summary>
    public bool WrapsElement => Element.Meaning == Meaning.List && Children is [{ IsLeaf: false, Children: [{ IsRepeated: false }] } repeated]
        && repeated.Element.Name != "array" && !repeated.Element.Name.EndsWith("_tuple", StringComparison.Ordinal);

    /// <summary>Builds the tree; gives the root and all leaves in order.</summary>
    /// <exception cref="InvalidDataException">The list of elements is no tree.</exception>
    public static (SchemaNode Root, List<SchemaNode> Leaves) Build(List<SchemaElement> elements)
    {
        List<SchemaNode> leaves = [];
        int next = 0;
        SchemaNode root = Add("", 0, 0, 0);
        return next == elements.Count && !root.IsLeaf && leaves.Count > 0 ? (root, leaves) : throw new InvalidDataException("a schema that is no tree with columns");

        SchemaNode Add(string parent, int definition, int repetition, int depth)
        {
            if (next >= elements.Count || depth > MaxDepth)
                throw new InvalidDataException("a schema that is no tree, or nests too deep");
            SchemaElement element = elements[next++];
            bool top = depth == 0;
            var node = new SchemaNode
            {
                Element = element,
                Path = top ? "" : parent.Length == 0 ? element.Name : $"{parent}.{element.Name}",
                Definition = definition + (!top && element.Repetition != 0 ? 1 : 0),
                Repetition = repetition + (!top && element.Repetition == 2 ? 1 : 0),
            };
            if (element.Type is not null)
            {
                if (element.Children > 0 || element.Type == PhysicalType.FixedLengthByteArray && element.Length is < 1 or > 1 << 20)
                    throw new InvalidDataException($"the column {DataRecord.Quote(node.Path)} of an unusable type");
                leaves.Add(node);
                node.FirstLeaf = node;
            }
            for (int i = 0; i < element.Children; i++)
            {
                SchemaNode child = Add(node.Path, node.Definition, node.Repetition, depth + 1);
                if (node.Children.Any(other => other.Element.Name == child.Element.Name))
                    throw new InvalidDataException($"the column {DataRecord.Quote(child.Path)} twice");
                node.Children.Add(child);
                node.FirstLeaf ??= child.FirstLeaf;
            }
            return node;
        }
    }
}
