using System.Diagnostics.CodeAnalysis;
using ManagedNvmet.EndToEnd.Harness;

// The tests of one kernel share its guest and run one after another; the kernels run concurrently. A guest needs one thread and sometimes
// waits, and a server needs little, so three guests keep two processors busy.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 3)]

namespace ManagedNvmet.EndToEnd;

/// <summary>Linux 6.1, from Debian 12.</summary>
public sealed class Linux61() : StockHost("6.1");

/// <summary>Linux 6.12, from Debian 13.</summary>
public sealed class Linux612() : StockHost("6.12");

/// <summary>The newest Linux that is packaged for Debian 13.</summary>
public sealed class Linux7() : StockHost("7");

[CollectionDefinition]
[SuppressMessage("Naming", "CA1711", Justification = "It is a collection in the test framework's sense.")]
public sealed class Linux61Collection : ICollectionFixture<Linux61>;

[CollectionDefinition]
[SuppressMessage("Naming", "CA1711", Justification = "It is a collection in the test framework's sense.")]
public sealed class Linux612Collection : ICollectionFixture<Linux612>;

[CollectionDefinition]
[SuppressMessage("Naming", "CA1711", Justification = "It is a collection in the test framework's sense.")]
public sealed class Linux7Collection : ICollectionFixture<Linux7>;
