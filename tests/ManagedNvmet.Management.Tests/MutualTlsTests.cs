using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ManagedNvmet.Management.Tests;

public sealed class MutualTlsTests : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly string _folder = Directory.CreateTempSubdirectory("managed-nvmet-certificates-").FullName;

    [Fact]
    public async Task Only_clients_with_a_certificate_of_the_authority_come_in()
    {
        using X509Certificate2 authority = MakeAuthority("ours");
        using X509Certificate2 stranger = MakeAuthority("another's");
        using X509Certificate2 server = Make("server", authority, ServerAuthentication);
        using X509Certificate2 friend = Make("friend", authority, ClientAuthentication);
        using X509Certificate2 foreign = Make("foreign", stranger, ClientAuthentication);
        using X509Certificate2 misused = Make("misused", authority, ServerAuthentication);
        string authorityFile = Write("authority.pem", authority.ExportCertificatePem());
        string certificateFile = Write("server.pem", server.ExportCertificatePem());
        string keyFile = Write("server.key", server.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await using ManagedServer managed = await ManagedServer.StartAsync(withAddress: true, change: options => options with
        {
            TokenFile = null,
            CertificateFile = certificateFile,
            CertificateKeyFile = keyFile,
            ClientAuthorityFile = authorityFile,
        });
        IPEndPoint endPoint = managed.Management.EndPoints[0];

        Assert.Equal(HttpStatusCode.OK, await AskAsync(endPoint, friend));
        Assert.Null(await AskAsync(endPoint, null));
        Assert.Null(await AskAsync(endPoint, foreign));
        Assert.Null(await AskAsync(endPoint, misused));
    }

    [Fact]
    public async Task An_authority_without_a_certificate_of_the_server_is_refused()
    {
        StartupException refusal = await Assert.ThrowsAsync<StartupException>(() => ManagedServer.StartAsync(
            withAddress: true, change: options => options with { TokenFile = null, ClientAuthorityFile = "authority.pem" }));

        Assert.Contains("--management-certificate", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no certificate")]
    [InlineData("")]
    public async Task A_file_that_holds_no_certificate_is_named(string content)
    {
        string path = Write("empty.pem", content);

        StartupException refusal = await Assert.ThrowsAsync<StartupException>(() => ManagedServer.StartAsync(
            withAddress: true, change: options => options with { CertificateFile = path }));

        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Returns null when the handshake fails.
    private static async Task<HttpStatusCode?> AskAsync(IPEndPoint endPoint, X509Certificate2? certificate)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
                ClientCertificates = certificate is null ? null : [certificate],
                LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
            },
        };
        using var client = new HttpClient(handler);
        try
        {
            using HttpResponseMessage response = await client.GetAsync($"https://{endPoint}/v1/status");
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static X509Certificate2 MakeAuthority(string name)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }

    private static X509Certificate2 Make(string name, X509Certificate2 authority, string purpose)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        using X509Certificate2 certificate = request.Create(
            authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
