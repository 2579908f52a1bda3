using ManagedNvmet.Initiator;
using Microsoft.Playwright;

namespace ManagedNvmet.Management.Tests;

/// <summary>The web page in a real browser. If the environment variable MANAGEDNVMET_SCREENSHOTS names a folder, the tests save screenshots
/// there.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private const int BlockBytes = 4096;
    private const float Patience = 60_000;
    private const string WrongHost = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555";

    private static readonly string[] Browsers = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private readonly List<string> _complaints = [];
    private ManagedServer _managed = null!;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        string? executable = Array.Find(Browsers, File.Exists);
        Assert.SkipWhen(executable is null, "There is no Chromium on this machine: apt-get install chromium.");
        _managed = await ManagedServer.StartAsync(withAddress: true);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = executable, Args = ["--no-sandbox", "--disable-gpu"], Timeout = Patience });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_managed is not null)
            await _managed.DisposeAsync();
    }

    [Theory]
    [InlineData("desk-light", 1360, 900, ColorScheme.Light)]
    [InlineData("desk-dark", 1360, 900, ColorScheme.Dark)]
    [InlineData("phone", 390, 844, ColorScheme.Dark)]
    public async Task The_page_shows_what_happens_without_a_complaint_of_the_browser(string name, int width, int height, ColorScheme scheme)
    {
        InitiatorController host = await _managed.ConnectAsync(options => options with { IoQueues = 4 });
        await RefuseAsync();
        IPage page = await OpenAsync(width, height, scheme);
        await EnterAsync(page, _managed.Token);

        using var done = new CancellationTokenSource();
        Task load = LoadAsync(host, done.Token);
        await page.WaitForFunctionAsync("() => samples.length >= 8 && samples.at(-1).reads > 0", null, new() { Timeout = Patience });
        await done.CancelAsync();
        await load;

        string text = await page.InnerTextAsync("#content");
        Assert.Contains("mem:64M", text, StringComparison.Ordinal);
        Assert.Contains(_managed.Server.EndPoints[0].ToString(), text, StringComparison.Ordinal);
        Assert.Contains("running", await page.InnerTextAsync("#state-pill"), StringComparison.Ordinal);
        Assert.Contains(WrongHost, await page.InnerTextAsync("#refusals"), StringComparison.Ordinal);
        Assert.Equal(1, await page.Locator("#sessions tbody tr").CountAsync());
        Assert.True((await page.Locator("#throughput path.read").GetAttributeAsync("d"))!.Length > 20, "There is no line in the chart.");
        Assert.True(
            await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= window.innerWidth"),
            "The page is wider than the window.");
        await ShootAsync(page, name);
        Assert.Empty(_complaints);
    }

    [Fact]
    public async Task Without_the_token_the_page_asks_for_it_and_shows_nothing()
    {
        IPage page = await OpenAsync(800, 600, ColorScheme.Light);
        await Assertions.Expect(page.Locator("#token-form")).ToBeVisibleAsync(new() { Timeout = Patience });
        await ShootAsync(page, "token");

        await page.FillAsync("#token", "wrong-token-wrong-token");
        await page.ClickAsync("button");

        await Assertions.Expect(page.Locator("#token-error")).ToHaveTextAsync(
            "The server does not know this token.", new() { Timeout = Patience });
        await Assertions.Expect(page.Locator("#content")).ToBeHiddenAsync();
        Assert.DoesNotContain("mem:64M", await page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_says_when_the_server_is_gone()
    {
        IPage page = await OpenAsync(800, 600, ColorScheme.Light);
        await EnterAsync(page, _managed.Token);

        await _managed.Management.StopAsync(CancellationToken.None);

        await Assertions.Expect(page.Locator("#state-pill")).ToHaveTextAsync("no answer", new() { Timeout = Patience });
    }

    [Fact]
    public async Task Everything_on_the_page_has_a_name_for_those_who_do_not_see_it()
    {
        IPage page = await OpenAsync(1000, 800, ColorScheme.Light);
        await EnterAsync(page, _managed.Token);

        string[] nameless = await page.EvaluateAsync<string[]>(
            """
            () => [
              ...[...document.querySelectorAll('svg[role=img]')].filter(each => !each.getAttribute('aria-label')).map(each => each.id),
              ...[...document.querySelectorAll('table')].filter(each => !each.getAttribute('aria-label')).map(() => 'table'),
              ...[...document.querySelectorAll('img')].filter(each => !each.hasAttribute('alt')).map(() => 'img'),
              ...[...document.querySelectorAll('input')].filter(each => !each.labels.length).map(each => each.id),
              ...[...document.querySelectorAll('section')]
                .filter(each => !each.hasAttribute('aria-label') && !each.hasAttribute('aria-labelledby')).map(() => 'section')
            ]
            """);

        Assert.Empty(nameless);
        Assert.Equal("en", await page.GetAttributeAsync("html", "lang"));
        Assert.Equal(1, await page.Locator("h1").CountAsync());
    }

    private async Task<IPage> OpenAsync(int width, int height, ColorScheme scheme)
    {
        IBrowserContext context = await _browser!.NewContextAsync(
            new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
        IPage page = await context.NewPageAsync();

        // Ignores the console messages with which the browser reports each 401 response.
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !message.Text.Contains("401", StringComparison.Ordinal))
                _complaints.Add(message.Text);
        };
        page.PageError += (_, error) => _complaints.Add(error);
        await page.GotoAsync(_managed.Address.ToString(), new() { Timeout = Patience });
        return page;
    }

    private static async Task EnterAsync(IPage page, string token)
    {
        await page.Locator("#token-form").WaitForAsync(new() { Timeout = Patience });
        await page.FillAsync("#token", token);
        await page.ClickAsync("button");
        await page.Locator("#content").WaitForAsync(new() { Timeout = Patience });
    }

    // A load that rises and falls, so that the charts show a curve.
    private static async Task LoadAsync(InitiatorController host, CancellationToken cancellationToken)
    {
        Memory<byte>[] data = [.. Enumerable.Range(0, 4).Select(_ => InitiatorController.AllocatePinned(BlockBytes))];
        for (int round = 0; !cancellationToken.IsCancellationRequested; round++)
        {
            int queue = round % 4;
            (await host.ReadAsync(queue, 1, (ulong)(round % 1000), BlockBytes / 512, data[queue])).Require("Read");
            if (round % 3 == 0)
                (await host.WriteAsync(queue, 1, (ulong)(round % 1000), BlockBytes / 512, data[queue])).Require("Write");
        }
    }

    // Connects a host to a subsystem that does not exist, which the server refuses.
    private async Task RefuseAsync() => await Assert.ThrowsAsync<InitiatorException>(() => _managed.ConnectAsync(options => options with
    {
        HostNqn = Nqn.Parse(WrongHost),
        SubsystemNqn = Nqn.Parse("nqn.2026-11.io.example:another"),
    }));

    private static async Task ShootAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("MANAGEDNVMET_SCREENSHOTS") is { Length: > 0 } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }
}
