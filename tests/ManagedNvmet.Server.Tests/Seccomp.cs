using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ManagedNvmet.Server.Tests;

/// <summary>Installs seccomp filters that deny system calls to the calling thread and the processes that it starts, as containers and
/// systemd units do.</summary>
internal static class Seccomp
{
    private const int OperationNotPermitted = 1;
    private const int FamilyNotSupported = 97;
    private const int NetlinkFamily = 16;
    private const int NoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const int FilterMode = 2;
    private const uint Allow = 0x7FFF_0000;
    private const uint Fail = 0x0005_0000;
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;

    /// <summary>Makes io_uring_setup fail with EPERM.</summary>
    public static void ForbidUring() => Install(
        [new(LoadWord, 0, 0, 0), new(JumpIfEqual, 0, 1, 425), new(Return, 0, 0, Fail | OperationNotPermitted), new(Return, 0, 0, Allow)]);

    /// <summary>Makes AF_NETLINK sockets fail with EAFNOSUPPORT, as systemd's RestrictAddressFamilies= does without AF_NETLINK.</summary>
    public static void ForbidNetlink() => Install(
    [
        new(LoadWord, 0, 0, 0), new(JumpIfEqual, 0, 3, RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 41u : 198u),
        new(LoadWord, 0, 0, 16), new(JumpIfEqual, 0, 1, NetlinkFamily),
        new(Return, 0, 0, Fail | FamilyNotSupported), new(Return, 0, 0, Allow),
    ]);

    private static void Install(Instruction[] program)
    {
        int size = Marshal.SizeOf<Instruction>();
        nint filter = Marshal.AllocHGlobal(program.Length * size);
        nint header = Marshal.AllocHGlobal(Marshal.SizeOf<Program>());
        try
        {
            for (int i = 0; i < program.Length; i++)
                Marshal.StructureToPtr(program[i], filter + (i * size), false);
            Marshal.StructureToPtr(new Program { Length = (ushort)program.Length, Filter = filter }, header, false);
            if (Control(NoNewPrivileges, 1, 0, 0, 0) != 0 || Control(SetSeccomp, FilterMode, header, 0, 0) != 0)
                throw new Win32Exception(Marshal.GetLastPInvokeError(), "The filter cannot be installed");
        }
        finally
        {
            Marshal.FreeHGlobal(filter);
            Marshal.FreeHGlobal(header);
        }
    }

    [DllImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static extern int Control(int option, nint first, nint second, nint third, nint fourth);

    [StructLayout(LayoutKind.Sequential)]
    private record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public nint Filter;
    }
}
