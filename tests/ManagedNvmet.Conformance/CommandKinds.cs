namespace ManagedNvmet.Conformance;

/// <summary>A command that scripts can name. Scripts write other commands as <c>Command opc=…</c>.</summary>
/// <param name="Opcode">Opcode (OPC).</param>
/// <param name="FabricsType">Fabrics command type (FCTYPE), or -1.</param>
/// <param name="Length">Default length of the data in bytes.</param>
/// <param name="NamespaceId">Default NSID.</param>
/// <param name="IsInCapsule">True when the data is in the capsule by default.</param>
internal sealed record CommandKind(byte Opcode, int FabricsType = -1, int Length = 0, byte NamespaceId = 0, bool IsInCapsule = false)
{
    private static readonly Dictionary<string, CommandKind> Kinds = new()
    {
        ["Command"] = new(0),
        ["PropertySet"] = new(0x7F, 0x00),
        ["Connect"] = new(0x7F, 0x01, 1024, IsInCapsule: true),
        ["PropertyGet"] = new(0x7F, 0x04),
        ["Disconnect"] = new(0x7F, 0x08),
        ["Fabrics"] = new(0x7F),
        ["GetLogPage"] = new(0x02, Length: 4096),
        ["Identify"] = new(0x06, Length: 4096),
        ["Abort"] = new(0x08),
        ["SetFeatures"] = new(0x09),
        ["GetFeatures"] = new(0x0A),
        ["AsyncEventRequest"] = new(0x0C),
        ["KeepAlive"] = new(0x18),
        ["Flush"] = new(0x00, NamespaceId: 1),
        ["Write"] = new(0x01, Length: 512, NamespaceId: 1, IsInCapsule: true),
        ["Read"] = new(0x02, Length: 512, NamespaceId: 1),
        ["WriteZeroes"] = new(0x08, NamespaceId: 1),
        ["DatasetManagement"] = new(0x09, Length: 16, NamespaceId: 1, IsInCapsule: true),
    };

    public static CommandKind? Find(string name) => Kinds.GetValueOrDefault(name);
}
