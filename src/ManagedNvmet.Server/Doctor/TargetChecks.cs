using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Transport.Tcp;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedNvmet.Server.Doctor;

/// <summary>Whether what listens speaks NVMe/TCP, and what it tells this host about.</summary>
internal static class TargetChecks
{
    private const int TimeoutMilliseconds = 5_000;
    private const byte DiscoveryLog = 0x70;
    private const int MaxEntries = 64;

    /// <summary>Connects to the discovery controller as this host would.</summary>
    /// <returns>Address and name of each subsystem in the target's discovery log.</returns>
    public static async Task<IReadOnlyList<(IPEndPoint EndPoint, Nqn Nqn)>> DiscoverAsync(
        IPEndPoint target, Nqn? host, Guid? hostId, List<Finding> findings, CancellationToken cancellationToken)
    {
        var shard = new Shard(new ShardOptions(), NullLogger.Instance);
        await using (shard.ConfigureAwait(false))
        {
            shard.Start();
            var options = new InitiatorOptions
            {
                EndPoint = target,
                SubsystemNqn = Nqn.Discovery,
                Shards = [new ShardContext(shard)],
                IoQueues = 0,
                KeepAliveMilliseconds = 0,
                TimeoutMilliseconds = TimeoutMilliseconds,
            };
            if (host is not null)
                options = options with { HostNqn = host, HostId = hostId ?? options.HostId };
            try
            {
                InitiatorController controller = await InitiatorController.ConnectAsync(options, cancellationToken).ConfigureAwait(false);
                await using (controller.ConfigureAwait(false))
                {
                    findings.Add(Finding.Good("nvme/tcp",
                        "It answers as an NVMe/TCP target, and its discovery controller lets this host in."));
                    return await ReadAsync(controller, target, findings).ConfigureAwait(false);
                }
            }
            catch (IOException exception)
            {
                findings.Add(Finding.Bad("nvme/tcp", $"It takes the connection, but discovery fails: {exception.Message}",
                    "Either something else listens there, or the target refuses this host: its log, or 'managed-nvmet refused' there, "
                        + "says why."));
                return [];
            }
        }
    }

    private static async Task<IReadOnlyList<(IPEndPoint EndPoint, Nqn Nqn)>> ReadAsync(
        InitiatorController controller, IPEndPoint target, List<Finding> findings)
    {
        ReadOnlyMemory<byte> head = await controller.GetLogPageAsync(DiscoveryLog, DiscoveryLogEntry.Size).ConfigureAwait(false);
        int count = (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(head.Span[DiscoveryLogEntry.RecordCountOffset..]), MaxEntries);
        var found = new List<(IPEndPoint, Nqn)>();
        for (int index = 0; index < count; index++)
        {
            ulong offset = (ulong)(index + 1) * DiscoveryLogEntry.Size;
            ReadOnlyMemory<byte> entry = await controller.GetLogPageAsync(
                DiscoveryLog, DiscoveryLogEntry.Size, offset).ConfigureAwait(false);
            byte type = entry.Span[DiscoveryLogEntry.SubsystemTypeOffset];
            if (type is DiscoveryLogEntry.DiscoverySubsystem or DiscoveryLogEntry.CurrentDiscoverySubsystem)
                continue;
            string address = Text(entry, DiscoveryLogEntry.AddressOffset, DiscoveryLogEntry.AddressBytes);
            string port = Text(entry, DiscoveryLogEntry.ServiceIdOffset, DiscoveryLogEntry.ServiceIdBytes);
            string nqn = Text(entry, DiscoveryLogEntry.SubsystemNqnOffset, Nqn.FieldBytes);
            if (IPAddress.TryParse(address, out IPAddress? parsed)
                && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
                && Nqn.TryParse(nqn, out Nqn? subsystem))
            {
                found.Add((new IPEndPoint(Scoped(parsed, target.Address), number), subsystem));
            }
            else
            {
                findings.Add(Finding.Bad("discovery", $"An entry is wrong: address '{address}', port '{port}', name '{nqn}'.",
                    "No command is printed for it. Look at the ports and names of the target."));
            }
        }
        findings.Add(found.Count > 0
            ? Finding.Good("discovery", string.Create(CultureInfo.InvariantCulture,
                $"It tells this host of {found.Count} ways to subsystems."))
            : Finding.Bad("discovery", "It tells this host of no subsystem.",
                "On the target, allow this host on a subsystem (its NQN is in /etc/nvme/hostnqn here): managed-nvmet host add NQN "
                    + "--subsystem NQN, or --allow-host."));
        return found;
    }

    // The log cannot carry the scope of a link-local address: it is the interface by which this host reached the target.
    private static IPAddress Scoped(IPAddress address, IPAddress reached) => address.IsIPv6LinkLocal && reached.IsIPv6LinkLocal
        ? new IPAddress(address.GetAddressBytes(), reached.ScopeId)
        : address;

    // Text from the network is printed to a terminal: control characters are replaced.
    private static string Text(ReadOnlyMemory<byte> entry, int offset, int length)
    {
        string text = Encoding.ASCII.GetString(entry.Span.Slice(offset, length)).TrimEnd('\0', ' ');
        return new string([.. text.Select(each => each is >= ' ' and <= '~' ? each : '?')]);
    }
}
