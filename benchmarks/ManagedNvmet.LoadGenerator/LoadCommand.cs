using ManagedNvmet.Initiator;

namespace ManagedNvmet.LoadGenerator;

/// <summary>What the program does: warns, runs the load, and prints what came of it.</summary>
public static class LoadCommand
{
    /// <summary>Runs a load.</summary>
    /// <returns>0, or 1 when a command failed, a block was wrong or a connection was lost, or 2 when the load could not begin.</returns>
    /// <exception cref="UsageException">The target cannot do what was asked for.</exception>
    public static async Task<int> RunAsync(LoadArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.ReadPercent < 100 && !arguments.Quiet)
            await Console.Error.WriteLineAsync(
                $"nvme-load: WRITING over namespace {arguments.NamespaceId} of {arguments.SubsystemNqn} at {arguments.Target}").ConfigureAwait(false);
        LoadResult result;
        try
        {
            result = await LoadRun.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        }
        catch (InitiatorException exception)
        {
            throw new UsageException($"{arguments.Target}: {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            throw new UsageException("Stopped before the load began.");
        }
        if (arguments.JsonPath == "-")
            Console.WriteLine(result.ToJson());
        else
            Console.Write(ResultTable.Of(result));
        if (arguments.JsonPath is { } path and not "-")
            await WriteAsync(path, result).ConfigureAwait(false);
        return result.Errors == 0 && result.VerificationFailures == 0 ? 0 : 1;
    }

    private static async Task WriteAsync(string path, LoadResult result)
    {
        try
        {
            await File.WriteAllTextAsync(path, result.ToJson() + "\n", CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--json {path} could not be written: {exception.Message}");
        }
    }
}
