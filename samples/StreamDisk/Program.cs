// Serves a disk over the streams of a Unix socket until Ctrl-C. Any reliable stream of bytes works the same way. A stock host comes in
// through a relay:
//   socat TCP-LISTEN:4420,bind=127.0.0.1,fork UNIX-CONNECT:/tmp/managed-nvmet-stream.sock
//   nvme connect --transport=tcp --traddr=127.0.0.1 --trsvcid=4420 --nqn=nqn.2026-12.io.example:stream
using System.IO.Pipelines;
using System.Net.Sockets;
using ManagedNvmet;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

string path = args is [{ } given, ..] ? given : "/tmp/managed-nvmet-stream.sock";
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Services.AddNvmet(options =>
{
    options.AcceptsPipes = true;
    options.AllowsAnyHost = true;
    options.SubsystemNqn = Nqn.Parse("nqn.2026-12.io.example:stream");
    options.Namespaces.Add(new NamespaceOptions { Specification = "mem:64M" });
});
using IHost host = builder.Build();
await host.StartAsync();
NvmetServer server = host.Services.GetRequiredService<NvmetServer>();
CancellationToken stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;

File.Delete(path);
using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
listening.Bind(new UnixDomainSocketEndPoint(path));
listening.Listen();
_ = AcceptAllAsync();
await host.WaitForShutdownAsync();
File.Delete(path);

async Task AcceptAllAsync()
{
    while (true)
        _ = ServeAsync(new NetworkStream(await listening.AcceptAsync(stopping), ownsSocket: true));
}

async Task ServeAsync(NetworkStream stream)
{
    await using (stream)
        await server.AcceptAsync(new StreamPipe(PipeReader.Create(stream), PipeWriter.Create(stream)), cancellationToken: stopping);
}

internal sealed record StreamPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
