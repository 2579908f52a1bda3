using Mono.Unix;

namespace ManagedNvmet.Backends;

/// <summary>Names of users and groups, for messages.</summary>
internal static class Accounts
{
    public static string User(uint id) => Name(() => new UnixUserInfo(id).UserName, id);

    public static string Group(uint id) => Name(() => new UnixGroupInfo(id).GroupName, id);

    // Returns the number if it has no name, or if Mono.Unix has no native library for this system.
    private static string Name(Func<string> findName, uint id)
    {
        try
        {
            return findName();
        }
        catch (Exception e) when (e is ArgumentException or DllNotFoundException or TypeInitializationException)
        {
            return id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
