using System.Net;
using System.Text;
using ManagedNvmet.Initiator;
using ManagedNvmet.Io.Loop;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Tracing;

namespace ManagedNvmet.Management.Tests.Tracing;

/// <summary>Traces of a server with this repository's hosts, dissected by tshark.</summary>
public sealed class TraceTests
{
    private const int BlockBytes = 512;
    private const int PduOffset = 40;
    private const byte CapsuleCmd = 4;
    private const byte C2HData = 7;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_dissector_sees_the_whole_life_of_a_host(bool headerDigest, bool dataDigest)
    {
        Tshark.Require();
        await using ManagedServer managed = await ManagedServer.StartAsync();
        using var trace = new RunningTrace(managed, Ask(data: TraceLimits.MaxDataBytes));
        int port = managed.Server.EndPoints[0].Port;
        InitiatorController host = await managed.ConnectAsync(
            options => options with { HeaderDigest = headerDigest, DataDigest = dataDigest });
        Memory<byte> block = InitiatorController.AllocatePinned(BlockBytes);
        (await host.WriteAsync(0, 1, 7, 1, block)).Require("Write");
        (await host.ReadAsync(0, 1, 9, 1, block)).Require("Read");
        (await host.FlushAsync(0, 1)).Require("Flush");
        host.IoQueues[0].Close();
        host.Admin.Close();
        await WaitAsync(() => managed.Server.ConnectionCount == 0);

        (string path, _) = await trace.EndAsync();

        string[][] connects = await Tshark.ReadAsync(path, port, "nvme.fabrics.cmd.fctype == 1",
            "nvme-tcp.type", "nvme.fabrics.cmd.connect.qid", "nvme.fabrics.cmd.connect.data.subnqn", "frame.comment");
        Assert.Equal(["0", "1"], connects.Select(row => Number(row[1])));
        Assert.All(connects, row => Assert.Equal(("4", ManagedServer.Nqn.Text, ""), (row[0], row[2], row.ElementAtOrDefault(3) ?? "")));
        string[][] commands = await Tshark.ReadAsync(path, port, "nvme-tcp.cmd.qid == 1 && nvme.cmd.opc",
            "nvme-tcp.type", "nvme.cmd.opc", "nvme.cmd.nsid", "nvme.cmd.slba", "frame.packet_flags_direction");
        Assert.Equal(["1", "2", "0"], commands.Select(row => Number(row[1])));
        Assert.All(commands, row => Assert.Equal(("4", "1", "1"), (row[0], Number(row[2]), Number(row[4]))));
        Assert.Equal(["7", "9"], commands.Take(2).Select(row => Number(row[3])));
        string[][] identify = await Tshark.ReadAsync(
            path, port, "nvme-tcp.cmd.qid == 0 && nvme.cmd.opc == 6", "nvme.cmd.identify.dword10.cns");
        Assert.NotEmpty(identify);
        string[][] sent = await Tshark.ReadAsync(path, port, "nvme-tcp.type == 7 && nvme-tcp.cmd.qid == 1", "nvme-tcp.data.length");
        Assert.Equal("512", Assert.Single(sent)[0]);
        string[][] completions = await Tshark.ReadAsync(path, port, "nvme.cqe.cid && nvme-tcp.cmd.qid == 1", "nvme.cqe.status.sc");
        Assert.True(completions.Length >= 3, $"{completions.Length} completions");
        Assert.Empty(await Tshark.ReadAsync(path, port, "_ws.malformed || tcp.analysis.flags", "frame.number", "_ws.col.Info"));
        Assert.Equal(2, (await Tshark.ReadAsync(path, port, "tcp.flags.fin == 1", "frame.comment")).Length);
    }

    [Fact]
    public async Task A_trace_that_begins_later_tells_the_dissector_what_it_missed()
    {
        Tshark.Require();
        await using ManagedServer managed = await ManagedServer.StartAsync();
        int port = managed.Server.EndPoints[0].Port;
        InitiatorController host = await managed.ConnectAsync(options => options with { IoQueues = 2 });
        using var trace = new RunningTrace(managed, Ask());
        await trace.AttachedAsync();
        Memory<byte> data = InitiatorController.AllocatePinned(256 * 1024);
        (await host.WriteAsync(1, 1, 0, data.Length / BlockBytes, data)).Require("Write");
        (await host.ReadAsync(0, 1, 0, data.Length / BlockBytes, data)).Require("Read");
        await host.IdentifyAsync(1);

        (string path, PcapngFile file) = await trace.EndAsync();

        string[][] madeUp = await Tshark.ReadAsync(path, port, "frame.comment contains \"made up\"", "nvme-tcp.type");
        Assert.Equal(3 * 4, madeUp.Length);
        string[][] queues = await Tshark.ReadAsync(path, port, "nvme.fabrics.cmd.connect.qid", "nvme.fabrics.cmd.connect.qid");
        Assert.Equal(["0", "1", "2"], queues.Select(row => Number(row[0])).Order(StringComparer.Ordinal));
        string[][] ioCommands = await Tshark.ReadAsync(
            path, port, "nvme.cmd.opc && nvme-tcp.cmd.qid > 0", "nvme-tcp.cmd.qid", "nvme.cmd.opc");
        Assert.Equal([("2", "1"), ("1", "2")], ioCommands.Select(row => (Number(row[0]), Number(row[1]))));
        Assert.Single(await Tshark.ReadAsync(path, port, "nvme.cmd.opc == 6 && nvme-tcp.cmd.qid == 0", "frame.number"));

        // The trace has no payload, so its frames are truncated. The dissector must still find the following PDUs.
        string[][] transfers = await Tshark.ReadAsync(path, port, "nvme-tcp.type == 6 || (nvme-tcp.type == 7 && nvme-tcp.cmd.qid == 1)",
            "nvme-tcp.type", "nvme-tcp.data.length", "frame.cap_len");
        Assert.Equal(data.Length, transfers.Where(row => row[0] == "6").Sum(row => int.Parse(row[1])));
        Assert.Equal(data.Length, transfers.Where(row => row[0] == "7").Sum(row => int.Parse(row[1])));
        Assert.All(transfers, row => Assert.Equal("64", row[2]));
        Assert.Empty(await Tshark.ReadAsync(path, port, "_ws.malformed || tcp.analysis.flags", "frame.number", "_ws.col.Info"));
        Assert.Single(file.Statistics);
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_shown()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        InitiatorController there = await managed.ConnectAsync(options => options with { IoQueues = 2 });
        Nqn other = Nqn.Parse("nqn.2026-11.com.example:other");
        using var writes = new RunningTrace(managed, Ask(host: other.Text, queue: "io", opcodes: ["write"]));
        using var nowhere = new RunningTrace(managed, Ask(address: "192.0.2.99"));
        await writes.AttachedAsync();
        InitiatorController late = await managed.ConnectAsync(options => options with { HostNqn = other, HostId = Guid.NewGuid() });
        Memory<byte> data = InitiatorController.AllocatePinned(64 * 1024);
        foreach (InitiatorController host in (InitiatorController[])[there, late])
        {
            (await host.WriteAsync(0, 1, 0, data.Length / BlockBytes, data)).Require("Write");
            (await host.ReadAsync(0, 1, 0, 1, data[..BlockBytes])).Require("Read");
        }

        PcapngFile file = (await writes.EndAsync()).File;
        PcapngFile nothing = (await nowhere.EndAsync()).File;

        // The TCP handshake, ICReq, ICResp, the Connect command and its response, then the write: capsule, R2T, data, response.
        Assert.Equal([-1, -1, 0, 1, 4, 5, 4, 9, 6, 5], file.Packets.Select(TypeOf));
        Assert.Equal(
            [0x7F, 0x01], file.Packets.Where(packet => TypeOf(packet) == CapsuleCmd).Select(packet => (int)packet.Packet[PduOffset + 8]));
        Assert.All(file.Packets, packet => Assert.Equal("", packet.Comment));
        Assert.Empty(nothing.Packets);
        Assert.Equal(0u, nothing.Statistics[^1].Count(4));
    }

    [Fact]
    public async Task A_refused_host_and_a_peer_that_breaks_the_protocol_are_seen()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        using var trace = new RunningTrace(managed, Ask(subsystem: "nqn.2026-11.com.example:nothing"));
        using var all = new RunningTrace(managed, Ask());
        await Assert.ThrowsAsync<InitiatorException>(() => managed.ConnectAsync(
            options => options with { SubsystemNqn = Nqn.Parse("nqn.2026-11.com.example:nothing") }));
        using (var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp))
        {
            await socket.ConnectAsync(managed.Server.EndPoints[0]);
            await socket.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            while (await socket.ReceiveAsync(new byte[1024]) > 0)
            {
                // Reads until the server closes the stream.
            }
        }
        await WaitAsync(() => managed.Server.ConnectionCount == 0);

        PcapngFile refused = (await trace.EndAsync()).File;
        PcapngFile broken = (await all.EndAsync()).File;

        Assert.Equal([-1, -1, 0, 1, 4, 5, -1], refused.Packets.Select(TypeOf));
        PcapngFile.Block offence = Assert.Single(
            broken.Packets, packet => packet.Comment.Contains("breaks the rules", StringComparison.Ordinal));
        Assert.Equal("GET / HT", Encoding.ASCII.GetString(offence.Packet[PduOffset..]));
        Assert.Contains(broken.Packets, packet => TypeOf(packet) == 3);
        Assert.Contains(broken.Packets, packet => packet.Comment == "The connection is over: ProtocolError");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(511)]
    [InlineData(512)]
    public async Task No_more_payload_is_kept_than_was_asked_for(int dataBytes)
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        InitiatorController host = await managed.ConnectAsync();
        using var trace = new RunningTrace(managed, Ask(queue: "1", data: dataBytes));
        await trace.AttachedAsync();
        Memory<byte> block = InitiatorController.AllocatePinned(BlockBytes);
        block.Span.Fill(0xA5);
        (await host.WriteAsync(0, 1, 0, 1, block)).Require("Write");
        (await host.ReadAsync(0, 1, 0, 1, block)).Require("Read");

        PcapngFile file = (await trace.EndAsync()).File;

        PcapngFile.Block write = Assert.Single(file.Packets, packet => TypeOf(packet) == CapsuleCmd && packet.Packet[PduOffset + 8] == 1);
        PcapngFile.Block read = Assert.Single(file.Packets, packet => TypeOf(packet) == C2HData);
        Assert.Equal((PduOffset + 72 + dataBytes, PduOffset + 72 + BlockBytes), (write.Captured, write.Original));
        Assert.Equal((PduOffset + 24 + dataBytes, PduOffset + 24 + BlockBytes), (read.Captured, read.Original));

        // Counts in the PDU only, because the TCP ports in the frame may contain the same byte value.
        Assert.Equal(dataBytes, write.Packet[PduOffset..].Count((byte)0xA5));
        Assert.Equal(dataBytes, read.Packet[PduOffset..].Count((byte)0xA5));
    }

    [Theory]
    [InlineData(0x7F, 0x05)]
    [InlineData(0x81, 0)]
    public async Task What_authenticates_a_host_is_in_no_trace(byte opcode, byte fabricsType)
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        InitiatorController host = await managed.ConnectAsync();
        using var trace = new RunningTrace(managed, Ask(data: TraceLimits.MaxDataBytes));
        await trace.AttachedAsync();
        Memory<byte> secret = InitiatorController.AllocatePinned(BlockBytes);
        secret.Span.Fill((byte)'^');

        CommandResult result = await host.Admin.SubmitAsync(new SubmissionEntry { Opcode = opcode, FabricsType = fabricsType }, secret);

        PcapngFile file = (await trace.EndAsync()).File;
        Assert.False(result.Status.IsSuccess);
        PcapngFile.Block capsule = Assert.Single(
            file.Packets, packet => TypeOf(packet) == CapsuleCmd && packet.Packet[PduOffset + 8] == opcode && packet.Comment == "");
        Assert.Equal((PduOffset + 72, PduOffset + 72 + BlockBytes), (capsule.Captured, capsule.Original));
        Assert.All(file.Packets, packet => Assert.Equal(-1, packet.Packet.IndexOf("^^^^"u8)));
    }

    [Fact]
    public async Task A_third_trace_is_refused_with_a_sentence_until_one_of_the_two_ends()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        HttpClient client = managed.OnSocket();
        using var first = new RunningTrace(managed, Ask());
        using (new RunningTrace(managed, Ask()))
        {
            using HttpResponseMessage refused = await client.GetAsync("/v1/trace");

            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
            Assert.Contains("2 traces, the maximum, are running", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using HttpResponseMessage taken = await client.GetAsync("/v1/trace?seconds=0.05");

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(2, new PcapngFile(await taken.Content.ReadAsByteArrayAsync()).Blocks.Count(block => block.Type is 1 or 5));
        await WaitAsync(() => managed.Server.Traces.RunningCount == 1);
    }

    [Fact]
    public async Task A_reader_that_goes_frees_its_place_and_its_connections()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        InitiatorController host = await managed.ConnectAsync();
        HttpClient client = managed.OnSocket();
        using (HttpResponseMessage response = await client.GetAsync("/v1/trace", HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(1, managed.Server.Traces.RunningCount);

        await WaitAsync(() => managed.Server.Traces.RunningCount == 0);
        await host.IdentifyAsync(1);
    }

    [Theory]
    [InlineData("opcode=raed", "There is no command 'raed'")]
    [InlineData("queue=x", "The queue is 'x'")]
    [InlineData("dataBytes=40000", "expected 0 to 32768")]
    public async Task A_wrong_parameter_is_explained(string query, string sentence)
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();

        using HttpResponseMessage response = await managed.OnSocket().GetAsync($"/v1/trace?{query}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(sentence, (await System.Net.Http.Json.HttpContentJsonExtensions.ReadFromJsonAsync<System.Text.Json.JsonElement>(
            response.Content)).GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, managed.Server.Traces.RunningCount);
    }

    [Fact]
    public async Task A_trace_ends_whole_before_it_is_too_large()
    {
        const int maxBytes = 20_000;
        await using ManagedServer managed = await ManagedServer.StartAsync();
        InitiatorController host = await managed.ConnectAsync();
        Task<byte[]> reading = managed.OnSocket().GetByteArrayAsync($"/v1/trace?maxBytes={maxBytes}&queue=io&opcode=read&opcode=write");
        Memory<byte> block = InitiatorController.AllocatePinned(BlockBytes);
        for (ulong number = 0; !reading.IsCompleted; number++)
            (await host.ReadAsync(0, 1, number % 1000, 1, block)).Require("Read");

        byte[] bytes = await reading;

        var file = new PcapngFile(bytes);
        Assert.InRange(bytes.Length, maxBytes - 500, maxBytes);
        Assert.Equal(5u, file.Blocks[^1].Type);
        Assert.Equal(file.Packets.Select(packet => packet.Time).Order(), file.Packets.Select(packet => packet.Time));
    }

    [Fact]
    public async Task What_its_reader_cannot_take_is_lost_and_counted_and_the_host_does_not_wait()
    {
        await using ManagedServer managed = await ManagedServer.StartAsync();
        InitiatorController host = await managed.ConnectAsync();

        // Nobody reads from the session, so its ring fills up.
        using TraceSession session = managed.View.StartTrace(Ask(data: TraceLimits.MaxDataBytes))!;
        Memory<byte> data = InitiatorController.AllocatePinned(32 * 1024);
        for (int count = 0; count < 2 * TraceLimits.RingBytes / data.Length; count++)
            (await host.ReadAsync(0, 1, 0, data.Length / BlockBytes, data)).Require("Read");
        long lost = session.LostCount;

        using var output = new MemoryStream();
        await session.RunAsync(output, new CancellationToken(canceled: true), CancellationToken.None);

        Assert.True(lost > 10, $"{lost} lost");
        var file = new PcapngFile(output.ToArray());
        Assert.InRange(output.Length, TraceLimits.RingBytes / 2, TraceLimits.RingBytes * 2);
        PcapngFile.Block statistics = file.Statistics[^1];
        Assert.True(statistics.Count(5) >= (ulong)lost);
        Assert.Equal((ulong)file.Packets.Count, statistics.Count(6));
        Assert.True(statistics.Count(4) >= statistics.Count(5) + statistics.Count(6));
    }

    [Theory]
    [InlineData(false, 0, 100)]
    [InlineData(true, 0, 100)]
    [InlineData(true, 64, 50)]
    [InlineData(true, TraceLimits.MaxDataBytes, 50)]
    public async Task A_PDU_allocates_nothing_on_the_thread_of_its_shard(bool isTraced, int dataBytes, int readPercent)
    {
        const int commands = 1500;
        await using ManagedServer managed = await ManagedServer.StartAsync();
        InitiatorController host = await managed.ConnectAsync();
        Memory<byte> data = InitiatorController.AllocatePinned(64 * 1024);
        Shard shard = managed.Server.Shards[0].Shard;
        using RunningTrace? trace = isTraced ? new RunningTrace(managed, Ask(data: dataBytes)) : null;
        async Task<long> WorkAsync()
        {
            long before = await AllocatedBytesAsync(shard);
            for (int number = 0; number < commands; number++)
            {
                Memory<byte> some = number % 100 < 2 ? data : data[..BlockBytes];
                CommandResult result = number % 100 < readPercent
                    ? await host.ReadAsync(0, 1, 0, some.Length / BlockBytes, some)
                    : await host.WriteAsync(0, 1, 0, some.Length / BlockBytes, some);
                result.Require("A command");
            }
            return await AllocatedBytesAsync(shard) - before;
        }
        await WorkAsync();

        // Takes the smallest of several measurements, because the runtime itself sometimes allocates on the thread when it recompiles a
        // method.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5 && least > 0; attempt++)
            least = Math.Min(least, await WorkAsync());

        Assert.Equal(0, least);
        if (trace is not null)
            Assert.True(trace.Session.KeptCount + trace.Session.LostCount > 2 * commands);
    }

    private static TraceRequest Ask(
        string? host = null,
        string? address = null,
        string? subsystem = null,
        string? queue = null,
        string[]? opcodes = null,
        int data = 0) =>
        TraceRequest.Parse(host, address, subsystem, queue, opcodes, data, maxBytes: null, seconds: null);

    // Returns the PDU type of a packet; -1 for a segment without a PDU.
    private static int TypeOf(PcapngFile.Block packet)
    {
        int headerBytes = 20 + (packet.Packet[32] >> 4 << 2);
        return packet.Captured > headerBytes ? packet.Packet[headerBytes] : -1;
    }

    // Some versions of the dissector print the field in decimal, others in hexadecimal.
    private static string Number(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? Convert.ToInt64(text, 16).ToString(System.Globalization.CultureInfo.InvariantCulture)
        : text;

    private static Task<long> AllocatedBytesAsync(Shard shard)
    {
        var result = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        shard.Post(static state => ((TaskCompletionSource<long>)state!).SetResult(GC.GetAllocatedBytesForCurrentThread()), result);
        return result.Task;
    }

    private static async Task WaitAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(10, patience.Token);
    }
}
