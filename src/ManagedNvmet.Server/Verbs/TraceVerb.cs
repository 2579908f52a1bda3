using System.CommandLine;
using System.Globalization;
using System.Net;
using ManagedNvmet.Backends;
using ManagedNvmet.Management.Api;
using ManagedNvmet.Reports;
using ManagedNvmet.Tracing;
using Microsoft.Win32.SafeHandles;

namespace ManagedNvmet.Server.Verbs;

/// <summary>The <c>trace</c> verb: writes the PDUs of hosts and server into a file for Wireshark.</summary>
internal sealed class TraceVerb : ServerVerb
{
    private const string StandardOutput = "-";
    private const int StandardOutputNumber = 1;

    // What every Wireshark takes for NVMe/TCP without being told.
    private const int KnownPort = 4420;

    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "Where to: a file, which is replaced, or - for standard output",
        DefaultValueFactory = _ => StandardOutput,
        HelpName = "FILE|-",
    };

    private static readonly Option<string?> Host = new("--host") { Description = "Only this host", HelpName = "NQN" };

    private static readonly Option<string?> Address = new("--address") { Description = "Only hosts at this address", HelpName = "IP" };

    private static readonly Option<string?> Subsystem = new("--subsystem") { Description = "Only this subsystem", HelpName = "NQN" };

    private static readonly Option<string?> Queue = new("--queue")
    {
        Description = "Only queues of this number or kind",
        HelpName = "NUMBER|admin|io",
    };

    private static readonly Option<string[]> Opcode = new("--opcode")
    {
        Description =
            "Only commands of these names or numbers, such as read, get-log-page or 0x0c, with their data and responses. Repeatable",
        HelpName = "NAME|NUMBER",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Duration = new("--duration")
    {
        Description = "End after this time, such as 30s, 5m or 1h. Default: Ctrl-C",
        HelpName = "TIME",
    };

    private static readonly Option<string?> MaxBytes = new("--max-bytes")
    {
        Description = "End before the file is larger than this. Default: 64M",
        HelpName = "SIZE",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description =
            $"Keep so many bytes of the payload of each PDU, at most {TraceLimits.MaxDataBytes / 1024}K. Default: 0, none of what is "
            + "read and written",
        HelpName = "SIZE",
    };

    public TraceVerb()
        : base(
            "trace",
            "Writes the PDUs of hosts as they come, decrypted, as a pcapng file that Wireshark's NVMe/TCP dissector reads: "
                + "managed-nvmet trace | tshark -r -")
    {
        foreach (Option option in (Option[])[Output, Host, Address, Subsystem, Queue, Opcode, Duration, MaxBytes, Data])
            Command.Add(option);
    }

    protected override async Task RunAsync(VerbCall call)
    {
        string path = call.Result.GetValue(Output) ?? StandardOutput;
        if (path.Length == 0)
            throw new UsageException("--output is empty, expected a file, or - for standard output.");
        if (path == StandardOutput && !Console.IsOutputRedirected)
            throw new UsageException("A trace is no text for a terminal; give --output FILE, or send it to a program: | tshark -r -");
        string query = QueryOf(call);
        TextWriter messages = call.Result.InvocationConfiguration.Error;
        TraceCopy copy;
        try
        {
            (HttpResponseMessage response, Stream source) = await call.Client.OpenAsync($"/v1/trace{query}", call.CancellationToken)
                .ConfigureAwait(false);
            using (response)
            {
                await TellPortsAsync(call, messages).ConfigureAwait(false);
                Stream target = Open(path);
                await using (target.ConfigureAwait(false))
                {
                    copy = new TraceCopy(source, target, Console.IsErrorRedirected || call.Output.IsJson ? null : messages);
                    await copy.RunAsync(call.CancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (call.CancellationToken.IsCancellationRequested)
        {
            // Ctrl-C before the first packet.
            return;
        }
        await messages.WriteLineAsync(call.Output.IsJson
            ? string.Create(CultureInfo.InvariantCulture, $$"""{"packets":{{copy.Packets}},"bytes":{{copy.Bytes}},"lost":{{copy.Lost}}}""")
            : copy.Summary).ConfigureAwait(false);
    }

    private static string QueryOf(VerbCall call)
    {
        List<string> parts = [];
        void Add(string name, string? value)
        {
            if (value is not null)
                parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
        Add("host", call.Result.GetValue(Host));
        Add("address", call.Result.GetValue(Address));
        Add("subsystem", call.Result.GetValue(Subsystem));
        Add("queue", call.Result.GetValue(Queue));
        foreach (string opcode in call.Result.GetValue(Opcode) ?? [])
            Add("opcode", opcode);
        Add("seconds", SecondsOf(call.Result.GetValue(Duration)));
        Add("maxBytes", BytesOf("--max-bytes", call.Result.GetValue(MaxBytes)));
        Add("dataBytes", BytesOf("--data", call.Result.GetValue(Data)));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private static string? BytesOf(string option, string? text)
    {
        if (text is null)
            return null;
        return ByteSize.TryParse(text, out ulong bytes) && bytes <= long.MaxValue
            ? bytes.ToString(CultureInfo.InvariantCulture)
            : throw new UsageException($"{option} is '{text.ReplaceLineEndings(" ")}', expected a size such as 512, 4K or 64M.");
    }

    private static string? SecondsOf(string? text)
    {
        if (text is null)
            return null;
        (string Unit, double Seconds)[] units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)];
        (string unit, double seconds) = Array.Find(units, each => text.EndsWith(each.Unit, StringComparison.Ordinal));
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out double count) && count > 0
            ? (count * seconds).ToString(CultureInfo.InvariantCulture)
            : throw new UsageException($"--duration is '{text.ReplaceLineEndings(" ")}', expected a time such as 30s, 5m or 1h.");
    }

    private static Stream Open(string path)
    {
        try
        {
            // Not Console.OpenStandardOutput: that stream hides that the reader has gone.
            if (path == StandardOutput)
                return new FileStream(new SafeFileHandle(StandardOutputNumber, ownsHandle: false), FileAccess.Write, bufferSize: 0);

            // The file may hold payload: only its owner may read it.
            return new FileStream(path, new FileStreamOptions
            {
                BufferSize = 0,
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                Share = FileShare.Read,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new VerbException(ExitCode.Failed, $"{path} cannot be written: {exception.Message}");
        }
    }

    // A reader that shows nothing but TCP is puzzling.
    private static async Task TellPortsAsync(VerbCall call, TextWriter messages)
    {
        IReadOnlyList<PortReport> ports = await call.Client.GetAsync(
            "/v1/ports", ManagementJson.Default.IReadOnlyListPortReport, call.CancellationToken).ConfigureAwait(false);
        int[] others =
        [
            .. ports.Select(port => IPEndPoint.TryParse(port.Address, out IPEndPoint? address) ? address.Port : KnownPort)
                .Where(port => port != KnownPort).Distinct().Order(),
        ];
        if (others.Length > 0 && !call.Output.IsJson)
        {
            await messages.WriteLineAsync("Tell Wireshark or tshark the port: "
                + string.Join(' ', others.Select(port => $"-d tcp.port=={port},nvme-tcp"))).ConfigureAwait(false);
        }
    }
}
