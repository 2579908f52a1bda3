using System.Security.Cryptography;
using System.Text;

namespace ManagedNvmet.Management;

/// <summary>The bearer token of the management interface. A request over TCP carries it in its Authorization header.</summary>
internal sealed class AccessToken
{
    // Nobody guesses 16 random characters over a network.
    private const int MinLength = 16;
    private const int MaxFileBytes = 4096;
    private const string Scheme = "Bearer ";

    private const UnixFileMode GroupOrOther = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly byte[] _hash;

    public AccessToken(string secret) => _hash = HashOf(secret);

    /// <summary>Reads the token from a file. The file must have mode 600 and hold one line.</summary>
    /// <exception cref="StartupException">The file is unreadable, accessible to other users, too large, or holds no valid
    /// token.</exception>
    public static AccessToken Load(string path)
    {
        try
        {
            UnixFileMode mode = File.GetUnixFileMode(path);
            if ((mode & GroupOrOther) != 0)
            {
                throw new StartupException($"Users other than the owner can access the token file {path} "
                    + $"(mode {Convert.ToString((int)mode, 8)}); expected mode 600: chmod 600 {path}.");
            }
            if (new FileInfo(path).Length > MaxFileBytes)
                throw new StartupException($"The token file {path} is larger than {MaxFileBytes} bytes; expected one line with a token.");
            string secret = File.ReadAllText(path).Trim();
            bool isValid = secret.Length >= MinLength && !secret.AsSpan().ContainsAnyExceptInRange('!', '~');
            return isValid
                ? new AccessToken(secret)
                : throw new StartupException($"The token file {path} holds no valid token; expected one line of {MinLength} or more "
                    + "printable ASCII characters without a space, such as 'openssl rand -hex 32' prints.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The token file {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Returns true when an Authorization header carries this token. Compares in constant time, so that the duration does not
    /// reveal how much of a wrong token is right.</summary>
    public bool Matches(string? authorization) =>
        authorization is not null
        && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(_hash, HashOf(authorization[Scheme.Length..].Trim()));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
