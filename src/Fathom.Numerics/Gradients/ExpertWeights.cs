// The weights of one kind (gate, up or down) of all experts of a layer, as the pointer table that grouped kernels take.
using System.Runtime.InteropServices;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

/// <summary>G weight matrices [N, H] of equal shape with their gradients, if any.</summary>
public sealed unsafe class ExpertWeights
{
    readonly Tensor[] _tensors;
    readonly nint[] _values;
    readonly nint[] _gradients;

    /// <summary>Gathers the matrices of one layer.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public ExpertWeights(IEnumerable<Tensor> tensors)
    {
        _tensors = [.. tensors];
        foreach (Tensor tensor in _tensors)
            tensor.RequireShape(_tensors[0].Rows, _tensors[0].Columns, nameof(tensors));
        _values = GC.AllocateUninitializedArray<nint>(_tensors.Length, pinned: true);
        _gradients = GC.AllocateArray<nint>(_tensors.Length, pinned: true);
        for (int i = 0; i < _tensors.Length; i++)
            _values[i] = (nint)_tensors[i].Data;
    }

    /// <summary>Number of experts G.</summary>
    public int Count => _tensors.Length;

    /// <summary>Features out, N.</summary>
    public int Rows => _tensors[0].Rows;

    /// <summary>Features in, H.</summary>
    public int Columns => _tensors[0].Columns;

    /// <summary>Whether gradients are collected.</summary>
    public bool HasGradients => _tensors[0].Gradient is not null;

    /// <summary>[G] pointers to the matrices.</summary>
    public float** Values => (float**)Marshal.UnsafeAddrOfPinnedArrayElement(_values, 0);

    /// <summary>[G] pointers to the matrices' gradients.</summary>
    public float** Gradients
    {
        get
        {
            for (int i = 0; i < _tensors.Length; i++)
                _gradients[i] = (nint)_tensors[i].Gradient!.Data;
            return (float**)Marshal.UnsafeAddrOfPinnedArrayElement(_gradients, 0);
        }
    }
}
