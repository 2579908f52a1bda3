using System.Globalization;

namespace ManagedNvmet.LoadGenerator;

/// <summary>Reads the CPU time of another process from /proc.</summary>
internal static class ProcessorTime
{
    // utime is field 14 of /proc/PID/stat, and thus the twelfth behind the name; stime follows it. A clock tick is 10 ms.
    private const int UserTicksField = 11;
    private const double MicrosecondsPerTick = 10_000;

    /// <summary>Returns user plus system time so far in microseconds, with a resolution of 10 ms.</summary>
    public static double Microseconds(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");

        // The name of the program, in parentheses, may contain spaces and parentheses, so the fields are counted behind the last one.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        long ticks = long.Parse(fields[UserTicksField], CultureInfo.InvariantCulture)
            + long.Parse(fields[UserTicksField + 1], CultureInfo.InvariantCulture);
        return ticks * MicrosecondsPerTick;
    }
}
