using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ManagedNvmet.Management;

/// <summary>Who may come over TCP: what the files of the options hold, read once and checked before anything listens.</summary>
internal sealed record TcpAccess(AccessToken? Token, X509Certificate2? Certificate, X509Certificate2Collection? ClientAuthority)
{
    /// <exception cref="StartupException">A file is missing or unfit, or nothing says who may come.</exception>
    public static TcpAccess Load(ManagementOptions options)
    {
        if (options.EndPoints.Count == 0)
            return new TcpAccess(null, null, null);
        if (options.TokenFile is null && options.ClientAuthorityFile is null)
        {
            throw new StartupException($"Management over TCP ({string.Join(", ", options.EndPoints)}) needs to know who may come: give "
                + "--management-token-file FILE, or --management-client-ca FILE with --management-certificate FILE.");
        }
        if (options.ClientAuthorityFile is not null && options.CertificateFile is null)
            throw new StartupException("--management-client-ca needs TLS: give the server's certificate with --management-certificate FILE.");
        return new TcpAccess(
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
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
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
                : throw new StartupException($"{path} holds no certificate; expected a PEM file with one (--management-client-ca).");
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The authority {path} cannot be used: {exception.Message} (--management-client-ca)", exception);
        }
    }
}
