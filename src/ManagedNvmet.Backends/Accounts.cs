using Mono.Unix;

namespace ManagedNvmet.Backends;

/// <summary>Names of users and groups, for messages.</summary>
internal static class Accounts
{
    public static string User(uint id) => Name(() => new UnixUserInfo(id).UserName, id);

    public static string Group(uint id) => Name(() => new UnixGroupInfo(id).GroupName, id);

    // A number without a name, or a system for which the library has no native half, is shown as the number.
    private static string Name(Func<string> look, uint id)
    {
        try
        {
            return look();
        }
        catch (Exception e) when (e is ArgumentException or DllNotFoundException or TypeInitializationException)
        {
            return id.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
