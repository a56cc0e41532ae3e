// Which blocks of a cache are taken, and by how many: sequences that begin alike hold the same blocks. Numbers only; the memory is the
// cache's.
namespace Fathom.Models.Layers;

/// <summary>Counts the references to numbered blocks; a block without any is free again.</summary>
public sealed class BlockPool
{
    readonly Stack<int> _free = new();
    int[] _references = new int[64];

    /// <summary>A pool of free blocks.</summary>
    /// <param name="limit">Most blocks that may be taken at once.</param>
    public BlockPool(int limit) => Limit = limit;

    /// <summary>Most blocks that may be taken at once.</summary>
    public int Limit { get; }

    /// <summary>Blocks ever taken at once: numbers 0 to this have been handed out.</summary>
    public int HighWater { get; private set; }

    /// <summary>Blocks that somebody holds.</summary>
    public int InUse => HighWater - _free.Count;

    /// <summary>Blocks that can still be taken.</summary>
    public int Free => Limit - InUse;

    /// <summary>Takes a free block with one reference.</summary>
    /// <returns>False when none is left.</returns>
    public bool TryTake(out int block)
    {
        if (!_free.TryPop(out block))
        {
            if (HighWater == Limit)
                return false;
            block = HighWater++;
            if (block == _references.Length)
                Array.Resize(ref _references, 2 * block);
        }
        _references[block] = 1;
        return true;
    }

    /// <summary>Holders of a block.</summary>
    public int References(int block) => _references[block];

    /// <summary>Counts one more holder of a block that is in use.</summary>
    public void AddReference(int block) => _references[block]++;

    /// <summary>Counts one holder less and returns how many are left; at 0 the block is free.</summary>
    /// <exception cref="InvalidOperationException">The block was free.</exception>
    public int Release(int block)
    {
        if (_references[block] == 0)
            throw new InvalidOperationException($"Block {block} of the cache was released more often than it was taken.");
        if (--_references[block] == 0)
            _free.Push(block);
        return _references[block];
    }
}
