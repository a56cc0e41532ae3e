// Tests that change the shared thread team, or count what the whole process allocates: they run one after the other, with nothing beside them.

namespace Fathom.Training.Tests;

[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;
