// The weights of one kind (gate, up or down) of all experts of a layer, as the pointer table that grouped kernels take.
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

/// <summary>G weight matrices [N, H] of equal shape: FP32 with their gradients, if any, or as their file stores them.</summary>
public sealed unsafe class ExpertWeights
{
    readonly ImmutableArray<Weight> _weights;
    readonly nint[] _values;
    readonly nint[] _gradients;

    /// <summary>Gathers the matrices of one layer.</summary>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public ExpertWeights(IEnumerable<Weight> weights)
    {
        _weights = [.. weights];
        foreach (Weight weight in _weights)
        {
            if (weight.Rows != Rows || weight.Columns != Columns)
                throw new ArgumentException($"An expert's weight is {weight}; its neighbours are [{Rows}, {Columns}].", nameof(weights));
        }
        IsDense = _weights.All(weight => weight.Values is not null);
        _values = GC.AllocateUninitializedArray<nint>(_weights.Length, pinned: true);
        _gradients = GC.AllocateArray<nint>(_weights.Length, pinned: true);
        for (int i = 0; i < _weights.Length; i++)
            _values[i] = (nint)_weights[i].Data;
    }

    /// <summary>Whether all are FP32, so that <see cref="Values"/> points to numbers.</summary>
    public bool IsDense { get; }

    /// <summary>Throws unless all are FP32.</summary>
    /// <exception cref="InvalidOperationException">One is stored in another format.</exception>
    public void RequireDense()
    {
        if (!IsDense)
            _ = _weights.First(weight => weight.Values is null).Trainable;
    }

    /// <summary>[G] the matrices.</summary>
    public ImmutableArray<Weight> All => _weights;

    /// <summary>Number of experts G.</summary>
    public int Count => _weights.Length;

    /// <summary>Features out, N.</summary>
    public int Rows => _weights[0].Rows;

    /// <summary>Features in, H.</summary>
    public int Columns => _weights[0].Columns;

    /// <summary>Whether gradients are collected.</summary>
    public bool HasGradients => _weights[0].Values?.Gradient is not null;

    /// <summary>[G] pointers to the matrices.</summary>
    public float** Values => (float**)Marshal.UnsafeAddrOfPinnedArrayElement(_values, 0);

    /// <summary>[G] pointers to the matrices' gradients.</summary>
    public float** Gradients
    {
        get
        {
            for (int i = 0; i < _weights.Length; i++)
                _gradients[i] = (nint)_weights[i].Trainable.Gradient!.Data;
            return (float**)Marshal.UnsafeAddrOfPinnedArrayElement(_gradients, 0);
        }
    }
}
