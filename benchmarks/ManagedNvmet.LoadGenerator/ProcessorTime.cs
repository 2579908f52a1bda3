using System.Globalization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Processor time of another process, from the kernel's account of it.</summary>
internal static class ProcessorTime
{
    private const int UserTicksField = 11;
    private const double MicrosecondsPerTick = 10_000;

    /// <summary>User and system time so far, in microseconds; in steps of 10 ms.</summary>
    public static double Microseconds(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");

        // The name in brackets may hold anything; what follows it is numbers.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = long.Parse(fields[UserTicksField], CultureInfo.InvariantCulture)
            + long.Parse(fields[UserTicksField + 1], CultureInfo.InvariantCulture);
        return ticks * MicrosecondsPerTick;
    }
}
