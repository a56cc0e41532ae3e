// Tests that change the shared thread team run one after the other, with nothing beside them.

namespace Fathom.Models.Tests;

[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;
