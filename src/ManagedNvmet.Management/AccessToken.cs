using System.Security.Cryptography;
using System.Text;

namespace ManagedNvmet.Management;

/// <summary>The secret that requests over TCP carry.</summary>
internal sealed class AccessToken
{
    // 16 characters of a random text are beyond guessing over a network.
    private const int MinLength = 16;
    private const int MaxFileBytes = 4096;
    private const string Scheme = "Bearer ";

    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly byte[] _hash;

    public AccessToken(string secret) => _hash = HashOf(secret);

    /// <exception cref="StartupException">The file cannot be read, others may read it, or it holds no token.</exception>
    public static AccessToken Load(string path)
    {
        try
        {
            UnixFileMode mode = File.GetUnixFileMode(path);
            if ((mode & OfOthers) != 0)
            {
                throw new StartupException($"The token file {path} may be used by others than its owner (mode {Convert.ToString((int)mode, 8)}); "
                    + $"expected mode 600: chmod 600 {path}.");
            }
            if (new FileInfo(path).Length > MaxFileBytes)
                throw new StartupException($"The token file {path} is larger than {MaxFileBytes} bytes; expected one line with a token.");
            string secret = File.ReadAllText(path).Trim();
            bool isSound = secret.Length >= MinLength && !secret.AsSpan().ContainsAnyExceptInRange('!', '~');
            return isSound
                ? new AccessToken(secret)
                : throw new StartupException($"The token file {path} holds no token; expected one line of {MinLength} or more printable ASCII "
                    + "characters without a space, such as 'openssl rand -hex 32' prints.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The token file {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>True when an Authorization header carries the token. Takes the same time whatever is wrong with it.</summary>
    public bool IsCarriedBy(string? authorization) =>
        authorization is not null
        && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(_hash, HashOf(authorization[Scheme.Length..].Trim()));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
