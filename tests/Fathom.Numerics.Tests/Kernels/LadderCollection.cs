// Tests that force a rung set Ladder.Ceiling, which is global: they run one after the other.

namespace Fathom.Numerics.Tests.Kernels;

[CollectionDefinition("ladder", DisableParallelization = true)]
public sealed class LadderCollection;
