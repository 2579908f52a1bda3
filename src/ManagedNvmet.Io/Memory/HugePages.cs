using ManagedNvmet.Io.Native;

namespace ManagedNvmet.Io.Memory;

/// <summary>Transparent huge pages (/sys/kernel/mm/transparent_hugepage); nothing has to be reserved.</summary>
public static class HugePages
{
    /// <summary>Bytes of a huge page, on most machines. A huge page begins at a multiple of it.</summary>
    public const int Bytes = 2 * 1024 * 1024;

    private const int AdviceHugePage = 14;

    /// <summary>Asks for huge pages for memory that is not committed yet. The kernel uses ordinary pages where it has no huge
    /// ones.</summary>
    /// <param name="memory">The address at which it begins, at a multiple of 4096.</param>
    /// <param name="length">Bytes.</param>
    public static void Ask(nint memory, nuint length) => _ = LibC.Advise(memory, length, AdviceHugePage); // Advice changes no content.
}
