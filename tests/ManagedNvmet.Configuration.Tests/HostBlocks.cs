using ManagedNvmet.Initiator;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Reads and writes the first block of a namespace with 512-byte blocks as a host.</summary>
internal static class HostBlocks
{
    public static async Task WriteAsync(InitiatorController host, uint id, byte value)
    {
        Memory<byte> data = InitiatorController.AllocatePinned(512);
        data.Span.Fill(value);
        (await host.WriteAsync(0, id, 0, 1, data)).Require("Write");
    }

    public static async Task<byte> ReadAsync(InitiatorController host, uint id)
    {
        Memory<byte> data = InitiatorController.AllocatePinned(512);
        (await host.ReadAsync(0, id, 0, 1, data)).Require("Read");
        return data.Span[0];
    }
}
