using ManagedNvmet.Protocol.Host;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A host's command that remembers that it ended.</summary>
internal sealed class TestCommand : HostCommand
{
    public bool IsDone { get; private set; }

    /// <summary>Ended by the loss of the connection.</summary>
    public bool IsLost => IsDone && Status.CodeType == 3;

    protected override void OnCompleted() => IsDone = true;
}
