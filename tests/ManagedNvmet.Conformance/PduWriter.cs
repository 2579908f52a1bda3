using System.Buffers.Binary;
using System.Text;
using ManagedNvmet.Protocol.Digests;
using ManagedNvmet.Protocol.Wire;

namespace ManagedNvmet.Conformance;

/// <summary>Creates the PDU of a script's line. It makes a valid PDU, applies the values of the line, and computes the digests
/// last.</summary>
internal static class PduWriter
{
    private const int EntryHeader = 72;
    private const int DataHeader = 24;

    /// <param name="kind">Name of the PDU or command.</param>
    /// <param name="fields">Values of the line, after the replacement of variables.</param>
    /// <param name="digests">Negotiated digests: bit 0 is header, bit 1 is data.</param>
    /// <param name="subsystemNqn">Default SUBNQN of a Connect command.</param>
    public static byte[] Write(string kind, IReadOnlyDictionary<string, string> fields, int digests, string subsystemNqn)
    {
        byte[] header;
        byte[] data = [];
        switch (kind)
        {
            case "ICReq":
                header = Pdus.InitializeRequest();
                digests = 0;
                break;
            case "H2CTermReq":
                header = Pdus.HostTermination(0, 0);
                data = Data(fields, "copy", 24);
                digests = 0;
                break;
            case "H2CData":
                data = Data(
                    fields,
                    "len",
                    fields.TryGetValue("datal", out string? length) ? (int)Math.Min(ScriptValue.Number(length), 1 << 20) : 0);
                header = Pdus.HostData(0, 0, 0, data, fields.ContainsKey("last"))[..DataHeader];
                break;
            default:
                CommandKind command = CommandKind.Find(kind) ?? throw new ScriptException($"There is no PDU and no command '{kind}'.");
                (header, data) = Command(command, fields, subsystemNqn);
                break;
        }
        return Assemble(kind, header, data, fields, digests);
    }

    private static (byte[] Header, byte[] Data) Command(CommandKind kind, IReadOnlyDictionary<string, string> fields, string subsystemNqn)
    {
        var header = new byte[EntryHeader];
        header[0] = 4;
        header[2] = EntryHeader;
        header[8] = kind.Opcode;
        header[9] = 0x40;
        header[10] = 1;
        if (IsConnect(kind))
            header[52] = 31;
        header[12] = kind.FabricsType >= 0 ? (byte)kind.FabricsType : kind.NamespaceId;
        bool isInCapsule = fields.TryGetValue("sgl", out string? sgl) ? ScriptValue.Number(sgl) == 0x01 : kind.IsInCapsule;
        int length = fields.TryGetValue("len", out string? said) ? (int)ScriptValue.Number(said) : kind.Length;
        byte[] data = IsConnect(kind) ? ConnectData(fields, subsystemNqn) : [];
        if (data.Length > 0)
            data = fields.ContainsKey("len") ? [.. data.Take(length)] : data;
        else if (isInCapsule)
            data = Data(fields, "len", kind.Length);
        PduFields.Write(header, 40, 4, (ulong)(isInCapsule ? data.Length : length));
        header[47] = (byte)(isInCapsule ? 0x01 : 0x5A);
        if (!isInCapsule && !fields.ContainsKey("capsule"))
            data = [];
        if (kind.Opcode == 0x02 && kind.FabricsType < 0 && fields.ContainsKey("lid"))
            PduFields.Write(header, 50, 4, (ulong)((length / 4) - 1));
        return (header, data);
    }

    private static bool IsConnect(CommandKind kind) => kind is { Opcode: 0x7F, FabricsType: 0x01 };

    private static byte[] ConnectData(IReadOnlyDictionary<string, string> fields, string subsystemNqn)
    {
        byte[] data = Entries.ConnectData(fields.GetValueOrDefault("subnqn", subsystemNqn));
        Span<byte> host = data.AsSpan(ConnectCommandData.HostNqnOffset, Nqn.FieldBytes);
        host.Clear();
        Encoding.UTF8.GetBytes(fields.GetValueOrDefault("hostnqn", "nqn.2026-11.com.example:conformance"), host);
        if (fields.TryGetValue("cntlid", out string? controller))
            PduFields.Write(data, ConnectCommandData.ControllerIdOffset, 2, ScriptValue.Number(controller));
        return data;
    }

    private static byte[] Data(IReadOnlyDictionary<string, string> fields, string lengthField, int length)
    {
        if (fields.TryGetValue(lengthField, out string? said))
            length = (int)ScriptValue.Number(said);
        return ScriptValue.Bytes(fields.GetValueOrDefault("data", "zeros"), length);
    }

    private static byte[] Assemble(string kind, byte[] header, byte[] data, IReadOnlyDictionary<string, string> fields, int digests)
    {
        bool isTermination = kind == "H2CTermReq";
        int headerEnd = header.Length + ((digests & 1) * 4);
        int start = headerEnd;
        if (data.Length > 0 && fields.TryGetValue("pad", out string? pad))
            start += (int)ScriptValue.Number(pad);
        bool hasDataDigest = (digests & 2) != 0 && data.Length > 0;
        var pdu = new byte[(data.Length > 0 ? start : headerEnd) + data.Length + (hasDataDigest ? 4 : 0)];
        header.CopyTo(pdu, 0);
        data.CopyTo(pdu, data.Length > 0 ? start : headerEnd);
        Span<byte> dataPart = data.Length > 0 ? pdu.AsSpan(start, data.Length) : default;
        pdu[1] |= (byte)((digests & 1) | (hasDataDigest ? 2 : 0));
        pdu[3] = (byte)(data.Length > 0 && !isTermination ? start : 0);
        BinaryPrimitives.WriteInt32LittleEndian(pdu.AsSpan(4), pdu.Length);
        foreach ((string name, string value) in fields)
            Override(kind, name, value, pdu, dataPart, kind == "H2CData");
        if (hasDataDigest)
            BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(start + data.Length), Crc32C.Compute(dataPart));
        if ((digests & 1) != 0)
            BinaryPrimitives.WriteUInt32LittleEndian(pdu.AsSpan(header.Length), Crc32C.Compute(pdu.AsSpan(0, header.Length)));
        string? bad = fields.GetValueOrDefault("bad");
        if (bad == "hdgst")
            pdu[header.Length] ^= 1;
        if (bad == "ddgst")
            pdu[^1] ^= 1;
        return fields.TryGetValue("cut", out string? cut) ? pdu[..(int)ScriptValue.Number(cut)] : pdu;
    }

    /// <summary>Applies a value of the line to a named field, or to bytes of the data as <c>u32@8=… </c> or <c>fill@256:256=… </c>.
    /// </summary>
    private static void Override(string kind, string name, string value, byte[] pdu, Span<byte> data, bool isData)
    {
        if (name is "data" or "len" or "last" or "bad" or "cut" or "pad" or "copy" or "capsule" or "subnqn" or "hostnqn"
            || (name == "cntlid" && kind == "Connect"))
            return;
        int at = name.IndexOf('@');
        if (at > 0)
        {
            string[] place = name[(at + 1)..].Split(':');
            var offset = (int)ScriptValue.Number(place[0]);
            if (name.StartsWith("fill", StringComparison.Ordinal))
                data.Slice(offset, (int)ScriptValue.Number(place[1])).Fill((byte)ScriptValue.Number(value));
            else
                PduFields.Write(
                    data, offset, int.Parse(name[1..at], System.Globalization.CultureInfo.InvariantCulture) / 8, ScriptValue.Number(value));
            return;
        }
        if (name == "numd")
        {
            PduFields.Write(pdu, 50, 4, ScriptValue.Number(value));
            return;
        }
        (int fieldOffset, int size) = PduFields.Find(isData ? "H2CData" : kind, name);
        PduFields.Write(pdu, fieldOffset, size, ScriptValue.Number(value));
    }
}
