using System.Runtime.CompilerServices;

namespace ManagedNvmet.Target.Wire;

/// <summary>Eight bytes of text or of an identifier.</summary>
[InlineArray(8)]
internal struct Bytes8
{
    private byte _first;
}

/// <summary>Sixteen bytes of an identifier.</summary>
[InlineArray(16)]
internal struct Bytes16
{
    private byte _first;
}

/// <summary>Twenty bytes of text.</summary>
[InlineArray(20)]
internal struct Bytes20
{
    private byte _first;
}

/// <summary>Forty bytes of text.</summary>
[InlineArray(40)]
internal struct Bytes40
{
    private byte _first;
}

/// <summary>A field that holds an NVMe Qualified Name.</summary>
[InlineArray(Nqn.FieldBytes)]
internal struct BytesNqn
{
    private byte _first;
}
