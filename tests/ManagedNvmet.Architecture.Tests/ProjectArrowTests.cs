using Xunit;

namespace ManagedNvmet.Architecture.Tests;

public sealed class ProjectArrowTests
{
    /// <summary>The allowed references between the assemblies of this repository, as docs/architecture.md draws them.</summary>
    public static TheoryData<string, string[]> Arrows => new()
    {
        { "ManagedNvmet.Abstractions", [] },
        { "ManagedNvmet.Announcing", [] },
        { "ManagedNvmet.Protocol", ["ManagedNvmet.Abstractions"] },
        { "ManagedNvmet.Target", ["ManagedNvmet.Abstractions", "ManagedNvmet.Protocol"] },
        { "ManagedNvmet.Io", ["ManagedNvmet.Abstractions"] },
        { "ManagedNvmet.Backends", ["ManagedNvmet.Abstractions", "ManagedNvmet.Io"] },
        { "ManagedNvmet.Transport.Tcp", ["ManagedNvmet.Abstractions", "ManagedNvmet.Protocol", "ManagedNvmet.Io"] },
        {
            "ManagedNvmet.Transport.Pipelines",
            ["ManagedNvmet.Abstractions", "ManagedNvmet.Protocol", "ManagedNvmet.Io", "ManagedNvmet.Transport.Tcp"]
        },
        {
            "ManagedNvmet.Initiator",
            ["ManagedNvmet.Abstractions", "ManagedNvmet.Protocol", "ManagedNvmet.Io", "ManagedNvmet.Transport.Tcp"]
        },
        { "ManagedNvmet.Configuration", ["ManagedNvmet.Abstractions", "ManagedNvmet.Target", "ManagedNvmet.Backends"] },
        {
            "ManagedNvmet",
            [
                "ManagedNvmet.Abstractions", "ManagedNvmet.Announcing", "ManagedNvmet.Protocol", "ManagedNvmet.Target", "ManagedNvmet.Io",
                "ManagedNvmet.Backends", "ManagedNvmet.Configuration", "ManagedNvmet.Transport.Pipelines", "ManagedNvmet.Transport.Tcp",
            ]
        },
        { "ManagedNvmet.AspNetCore", ["ManagedNvmet", "ManagedNvmet.Transport.Pipelines"] },
        {
            "ManagedNvmet.Management",
            ["ManagedNvmet", "ManagedNvmet.Abstractions", "ManagedNvmet.Configuration", "ManagedNvmet.Target"]
        },
        {
            "managed-nvmet",
            [
                "ManagedNvmet", "ManagedNvmet.Abstractions", "ManagedNvmet.Announcing", "ManagedNvmet.Backends",
                "ManagedNvmet.Configuration",
                "ManagedNvmet.Initiator", "ManagedNvmet.Io", "ManagedNvmet.Management", "ManagedNvmet.Protocol", "ManagedNvmet.Target",
                "ManagedNvmet.Transport.Tcp",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Arrows))]
    public void An_assembly_refers_only_to_those_above_it(string assembly, string[] allowed)
    {
        IEnumerable<string> ours = new AssemblyFacts(assembly).Assemblies.Where(
            name => name.StartsWith("ManagedNvmet", StringComparison.Ordinal));

        Assert.Empty(ours.Except(allowed));
    }

    [Fact]
    public void Every_project_of_the_source_folder_stands_in_the_table()
    {
        string[] projects =
        [
            .. Directory.EnumerateFiles(Path.Combine(AssemblyFacts.RepositoryFolder(), "src"), "*.csproj", SearchOption.AllDirectories)
                .Select(file => Path.GetFileNameWithoutExtension(file)),
        ];
        string[] inTable = [.. Arrows.Select(row => row.Data.Item1 == "managed-nvmet" ? "ManagedNvmet.Server" : row.Data.Item1)];

        Assert.Equal(projects.Order(StringComparer.Ordinal), inTable.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ManagedNvmet.Abstractions")]
    [InlineData("ManagedNvmet.Protocol")]
    [InlineData("ManagedNvmet.Target")]
    public void The_protocol_and_the_target_know_no_socket_no_file_and_no_thread(string assembly)
    {
        string[] forbidden =
        [
            "System.Net.Sockets.Socket", "System.Net.Sockets.NetworkStream", "System.Net.Sockets.TcpClient",
            "System.Net.Sockets.TcpListener",
            "System.IO.File", "System.IO.FileStream", "System.IO.Directory", "System.IO.RandomAccess",
            "System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Timer", "System.DateTimeOffset.Now",
        ];

        Assert.Empty(new AssemblyFacts(assembly).Types.Intersect(forbidden));
    }

    [Fact]
    public void Management_and_AspNetCore_alone_need_ASP_NET_Core()
    {
        string[] needy = ["ManagedNvmet.Management", "ManagedNvmet.AspNetCore"];
        IEnumerable<string> assemblies = Arrows.Select(row => row.Data.Item1).Except(needy);

        Assert.All(assemblies, name => Assert.DoesNotContain(
            new AssemblyFacts(name).Assemblies, each => each.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)));
        Assert.Contains("Microsoft.AspNetCore.Routing", new AssemblyFacts("ManagedNvmet.Management").Assemblies);
        Assert.Contains("Microsoft.AspNetCore.Server.Kestrel.Core", new AssemblyFacts("ManagedNvmet.AspNetCore").Assemblies);
    }

    [Fact]
    public void Abstractions_depend_on_nothing_but_the_runtime()
    {
        Assert.All(
            new AssemblyFacts("ManagedNvmet.Abstractions").Assemblies,
            name => Assert.StartsWith("System.", name, StringComparison.Ordinal));
    }
}
