using ManagedNvmet.Protocol.Wire;
using Xunit;

namespace ManagedNvmet.Testing;

/// <summary>Lets a test compare a number with a field of a wire structure: <c>Assert.Equal(1000ul, entry.Result)</c>.</summary>
/// <remarks>Without these the compiler cannot choose a type for both arguments, because each type converts to the other.</remarks>
public static class WireIntegerAssertions
{
    extension(Assert)
    {
        /// <summary>Verifies that a 16-bit field has this value.</summary>
        public static void Equal(ushort expected, U16 actual) => Assert.Equal(expected, (ushort)actual);

        /// <summary>Verifies that a 32-bit field has this value.</summary>
        public static void Equal(uint expected, U32 actual) => Assert.Equal(expected, (uint)actual);

        /// <summary>Verifies that a 64-bit field has this value.</summary>
        public static void Equal(ulong expected, U64 actual) => Assert.Equal(expected, (ulong)actual);
    }
}
