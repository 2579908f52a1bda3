// An ASP.NET Core application that serves a page on one port and a disk on another, both on this machine only, until Ctrl-C:
//   curl http://127.0.0.1:5000/
//   nvme connect --transport=tcp --traddr=127.0.0.1 --trsvcid=4420 --nqn=nqn.2026-12.io.example:web
using ManagedNvmet;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddNvmet(options =>
{
    options.AcceptsPipes = true;
    options.AllowsAnyHost = true;
    options.SubsystemNqn = Nqn.Parse("nqn.2026-12.io.example:web");
    options.Namespaces.Add(new NamespaceOptions { Specification = "mem:64M" });
});
builder.WebHost.ConfigureKestrel((context, kestrel) =>
{
    kestrel.ListenLocalhost(context.Configuration.GetValue("PagePort", 5000));
    kestrel.ListenLocalhost(context.Configuration.GetValue("DiskPort", 4420), listen => listen.UseNvmet());
});
WebApplication application = builder.Build();
application.MapGet("/", (NvmetServer server) => $"{server.ConnectionCount} connections to the disk\n");
await application.RunAsync();
