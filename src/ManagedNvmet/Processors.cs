namespace ManagedNvmet;

/// <summary>The processors of this machine.</summary>
internal static class Processors
{
    private const string OnlineFile = "/sys/devices/system/cpu/online";

    /// <summary>The number of processors that this process may use.</summary>
    public static int Allowed => Environment.ProcessorCount;

    /// <summary>The number of online processors.</summary>
    public static int Online => Math.Max(Allowed, Count(OnlineText()));

    /// <summary>Returns true when the given number of spinning threads leaves at least one processor of the machine free.</summary>
    public static bool CanSpareSome(int threads) => threads <= Allowed && threads < Online;

    /// <summary>Returns the number of processors in a list such as "0-3,6"; 0 when it is not a list.</summary>
    internal static int Count(string list)
    {
        int count = 0;
        foreach (string part in list.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            if (!int.TryParse(ends[0], out int first) || !int.TryParse(ends[^1], out int last) || last < first)
                return 0;
            count += last - first + 1;
        }
        return count;
    }

    private static string OnlineText()
    {
        try
        {
            return File.ReadAllText(OnlineFile);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
