using BenchmarkDotNet.Attributes;
using ManagedNvmet.Protocol.Pdu;
using ManagedNvmet.Protocol.Wire;
using ManagedNvmet.Target.Commands;
using ManagedNvmet.Target.Commands.Tables;
using ManagedNvmet.Testing;

namespace ManagedNvmet.Benchmarks;

/// <summary>Time of the first steps of every command: read the header, validate it, find the class of the command.</summary>
[MemoryDiagnoser]
public class HeaderBenchmarks
{
    private readonly byte[] _capsule = Pdus.Capsule(Entries.Transfer(Entries.Read, 1, 4096));
    private readonly ConnectionParameters _parameters = ConnectionParameters.Initial;

    /// <summary>Reads command identifier and first block from the bytes of a capsule.</summary>
    [Benchmark]
    public ulong Parse()
    {
        ref readonly CommandCapsule read = ref WireStruct.Read<CommandCapsule>(_capsule);
        return read.Entry.CommandId + read.Entry.Cdw10And11;
    }

    /// <summary>Validates a common header.</summary>
    [Benchmark]
    public bool Validate() => PduRules
        .Check(WireStruct.Read<CommonHeader>(_capsule), fromHost: true, isExpected: true, _parameters, maxDataBytes: 1 << 20)
        .IsNone;

    /// <summary>Looks up an opcode's class and makes a virtual call on it.</summary>
    [Benchmark]
    public CommandEffects Dispatch() => CommandTables.Nvm[_capsule[CommonHeader.Size]]!.Effects;
}
