using ManagedNvmet.Protocol.Controller;
using ManagedNvmet.Protocol.Sending;

namespace ManagedNvmet.Benchmarks;

/// <summary>What a transport does in a round, without a network.</summary>
internal static class ConnectionExchange
{
    /// <summary>Gives the connection bytes and takes everything that it has to send.</summary>
    /// <returns>Bytes that were sent.</returns>
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
