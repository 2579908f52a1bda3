using System.Text;
using CsCheck;
using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Ports;
using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class EquivalenceTests
{
    [Fact]
    public void A_way_through_random_configurations_ends_where_a_fresh_start_begins() => ConfigurationGen.Any.Array[2, 4].Sample(way =>
    {
        using var folder = new TemporaryFolder();

        // The server keeps generated identities, so both ways must begin with the same ones.
        Assert.Equal(View(folder, way), View(folder, [way[^1]]));
    }, iter: 40, threads: 1);

    private static string View(TemporaryFolder folder, TargetConfiguration[] way)
    {
        RunningServer server = RunningServer.StartAsync(way[0], folder.Path).GetAwaiter().GetResult();
        try
        {
            foreach (TargetConfiguration next in way.Skip(1))
            {
                ApplyResult result = server.Server.ApplyAsync(next, server.Server.ETag, CancellationToken.None).GetAwaiter().GetResult();
                Assert.True(result.IsSuccess, $"{result.Outcome}: {result.Reason}");
            }
            return Describe(server.Server);
        }
        finally
        {
            server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    // Describes everything that hosts can see of the target and its ports, except for the TCP ports, which are random.
    private static string Describe(NvmetServer server)
    {
        var text = new StringBuilder();
        foreach (Subsystem subsystem in server.Subsystems)
        {
            text.AppendLine($"{subsystem.Nqn} {subsystem.SerialNumber} {subsystem.ModelNumber} {subsystem.IsHidden} {subsystem.Limits}");
            for (int host = 1; host <= 5; host++)
                text.AppendLine($"  host{host} {subsystem.IsAllowed(Nqn.Parse($"nqn.2026-11.com.example:host{host}"))}");
            foreach (Namespace each in subsystem.Namespaces)
                text.AppendLine($"  {each.Id} {each.Identity} {each.Properties} {each.AnaGroup} {each.IsWriteProtected}");
        }
        foreach (Port port in server.Target.Ports)
        {
            text.AppendLine($"{port.Id} {port.Address} {port.IsHidden} "
                + $"{string.Join(' ', port.AnaStates)} {string.Join(' ', port.Referrals)} "
                + string.Join(' ', (port.Subsystems ?? []).Select(each => each.Text).Order(StringComparer.Ordinal)));
        }
        return text.ToString();
    }
}
