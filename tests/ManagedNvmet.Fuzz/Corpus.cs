using System.Runtime.CompilerServices;

namespace ManagedNvmet.Fuzz;

/// <summary>The corpus: generated seed inputs, and inputs that once failed.</summary>
internal static class Corpus
{
    /// <summary>Loads the inputs of a fuzz target from the folder of this program.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Load(string target)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "corpus", target);
        return
        [
            .. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal)
                .Select(file => (Path.GetFileName(file), File.ReadAllBytes(file))),
        ];
    }

    /// <summary>Writes the seed inputs to the source folder.</summary>
    public static void Make([CallerFilePath] string thisFile = "")
    {
        foreach ((string target, string name, byte[] bytes) in Seeds())
        {
            string folder = Path.Combine(Path.GetDirectoryName(thisFile)!, "corpus", target);
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        }
    }

    private static IEnumerable<(string Target, string Name, byte[] Bytes)> Seeds()
    {
        foreach ((string target, int digests) in new[] { ("controller", 0), ("controller-digests", 3) })
        {
            yield return (target, "flush", Pdus.Capsule(Entries.Transfer(Entries.Flush, 1, 0), digests: digests));
            yield return (target, "read", Pdus.Capsule(Entries.Transfer(Entries.Read, 2, 9000), digests: digests));
            yield return (target, "in-capsule-write", Pdus.Capsule(Entries.InCapsule(Entries.Write, 3, 64), new byte[64], digests));
            yield return (
                target, "padded-write", Pdus.Capsule(Entries.InCapsule(Entries.Write, 3, 64), new byte[64], digests, dataOffset: 128));
            yield return (target, "write-and-data",
                [
                    .. Pdus.Capsule(Entries.Transfer(Entries.Write, 4, 96), digests: digests),
                    .. Pdus.HostData(4, 0, 0, new byte[48], false, digests),
                    .. Pdus.HostData(4, 0, 48, new byte[48], true, digests),
                ]);
            yield return (target, "farewell", Pdus.HostTermination(1, 8, new byte[24]));
            yield return (target, "nothing", []);
        }
        foreach ((string target, int digests) in new[] { ("host", 0), ("host-digests", 3) })
        {
            for (ushort slot = 0; slot < 5; slot++)
            {
                var commandId = (ushort)(slot | 8);
                yield return (
                    target,
                    $"response-{slot}",
                    Pdus.Assemble(PduType.CapsuleResp, 0, [.. new byte[12], (byte)commandId, 0, 0, 0], [], digests));
                yield return (
                    target,
                    $"r2t-{slot}",
                    Pdus.Assemble(PduType.R2T, 0, [(byte)commandId, 0, 1, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 0, 0, 0], [], digests));
                yield return (target, $"data-{slot}",
                    Pdus.Assemble(
                        PduType.C2HData,
                        (PduFlags)12,
                        [(byte)commandId, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0],
                        new byte[64],
                        digests));
            }
            yield return (target, "farewell", Pdus.HostTermination(1, 8, new byte[24]).With(0, 3));
        }
        for (byte digests = 0; digests < 4; digests++)
            yield return ("hand-shake", $"icreq-{digests}", Pdus.InitializeRequest((byte)(digests * 10), digests));
        yield return ("hand-shake", "connect", [.. Pdus.InitializeRequest(), .. Pdus.Capsule(Entries.Connect(1), Entries.ConnectData())]);
        yield return ("nqn-field", "usual", [.. "nqn.2026-11.com.example:disk1"u8, 0]);
        yield return ("nqn-field", "longest", [.. Enumerable.Repeat((byte)'x', 223), 0]);
        yield return ("nqn-field", "too-long", [.. Enumerable.Repeat((byte)'x', 256)]);
        yield return ("nqn-field", "utf8", [.. "nqn.2026-11.com.example:\u00e9\u20ac\U0001F600"u8, 0]);
        foreach ((string name, byte[] bytes) in MdnsTarget.Seeds())
        {
            yield return ("mdns-message", name, bytes);
            yield return ("mdns-responder", name, [0, 10, (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes]);
        }
        var random = new Random(1);
        foreach (string target in new[] { "conversation", "target" })
        {
            for (int index = 0; index < 8; index++)
            {
                var bytes = new byte[200 + (index * 100)];
                random.NextBytes(bytes);
                yield return (target, $"random-{index}", bytes);
            }
        }
    }
}
