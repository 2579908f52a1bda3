namespace ManagedNvmet.Conformance;

/// <summary>Offsets and sizes in bytes of the PDU fields that scripts can name.</summary>
internal static class PduFields
{
    private static readonly Dictionary<string, (int Offset, int Size)> Common = new()
    {
        ["type"] = (0, 1),
        ["flags"] = (1, 1),
        ["hlen"] = (2, 1),
        ["pdo"] = (3, 1),
        ["plen"] = (4, 4),
    };

    private static readonly Dictionary<string, Dictionary<string, (int Offset, int Size)>> ByPdu = new()
    {
        ["ICReq"] = new() { ["pfv"] = (8, 2), ["hpda"] = (10, 1), ["dgst"] = (11, 1), ["maxr2t"] = (12, 4) },
        ["ICResp"] = new() { ["pfv"] = (8, 2), ["cpda"] = (10, 1), ["dgst"] = (11, 1), ["maxh2cdata"] = (12, 4) },
        ["H2CTermReq"] = new() { ["fes"] = (8, 2), ["fei"] = (10, 4) },
        ["C2HTermReq"] = new() { ["fes"] = (8, 2), ["fei"] = (10, 4) },
        ["H2CData"] = new() { ["cid"] = (8, 2), ["ttag"] = (10, 2), ["datao"] = (12, 4), ["datal"] = (16, 4) },
        ["C2HData"] = new() { ["cid"] = (8, 2), ["datao"] = (12, 4), ["datal"] = (16, 4) },
        ["R2T"] = new() { ["cid"] = (8, 2), ["ttag"] = (10, 2), ["r2to"] = (12, 4), ["r2tl"] = (16, 4) },
        ["CapsuleResp"] = new()
        {
            ["result"] = (8, 8),
            ["dw0"] = (8, 4),
            ["dw1"] = (12, 4),
            ["cntlid"] = (8, 2),
            ["sqhd"] = (16, 2),
            ["sqid"] = (18, 2),
            ["cid"] = (20, 2),
        },
    };

    private static readonly Dictionary<string, (int Offset, int Size)> Entry = new()
    {
        ["opc"] = (8, 1),
        ["fusepsdt"] = (9, 1),
        ["cid"] = (10, 2),
        ["nsid"] = (12, 4),
        ["fctype"] = (12, 1),
        ["cdw2"] = (16, 4),
        ["cdw3"] = (20, 4),
        ["sgladdr"] = (32, 8),
        ["sgllen"] = (40, 4),
        ["sgl"] = (47, 1),
        ["cdw10"] = (48, 4),
        ["cdw11"] = (52, 4),
        ["cdw12"] = (56, 4),
        ["cdw13"] = (60, 4),
        ["cdw14"] = (64, 4),
        ["cdw15"] = (68, 4),
        ["recfmt"] = (48, 2),
        ["qid"] = (50, 2),
        ["sqsize"] = (52, 2),
        ["cattr"] = (54, 1),
        ["kato"] = (56, 4),
        ["attrib"] = (48, 1),
        ["ofst"] = (52, 4),
        ["value"] = (56, 8),
        ["cns"] = (48, 1),
        ["cntid"] = (50, 2),
        ["csi"] = (55, 1),
        ["lid"] = (48, 1),
        ["lsp"] = (49, 1),
        ["numdl"] = (50, 2),
        ["numdu"] = (52, 2),
        ["lpo"] = (56, 8),
        ["fid"] = (48, 1),
        ["sel"] = (49, 1),
        ["sqid"] = (48, 2),
        ["acid"] = (50, 2),
        ["slba"] = (48, 8),
        ["nlb"] = (56, 2),
        ["control"] = (58, 2),
        ["nr"] = (48, 1),
        ["attributes"] = (52, 4),
    };

    public static (int Offset, int Size) Find(string pdu, string field)
    {
        if (Common.TryGetValue(field, out (int Offset, int Size) found))
            return found;
        Dictionary<string, (int Offset, int Size)> fields = ByPdu.GetValueOrDefault(pdu, Entry);
        return fields.TryGetValue(field, out found)
            ? found
            : throw new ScriptException($"{pdu} has no field '{field}'.");
    }

    public static ulong Read(ReadOnlySpan<byte> bytes, int offset, int size)
    {
        ulong value = 0;
        for (int index = size - 1; index >= 0; index--)
            value = (value << 8) | bytes[offset + index];
        return value;
    }

    public static void Write(Span<byte> bytes, int offset, int size, ulong value)
    {
        for (int index = 0; index < size; index++, value >>= 8)
            bytes[offset + index] = (byte)value;
    }
}
