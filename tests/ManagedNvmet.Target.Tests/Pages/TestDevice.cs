using ManagedNvmet.Target.Namespaces;

namespace ManagedNvmet.Target.Tests.Pages;

/// <summary>A device with properties only. Requests to it throw.</summary>
internal sealed class TestDevice(BlockDeviceProperties properties) : BlockDevice
{
    public static readonly NamespaceIdentity Identity = new(
        Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"),
        UInt128.Parse("0A1B2C3D4E5F60718293A4B5C6D7E8F9", System.Globalization.NumberStyles.HexNumber),
        0x0211223344556677);

    public override BlockDeviceProperties Properties { get; } = properties;

    public static Namespace As(uint id, BlockDeviceProperties properties) => new(id, new TestDevice(properties), Identity);

    public static Namespace As(uint id) => As(id, new BlockDeviceProperties { BlockSize = 512, BlockCount = 1000 });

    public override void Submit(BlockRequest request) => throw new NotSupportedException();
}
