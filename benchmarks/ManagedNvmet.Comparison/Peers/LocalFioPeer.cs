using ManagedNvmet.Comparison.Bars;
using ManagedNvmet.Comparison.Clients;
using ManagedNvmet.Comparison.Results;

namespace ManagedNvmet.Comparison.Peers;

/// <summary>No server: fio with its io_uring engine and O_DIRECT on the same file or device, on the servers' processor. Its CPU time is
/// that of fio.</summary>
public sealed class LocalFioPeer(BackingFiles files, int seconds) : Peer
{
    /// <inheritdoc/>
    public override PeerKind Kind => PeerKind.LocalFio;

    /// <inheritdoc/>
    public override string? Missing(Work work) => MissingProgram("fio", "fio") ?? files.Missing(work.Backing);

    /// <inheritdoc/>
    public override async Task<Sample> MeasureAsync(Load load, CancellationToken cancellationToken)
    {
        string disk = await files.PathAsync(load.Backing, cancellationToken);
        await using ChildProcess fio = ChildProcess.Start(
            "fio",
            [.. FioClient.Arguments(load, seconds), "--ioengine=io_uring", "--direct=1", "--thread=1", $"--filename={disk}"],
            Machine.ServerCore);
        await using var sampler = new BusySampler(_ => Task.FromResult(new ProcessorReading(ProcessorClock.Microseconds(fio.Id))));
        Sample sample = FioClient.Read(await fio.WaitAsync(cancellationToken));
        sample.SetProcessorTime(await sampler.MicrosecondsPerSecondAsync(seconds));
        return sample;
    }
}
