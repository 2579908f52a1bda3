namespace ManagedNvmet.Conformance;

/// <summary>Runs each script as a test: against a target in memory, and against the server over the loopback interface.</summary>
public sealed class ScriptTests(ScriptServer server) : IClassFixture<ScriptServer>
{
    public static TheoryData<string> Names => [.. ScriptFolder.All.Select(script => script.Name)];

    public static TheoryData<string> TransportNames =>
        [.. ScriptFolder.All.Select(script => script.Name).Where(name => name.StartsWith("transport-", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_target_in_memory_conforms(string name)
    {
        await using var link = new MemoryLink();
        ScriptRun.Run(ScriptFolder.Find(name), link, ScriptFolder.Path);
    }

    [Theory]
    [MemberData(nameof(TransportNames))]
    public async Task The_engine_alone_conforms(string name)
    {
        await using var link = new EngineLink();
        ScriptRun.Run(ScriptFolder.Find(name), link, ScriptFolder.Path);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_server_conforms_over_the_loopback(string name)
    {
        await using var link = new TcpLink(server.Address, TestTarget.SubsystemNqn);
        ScriptRun.Run(ScriptFolder.Find(name), link, ScriptFolder.Path);
    }
}
