namespace ManagedNvmet;

/// <summary>The identifiers by which hosts recognize a namespace on every path and after every restart.</summary>
/// <remarks>Each is globally unique and not zero. Hosts refuse a namespace if another one has the same identifier.</remarks>
/// <param name="Uuid">UUID (NIDT 3h).</param>
/// <param name="Nguid">Namespace Globally Unique Identifier, 16 bytes, as 32 hexadecimal digits in wire order (NIDT 2h).</param>
/// <param name="Eui64">IEEE Extended Unique Identifier, in wire order from the most significant byte (NIDT 1h).</param>
public sealed record NamespaceIdentity(Guid Uuid, UInt128 Nguid, ulong Eui64)
{
    /// <summary>Makes a new identity from random numbers. The EUI-64 has the locally administered bit set.</summary>
    public static NamespaceIdentity CreateRandom() => FromUuid(Guid.NewGuid());

    /// <summary>Makes the identity that belongs to a UUID: the same UUID gives the same NGUID and EUI-64 everywhere. The EUI-64 has the
    /// locally administered bit set.</summary>
    public static NamespaceIdentity FromUuid(Guid uuid)
    {
        Span<byte> random = stackalloc byte[System.Security.Cryptography.SHA256.HashSizeInBytes];
        System.Security.Cryptography.SHA256.HashData(uuid.ToByteArray(bigEndian: true), random);

        // Sets the locally administered bit and clears the multicast bit, so that no manufacturer's range contains the number.
        random[0] = (byte)((random[0] & 0xFC) | 0x02);
        random[16] = (byte)((random[16] & 0xFC) | 0x02);
        return new NamespaceIdentity(
            uuid,
            System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(random),
            System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(random[16..]));
    }
}
