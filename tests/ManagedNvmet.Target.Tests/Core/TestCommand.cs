using ManagedNvmet.Protocol.Host;

namespace ManagedNvmet.Target.Tests.Core;

/// <summary>A host's command that records its completion.</summary>
internal sealed class TestCommand : HostCommand
{
    public bool IsDone { get; private set; }

    /// <summary>True when the command ended because the connection closed.</summary>
    public bool IsLost => IsDone && Status.CodeType == 3;

    protected override void OnCompleted() => IsDone = true;
}
