using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ManagedNvmet.Management;

/// <summary>Token and certificates for the management interface over TCP. They are read from the files of the options once, before the
/// server listens. All are null when no TCP address is configured.</summary>
internal sealed record TcpCredentials(AccessToken? Token, X509Certificate2? Certificate, X509Certificate2Collection? ClientAuthority)
{
    /// <summary>Reads the files that the options name.</summary>
    /// <exception cref="StartupException">A file is missing or invalid, or the options name neither a token nor a client
    /// authority.</exception>
    public static TcpCredentials Load(ManagementOptions options)
    {
        if (options.EndPoints.Count == 0)
            return new TcpCredentials(null, null, null);
        if (options.TokenFile is null && options.ClientAuthorityFile is null)
        {
            throw new StartupException($"Management over TCP ({string.Join(", ", options.EndPoints)}) requires access control: give "
                + "--management-token-file FILE, or --management-client-ca FILE with --management-certificate FILE.");
        }
        if (options.ClientAuthorityFile is not null && options.CertificateFile is null)
        {
            throw new StartupException(
                "--management-client-ca requires TLS: give the server's certificate with --management-certificate FILE.");
        }
        return new TcpCredentials(
            options.TokenFile is { } token ? AccessToken.Load(token) : null,
            options.CertificateFile is { } certificate ? LoadCertificate(certificate, options.CertificateKeyFile) : null,
            options.ClientAuthorityFile is { } authority ? LoadAuthority(authority) : null);
    }

    private static X509Certificate2 LoadCertificate(string certificate, string? key)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception exception) when (exception
            is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartupException(
                $"The certificate {certificate}{(key is null ? "" : $" with the key {key}")} cannot be used: {exception.Message} "
                + "Expected PEM files with a certificate and its private key (--management-certificate, --management-key).",
                exception);
        }
    }

    private static X509Certificate2Collection LoadAuthority(string path)
    {
        try
        {
            var authority = new X509Certificate2Collection();
            authority.ImportFromPemFile(path);
            return authority.Count > 0
                ? authority
                : throw new StartupException(
                    $"{path} holds no certificate; expected a PEM file with at least one (--management-client-ca).");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The client authority {path} cannot be used: {exception.Message} (--management-client-ca)", exception);
        }
    }
}
