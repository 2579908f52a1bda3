using BenchmarkDotNet.Attributes;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Benchmarks;

/// <summary>The first steps of every command: read the header, validate it, find the command's class.</summary>
[MemoryDiagnoser]
public class HeaderBenchmarks
{
    private readonly byte[] _capsule = Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 4096));
    private readonly ConnectionParameters _parameters = ConnectionParameters.Initial;

    /// <summary>Command identifier and first block out of a capsule's bytes.</summary>
    [Benchmark]
    public ulong Parse()
    {
        ref readonly CommandCapsule read = ref WireStruct.Read<CommandCapsule>(_capsule);
        return read.Entry.CommandId + read.Entry.Cdw10And11;
    }

    /// <summary>All checks of a common header.</summary>
    [Benchmark]
    public bool Validate() =>
        PduRules.Check(WireStruct.Read<CommonHeader>(_capsule), fromHost: true, isExpected: true, _parameters, maxDataBytes: 1 << 20).IsNone;

    /// <summary>From the opcode to a virtual call of its class.</summary>
    [Benchmark]
    public CommandEffects Dispatch() => CommandTables.Nvm[_capsule[CommonHeader.Size]]!.Effects;
}
