using System.Text;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Files and texts of the tests.</summary>
internal static class Samples
{
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Data", name);

    public static ConfigurationReading Read(string text) => ConfigurationFile.Parse(Encoding.UTF8.GetBytes(text));
}
