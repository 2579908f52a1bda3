using ManagedNvmet.Protocol.Connection;

namespace ManagedNvmet.Protocol.Slots;

/// <summary>The connection, as its commands use it.</summary>
internal interface ICommandOwner
{
    /// <summary>The connection is not over.</summary>
    bool IsOpen { get; }

    /// <summary>True until Connect, and on the admin queue after it.</summary>
    bool IsAdmin { get; }

    /// <summary>The limits in force.</summary>
    ConnectionLimits Limits { get; }

    /// <summary>Receives again: the command whose data is next in the stream has its buffer.</summary>
    void ResumeReceiving();
}
