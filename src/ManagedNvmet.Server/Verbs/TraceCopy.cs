using System.Buffers.Binary;
using System.Globalization;

namespace ManagedNvmet.Server.Verbs;

/// <summary>Copies a trace block by block, so that what was written is a whole file whenever it ends. The statistics that the server sends
/// again and again are shown; the last ones end the file.</summary>
internal sealed class TraceCopy(Stream source, Stream target, TextWriter? progress)
{
    private const int BufferBytes = 256 * 1024;
    private const int MinBlockBytes = 12;
    private const uint PacketBlock = 6;
    private const uint StatisticsBlock = 5;
    private const int StatisticsOptions = 20;
    private const int DroppedOption = 5;

    // EPIPE. .NET puts the error number of Linux into HResult where it has no exception of its own for it.
    private const int BrokenPipe = 32;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private byte[] _statistics = [];
    private int _have;

    /// <summary>Packets that were written.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes that were written.</summary>
    public long Bytes { get; private set; }

    /// <summary>Packets that the server could not hand over in time.</summary>
    public long Lost { get; private set; }

    /// <summary>What came of it, in words.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{Packets} packets, {VerbOutput.Bytes(Bytes)}, {Lost} lost");

    /// <summary>Copies until the server ends the trace, the user gives up, or the program that reads it has gone.</summary>
    /// <exception cref="VerbException">What comes is no trace, or the file cannot be written.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await ReadAsync(cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                _have += count;
                await CopyBlocksAsync().ConfigureAwait(false);
            }
            await WriteAsync(_statistics).ConfigureAwait(false);
            await target.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException exception) when (exception.HResult == BrokenPipe)
        {
            // The reader of the pipe has gone: the trace ends as it does at Ctrl-C.
        }
        catch (IOException exception)
        {
            throw new VerbException(ExitCode.Failed, $"The trace cannot be written any further: {exception.Message}");
        }
        if (progress is not null)
            await progress.WriteAsync("\r\e[K").ConfigureAwait(false);
    }

    private async Task<int> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(_buffer.AsMemory(_have), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or HttpRequestException)
        {
            // Ctrl-C, or a server that stopped: what came is a whole file.
            return 0;
        }
    }

    private async Task CopyBlocksAsync()
    {
        int start = 0;
        int end = 0;
        while (_have - end >= MinBlockBytes)
        {
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(end));
            int length = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(end + 4));
            if (length is < MinBlockBytes or > BufferBytes || (length & 3) != 0)
                throw new VerbException(ExitCode.Failed, $"What the server sends is no trace: a block of {length} bytes.");
            if (_have - end < length)
                break;
            if (type == StatisticsBlock)
            {
                await WriteAsync(_buffer.AsMemory(start, end - start)).ConfigureAwait(false);
                TakeStatistics(_buffer.AsSpan(end, length));
                start = end + length;
            }
            else if (type == PacketBlock)
            {
                Packets++;
            }
            end += length;
        }
        await WriteAsync(_buffer.AsMemory(start, end - start)).ConfigureAwait(false);
        await target.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        _buffer.AsSpan(end, _have - end).CopyTo(_buffer);
        _have -= end;
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await target.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        Bytes += bytes.Length;
    }

    private void TakeStatistics(ReadOnlySpan<byte> block)
    {
        _statistics = block.ToArray();
        for (int offset = StatisticsOptions; offset + 4 <= block.Length - 4;)
        {
            int code = BinaryPrimitives.ReadUInt16LittleEndian(block[offset..]);
            int length = BinaryPrimitives.ReadUInt16LittleEndian(block[(offset + 2)..]);
            if (code == DroppedOption && length == sizeof(long) && offset + 12 <= block.Length)
                Lost = BinaryPrimitives.ReadInt64LittleEndian(block[(offset + 4)..]);
            offset += 4 + ((length + 3) & ~3);
        }
        progress?.Write($"\r{Summary}\e[K");
    }
}
