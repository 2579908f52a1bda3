using ManagedNvmet.Initiator;

namespace ManagedNvmet.LoadGenerator;

/// <summary>The nvme-load command: warns before it writes, runs the load, and prints the result.</summary>
public static class LoadCommand
{
    /// <summary>Runs a load.</summary>
    /// <returns>Exit code 0; 1 when a command failed, a block was wrong or a connection was lost.</returns>
    /// <exception cref="UsageException">The load could not begin, or the result could not be written.</exception>
    public static async Task<int> RunAsync(LoadArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.ReadPercent < 100 && !arguments.Quiet)
        {
            await Console.Error.WriteLineAsync(
                $"nvme-load: OVERWRITING namespace {arguments.NamespaceId} of {arguments.SubsystemNqn} at {arguments.Target}")
                .ConfigureAwait(false);
        }
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
            throw new UsageException("Interrupted before the load began.");
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
            throw new UsageException($"The result could not be written to {path} (--json): {exception.Message}");
        }
    }
}
