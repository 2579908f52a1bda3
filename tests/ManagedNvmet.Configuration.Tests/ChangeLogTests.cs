using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Log lines and history entries of changes, and the state of a configuration file with errors.</summary>
public sealed class ChangeLogTests : IDisposable
{
    private static readonly Nqn A = Nqn.Parse("nqn.2026-11.com.example:a");

    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();

    private string FilePath => Path.Combine(_folder.Path, "config.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_change_leaves_one_line_with_its_requester_and_is_not_kept_without_a_file()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of("mem:1M"), _folder.Path, loggers: _log);

        ApplyResult result = await server.Server.ApplyAsync(Of("mem:1M", "mem:2M"), null, "uid 7 (ann)", CancellationToken.None);

        Assert.Equal(ApplyOutcome.Applied, result.Outcome);
        Assert.False(server.Server.KeepsChanges);
        string line = Assert.Single(Changes());
        Assert.Equal($"Information: Configuration {result.ETag} is in force (until the server stops), changed by uid 7 (ann): "
            + $"subsystem {A}: add namespace 2: mem:2M", line);
        Assert.Equal("uid 7 (ann)", server.Server.History[0].Requester);
    }

    [Fact]
    public async Task A_change_that_is_refused_or_changes_nothing_leaves_no_such_line()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of("mem:1M"), _folder.Path, loggers: _log);

        ApplyResult same = await server.Server.ApplyAsync(Of("mem:1M"), null, "uid 7", CancellationToken.None);
        ApplyResult wrong = await server.Server.ApplyAsync(Of("mem:much"), null, "uid 7", CancellationToken.None);

        Assert.Equal((ApplyOutcome.Unchanged, ApplyOutcome.Invalid), (same.Outcome, wrong.Outcome));
        Assert.Empty(Changes());
    }

    [Fact]
    public async Task A_rollback_and_a_change_of_many_objects_are_one_line_each()
    {
        await using RunningServer server = await RunningServer.StartAsync(Of("mem:1M"), _folder.Path, loggers: _log);
        string[] many = [.. Enumerable.Range(1, 30).Select(number => $"mem:{number}M")];

        await server.Server.ApplyAsync(Of(many), null, "uid 7", CancellationToken.None);
        await server.Server.RollbackAsync(null, "uid 8", CancellationToken.None);

        Assert.Collection(
            Changes(),
            line => Assert.EndsWith("add namespace 5: mem:5M; and 25 more changes", line, StringComparison.Ordinal),
            line => Assert.Contains("changed by uid 8, by a rollback: ", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_with_a_file_is_in_the_file_and_in_the_history_after_a_restart()
    {
        ConfigurationFile.Save(FilePath, Of("mem:1M"));
        await using (RunningServer server = await StartAsync())
        {
            await server.Server.ApplyAsync(Of("mem:1M", "mem:2M"), null, "uid 7", CancellationToken.None);
            Assert.True(server.Server.KeepsChanges);
            Assert.Contains($"(kept in {FilePath}), changed by uid 7: ", Assert.Single(Changes()), StringComparison.Ordinal);
        }

        await using RunningServer again = await StartAsync();

        Assert.Equal(2, again.Server.Namespaces.Count);
        Assert.Equal("uid 7", again.Server.History[0].Requester);
    }

    [Fact]
    public async Task A_change_of_the_file_is_one_line_and_names_the_file()
    {
        ConfigurationFile.Save(FilePath, Of("mem:1M"));
        await using RunningServer server = await StartAsync();

        ConfigurationFile.Save(FilePath, Of("mem:1M", "mem:2M"));
        await server.Server.ReloadAsync(CancellationToken.None);
        await server.Server.ReloadAsync(CancellationToken.None);

        Assert.Contains($"changed by the file {FilePath}: ", Assert.Single(Changes()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_errors_is_one_line_however_often_it_is_read_and_a_fault_until_it_is_correct()
    {
        ConfigurationFile.Save(FilePath, Of("mem:1M"));
        await using RunningServer server = await StartAsync();
        Assert.Null(server.Server.ConfigurationFault);

        await File.WriteAllTextAsync(FilePath, "{ \"subsystems\": [ { \"nqn\": 7 },\n { } ] }");
        for (int times = 0; times < 20; times++)
            Assert.Null(await server.Server.ReloadAsync(CancellationToken.None));
        string fault = server.Server.ConfigurationFault!;
        string[] whileFaulty = [.. _log.All];
        ConfigurationFile.Save(FilePath, Of("mem:1M"));
        await server.Server.ReloadAsync(CancellationToken.None);

        Assert.StartsWith(
            $"{FilePath} has 2 errors. The first is: line 1, $.subsystems[0].nqn: it is 7, expected a name",
            fault,
            StringComparison.Ordinal);
        Assert.Single(whileFaulty, line => line.Contains(fault, StringComparison.Ordinal));
        Assert.Single(whileFaulty, line => line.StartsWith("Error", StringComparison.Ordinal));
        Assert.Null(server.Server.ConfigurationFault);
        Assert.Single(_log.All, line => line.EndsWith($"{FilePath} is correct again and in force", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_is_gone_and_one_that_cannot_be_applied_are_faults_too()
    {
        ConfigurationFile.Save(FilePath, Of("mem:1M"));
        await using RunningServer server = await StartAsync();

        File.Delete(FilePath);
        await server.Server.ReloadAsync(CancellationToken.None);
        string gone = server.Server.ConfigurationFault!;
        ConfigurationFile.Save(FilePath, Of("mem:1M", "/nowhere/disk.img"));
        await server.Server.ReloadAsync(CancellationToken.None);

        Assert.StartsWith($"{FilePath} cannot be read: ", gone, StringComparison.Ordinal);
        Assert.StartsWith($"{FilePath} cannot be applied: /nowhere/disk.img", server.Server.ConfigurationFault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_never_overwrites_an_edit_of_the_file_that_is_not_in_force()
    {
        ConfigurationFile.Save(FilePath, Of("mem:1M"));
        await using RunningServer server = await StartAsync();
        const string Edit = "{ \"subsystems\": 7 }";

        await File.WriteAllTextAsync(FilePath, Edit);
        ApplyResult unread = await server.Server.ApplyAsync(Of("mem:1M", "mem:2M"), null, "uid 7", CancellationToken.None);
        await server.Server.ReloadAsync(CancellationToken.None);
        ApplyResult faulty = await server.Server.ApplyAsync(Of("mem:1M", "mem:2M"), null, "uid 7", CancellationToken.None);
        string kept = await File.ReadAllTextAsync(FilePath);
        ConfigurationFile.Save(FilePath, Of("mem:1M"));
        await server.Server.ReloadAsync(CancellationToken.None);
        ApplyResult correct = await server.Server.ApplyAsync(Of("mem:1M", "mem:2M"), null, "uid 7", CancellationToken.None);

        Assert.Equal((ApplyOutcome.Failed, ApplyOutcome.Failed, ApplyOutcome.Applied), (unread.Outcome, faulty.Outcome, correct.Outcome));
        Assert.Contains($"{FilePath} cannot be written: it was changed or removed", unread.Reason, StringComparison.Ordinal);
        Assert.Contains("has 1 error", faulty.Reason, StringComparison.Ordinal);
        Assert.Equal(Edit, kept);
        Assert.Equal(2, server.Server.History.Count);
        Assert.Equal(2, ConfigurationFile.Load(FilePath).Configuration!.Subsystems[0].Namespaces.Count);
    }

    private Task<RunningServer> StartAsync() =>
        RunningServer.StartAsync(TargetConfiguration.Empty, _folder.Path, options => options.ConfigurationPath = FilePath, _log);

    private string[] Changes() => [.. _log.All.Where(line => line.Contains(" is in force (", StringComparison.Ordinal))];

    private static TargetConfiguration Of(params string[] devices) => new()
    {
        Subsystems =
        [
            new SubsystemConfiguration
            {
                Nqn = A,
                AllowAnyHost = true,
                Namespaces = devices.Select(
                    (device, index) => new NamespaceConfiguration { Id = (uint)index + 1, Device = device }).ToConfigurationList(),
            },
        ],
        Ports = [new PortConfiguration { Id = 1, Address = "127.0.0.1", ServiceId = 0, Subsystems = [A] }],
    };
}
