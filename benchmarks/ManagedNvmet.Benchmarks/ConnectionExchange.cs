using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Sending;

namespace ManagedNvmet.Benchmarks;

/// <summary>Does the work of a transport for one round, without a network.</summary>
internal static class ConnectionExchange
{
    /// <summary>Passes received bytes to the connection, and removes everything that it has to send.</summary>
    /// <returns>Number of bytes that the connection sent.</returns>
    public static long Exchange(this ControllerConnection connection, TransmitBatch batch, byte[] received)
    {
        connection.Received(received);
        long sent = 0;
        while (connection.WantsTransmit)
        {
            batch.Clear();
            connection.FillTransmit(batch);
            long count = batch.TotalBytes;
            connection.Transmitted(count);
            sent += count;
        }
        return sent;
    }
}
