// Operators that move memory rather than multiply: norms, sums, rotation, gates, columns and rows, embedding. Letters: T tokens, H columns.
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Planning.Here;

/// <summary>An operator whose time is that of its memory.</summary>
/// <param name="Name">What it computes.</param>
/// <param name="Uses">Times in a pass.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns of the larger side.</param>
abstract record RowOperator(string Name, int Uses, int Rows, int Columns) : PassOperator(Name, PassPart.Elementwise, Uses, Rows)
{
    // About as long as so many operations of a matrix product take.
    const double OperationsPerElement = 64;

    public override double Work => OperationsPerElement * Rows * Columns;

    public override string Sizes => $"{Columns} columns";
}

/// <summary>RMSNorm; <paramref name="Adds"/> where its input is part of the residual stream and has a gradient already.</summary>
sealed record NormOperator(int Uses, int Rows, int Columns, bool Adds) : RowOperator("norm", Uses, Rows, Columns)
{
    public override long Bytes => Rented(Rows, Columns) + Rented(Rows, 1) + (Adds ? 0 : Rented(Rows, Columns));

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, Columns, Adds), gain = memory.Parameter(Columns, 1);
        return tape => [tape.RmsNorm(x, gain, 1e-6f)];
    }
}

/// <summary>The sum of residual stream and layer: the stream's gradient is a copy, the layer's is shared.</summary>
sealed record AddOperator(int Uses, int Rows, int Columns) : RowOperator("residual sum", Uses, Rows, Columns)
{
    public override long Bytes => 2 * Rented(Rows, Columns);

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, Columns), y = memory.Input(Rows, Columns);
        return tape => [tape.Add(x, y)];
    }
}

/// <summary>Rotary embedding of part of each head, in place.</summary>
sealed unsafe record RotateOperator(string Name, int Uses, int Rows, int Columns, int Heads, int Offset, ModelConfig Config, int Length)
    : RowOperator(Name, Uses, Rows, Columns)
{
    public override long Bytes => 0;

    public override string Sizes => $"{Heads} heads of {Columns / Heads}";

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, Columns);
        RotaryTable table = memory.Rotary(Config, Length);
        int* positions = memory.Numbers(Rows, i => i % Length);
        return tape =>
        {
            tape.Rotate(x, Heads, Offset, table, positions);
            return [x];
        };
    }
}

/// <summary>Columns taken apart: the latent and the rotary key.</summary>
sealed record SplitOperator(int Uses, int Rows, int Left, int Right) : RowOperator("split of the latent", Uses, Rows, Left + Right)
{
    public override long Bytes => Rented(Rows, Left) + Rented(Rows, Right) + Rented(Rows, Columns);

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, Columns);
        return tape =>
        {
            (Tensor left, Tensor right) = tape.Split(x, Left);
            return [left, right];
        };
    }
}

/// <summary>Two tensors [T, H] put side by side.</summary>
sealed record ConcatOperator(int Uses, int Rows, int Half) : RowOperator("joined inputs", Uses, Rows, 2 * Half)
{
    public override long Bytes => Rented(Rows, Columns) + 2 * Rented(Rows, Half);

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor left = memory.Input(Rows, Half), right = memory.Input(Rows, Half);
        return tape => [tape.Concat(left, right)];
    }
}

/// <summary>The gated unit: [T, 2F] to [T, F].</summary>
sealed record GateOperator(int Uses, int Rows, int Width) : RowOperator("gated unit", Uses, Rows, Width)
{
    public override long Bytes => Rented(Rows, Width) + Rented(Rows, 2L * Width);

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, 2 * Width);
        return tape => [tape.SwiGlu(x)];
    }
}

/// <summary>Rows of the embedding.</summary>
sealed unsafe record EmbedOperator(int Uses, int Rows, int Columns, int Vocabulary) : RowOperator("embedding", Uses, Rows, Columns)
{
    public override long Bytes => Rented(Rows, Columns);

    public override string Sizes => $"{Columns} columns of {Vocabulary} rows";

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Weight table = memory.Matrix(Vocabulary, Columns);
        int* tokens = memory.Numbers(Rows, i => (int)(i * 7919L % Vocabulary));
        return tape => [tape.Embed(tokens, Rows, table)];
    }
}

/// <summary>Rows that multi-token prediction takes of the hidden states, which have a gradient already.</summary>
/// <param name="Uses">Times in a pass.</param>
/// <param name="Rows">Rows taken.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Tokens">Numbers of the rows that the pass keeps: one for each of its tokens.</param>
sealed unsafe record SelectOperator(int Uses, int Rows, int Columns, int Tokens) : RowOperator("rows of hidden states", Uses, Rows, Columns)
{
    public override long Bytes => Rented(Rows, Columns) + Rented(Tokens, 1);

    internal override Func<Tape, Tensor[]> Prepare(TrialMemory memory)
    {
        Tensor x = memory.Input(Rows, Columns, hasGradient: true);
        int* rows = memory.Numbers(Rows, i => i);
        return tape => [tape.SelectRows(x, rows, Rows)];
    }
}
