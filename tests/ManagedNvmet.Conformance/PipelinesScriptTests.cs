namespace ManagedNvmet.Conformance;

/// <summary>Every script is a test against our server with connections over System.Net.Sockets and pipes.</summary>
public sealed class PipelinesScriptTests(PipelinesScriptServer server) : IClassFixture<PipelinesScriptServer>
{
    public static TheoryData<string> Names => ScriptTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_server_conforms_over_pipelines(string name)
    {
        await using var link = new TcpLink(server.Address, TestTarget.SubsystemNqn);
        ScriptRun.Run(ScriptFolder.Find(name), link, ScriptFolder.Path);
    }
}
