using ManagedNvmet.Target.Namespaces;
using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class ScaleTests
{
    private const int SubsystemCount = 1000;
    private const int NamespacesOfSubsystem = 10;

    [Fact]
    public async Task Ten_thousand_namespaces_are_served_and_a_change_of_one_touches_no_other()
    {
        using var folder = new TemporaryFolder();
        TargetConfiguration large = Large();
        await using RunningServer server = await RunningServer.StartAsync(large, folder.Path);
        Subsystem[] before = [.. server.Server.Subsystems];
        Namespace[][] served = [.. before.Select(subsystem => subsystem.Namespaces.ToArray())];
        Assert.Equal(
            SubsystemCount * NamespacesOfSubsystem, server.Server.Namespaces.Select(each => each.Namespace.Identity).Distinct().Count());
        Assert.Equal(SubsystemCount, before.Select(subsystem => subsystem.SerialNumber).Distinct().Count());

        // Adds a namespace to the first subsystem and removes one from the last.
        SubsystemConfiguration first = large.Subsystems[0];
        SubsystemConfiguration last = large.Subsystems[^1];
        ApplyResult result = await server.ApplyAsync(large with
        {
            Subsystems =
            [
                first with { Namespaces = [.. first.Namespaces, new NamespaceConfiguration { Id = 100, Device = "null:1M" }] },
                .. large.Subsystems.Skip(1).SkipLast(1),
                last with { Namespaces = last.Namespaces.Skip(1).ToConfigurationList() },
            ],
        });

        Assert.Equal(2, result.Plan.Changes.Count);
        Subsystem[] after = [.. server.Server.Subsystems];
        Assert.Equal(before, after, ReferenceEqualityComparer.Instance);
        for (int index = 1; index < SubsystemCount - 1; index++)
            Assert.Equal(served[index], after[index].Namespaces.ToArray(), ReferenceEqualityComparer.Instance);
        Assert.Equal(NamespacesOfSubsystem + 1, after[0].Namespaces.Length);
        Assert.Equal(NamespacesOfSubsystem - 1, after[^1].Namespaces.Length);
    }

    [Fact]
    public void A_large_file_reads_as_it_was_written()
    {
        TargetConfiguration large = Large();

        ConfigurationReading reading = Samples.Read(ConfigurationFile.Write(large));

        Assert.Empty(reading.Problems);
        Assert.Equal(large.Normalize(), reading.Configuration);
    }

    private static TargetConfiguration Large()
    {
        Nqn[] names = [.. Enumerable.Range(0, SubsystemCount).Select(number => Nqn.Parse($"nqn.2026-11.com.example:subsystem{number:D4}"))];
        Nqn[] hosts = [.. Enumerable.Range(0, SubsystemCount).Select(number => Nqn.Parse($"nqn.2026-11.com.example:host{number:D4}"))];
        return new TargetConfiguration
        {
            Hosts = hosts.Select(host => new HostConfiguration { Nqn = host }).ToConfigurationList(),
            Subsystems = names.Select((name, index) => new SubsystemConfiguration
            {
                Nqn = name,
                AllowedHosts = [hosts[index], hosts[(index + 1) % hosts.Length]],
                Namespaces = Enumerable.Range(1, NamespacesOfSubsystem)
                    .Select(id => new NamespaceConfiguration { Id = (uint)id, Device = "null:1G" }).ToConfigurationList(),
            }).ToConfigurationList(),
            Ports = [new PortConfiguration { Id = 1, Address = "127.0.0.1", ServiceId = 0, Subsystems = names.ToConfigurationList() }],
        };
    }
}
