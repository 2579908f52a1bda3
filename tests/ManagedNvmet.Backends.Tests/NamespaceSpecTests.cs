using ManagedNvmet.Backends.Kinds;

namespace ManagedNvmet.Backends.Tests;

public class NamespaceSpecTests
{
    [Theory]
    [InlineData("4096", 4096UL)]
    [InlineData("512M", 512UL << 20)]
    [InlineData("1GiB", 1UL << 30)]
    [InlineData("10g", 10UL << 30)]
    [InlineData("1T", 1UL << 40)]
    [InlineData("3kb", 3072UL)]
    public void A_size_may_have_a_unit(string text, ulong bytes)
    {
        Assert.True(ByteSize.TryParse(text, out ulong value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("1X")]
    [InlineData("1 G")]
    [InlineData("99999999999999999999")]
    [InlineData("99999999P")]
    public void What_is_no_size_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Fact]
    public void A_path_with_options_is_understood()
    {
        const string Options = "ro,block-size=4096,force,buffered,create=1G,uuid=6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        NamespaceSpec spec = NamespaceSpec.Parse($"/dev/sdb,{Options}");
        Assert.IsType<FileBackend>(spec.Kind);
        Assert.Equal("/dev/sdb", spec.Subject);
        Assert.True(spec.IsReadOnly && spec.IsForced && spec.IsBuffered);
        Assert.Equal((4096, 1UL << 30), (spec.BlockSize, spec.CreateBytes));
        Assert.Equal(Guid.Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), spec.Uuid);
    }

    [Theory]
    [InlineData("mem:1G", typeof(MemoryBackend), "mem:1073741824")]
    [InlineData("null:10T,ro", typeof(NullBackend), "null:10995116277760")]
    public void Memory_and_null_have_a_size(string text, Type kind, string name)
    {
        NamespaceSpec spec = NamespaceSpec.Parse(text);
        Assert.Equal((kind, name), (spec.Kind.GetType(), spec.Kind.NameOf(spec)));
    }

    [Theory]
    [InlineData("file:mem:1G", "mem:1G")]
    [InlineData(@"/a\,b,ro", "/a,b")]
    [InlineData(@"/a\\,ro", @"/a\")]
    [InlineData(@"/a\b,ro", @"/a\b")]
    public void A_path_can_hold_any_character(string text, string path) => Assert.Equal(path, NamespaceSpec.Parse(text).Subject);

    [Theory]
    [InlineData("", "expected PATH, mem:SIZE or null:SIZE")]
    [InlineData("file:", "The path is empty")]
    [InlineData("mem:", "is no size")]
    [InlineData("mem:0", "is no size")]
    [InlineData("mem:big", "is no size")]
    [InlineData("/x,readonly", "The options are block-size, buffered, create, force, ro, uuid")]
    [InlineData("/x,blocksize=512", "Did you mean block-size?")]
    [InlineData("/x,forced", "Did you mean force?")]
    [InlineData("/x,", "There is no option \"\"")]
    [InlineData("/x,block-size=520", "expected 512, 1024, 2048 or 4096")]
    [InlineData("/x,block-size", "needs a value")]
    [InlineData("/x,ro=yes", "takes no value")]
    [InlineData("/x,uuid=1", "is no UUID")]
    [InlineData("/x,uuid=00000000-0000-0000-0000-000000000000", "not all zero")]
    [InlineData("mem:1G,force", "The option force is for PATH, and \"mem:1G,force\" is mem:SIZE")]
    public void What_is_wrong_is_said(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<BackendException>(() => NamespaceSpec.Parse(text)).Message);

    [Fact]
    public async Task Every_kind_opens_its_device()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "disk");
        foreach ((string text, Type type) in new[]
        {
            ("mem:1M", typeof(MemoryDevice)),
            ("null:1M,block-size=4096", typeof(NullDevice)),
            ($"{path},create=1M", typeof(FileDevice)),
        })
        {
            NamespaceSpec spec = NamespaceSpec.Parse(text);
            await using BlockDevice device = spec.Kind.Open(spec, new CollectedLog());
            Assert.IsType(type, device);
            Assert.Equal(1UL << 20, device.Properties.SizeBytes);
        }
    }

    [Fact]
    public void A_kind_that_is_added_is_written_like_the_others()
    {
        BackendKinds kinds = BackendKinds.Default.With(new DelegateBackend("s3", (_, _) => new NullDevice(512)));
        NamespaceSpec spec = NamespaceSpec.Parse("s3:bucket/key,ro", kinds);
        Assert.Equal(("s3", "bucket/key", true), (spec.Kind.Scheme, spec.Subject, spec.IsReadOnly));
        Assert.Equal("PATH, mem:SIZE, null:SIZE or s3:NAME", kinds.Forms);
        Assert.Contains(
            "names nothing; expected s3:NAME", Assert.Throws<BackendException>(() => NamespaceSpec.Parse("s3:", kinds)).Message);
        Assert.Contains(
            "The option create is for PATH", Assert.Throws<BackendException>(() => NamespaceSpec.Parse("s3:x,create=1G", kinds)).Message);
        Assert.IsType<FileBackend>(NamespaceSpec.Parse("s3:bucket/key").Kind);
    }

    [Theory]
    [InlineData("mem")]
    [InlineData("device")]
    [InlineData("a b")]
    [InlineData("")]
    public void A_scheme_that_is_taken_or_no_word_is_refused(string scheme) =>
        Assert.Throws<ArgumentException>(() => BackendKinds.Default.With(new DelegateBackend(scheme, (_, _) => new NullDevice(512))));

    [Theory]
    [InlineData("s3:bucket/disk", true)]
    [InlineData("device:mine", true)]
    [InlineData("mem:1G", false)]
    [InlineData("/srv/a:b", false)]
    [InlineData("C:disk", false)]
    [InlineData("disk.img", false)]
    public void A_scheme_that_is_not_known_here_may_be_known_to_the_server(string device, bool expected) =>
        Assert.Equal(expected, BackendKinds.Default.MayBeOfAnotherKind(device));
}
