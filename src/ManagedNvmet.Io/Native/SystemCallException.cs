using System.Runtime.InteropServices;

namespace ManagedNvmet.Io.Native;

/// <summary>A system call failed at start-up, where a person reads about it.</summary>
public sealed class SystemCallException : IOException
{
    /// <summary>Names the call and the error.</summary>
    /// <param name="call">What was called.</param>
    /// <param name="errno">The error number, positive.</param>
    public SystemCallException(string call, int errno)
        : base($"{call} failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}).") => ErrorNumber = errno;

    /// <summary>The error number, positive.</summary>
    public int ErrorNumber { get; }
}
