using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class SecretsFileTests
{
    private const string Key = "DHHC-1:01:c2VjcmV0:";

    [Fact]
    public void Keys_are_written_for_the_owner_alone_and_read_again()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, SecretsFile.FileName);

        SecretsFile.Load(path).With(new Dictionary<string, string> { ["host a"] = Key });

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(Key, SecretsFile.Load(path).Keys["host a"]);
    }

    [Fact]
    public void A_file_that_others_may_read_is_refused_with_the_way_out()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, SecretsFile.FileName);
        File.WriteAllText(path, "{}");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_000);

        ConfigurationException thrown = Assert.Throws<ConfigurationException>(() => SecretsFile.Load(path));

        Assert.Equal($"{path} has the mode 640, expected 600: others may read the keys. Change that with: chmod 600 {path}; and consider "
            + "to replace "
            + "the keys.", thrown.Message);
    }

    [Fact]
    public void A_damaged_file_is_refused_without_a_word_of_what_is_in_it()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, SecretsFile.FileName);
        File.WriteAllText(path, "{\n \"a\": " + Key);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        ConfigurationException thrown = Assert.Throws<ConfigurationException>(() => SecretsFile.Load(path));

        Assert.StartsWith($"{path} is damaged at line 2", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("DHHC", thrown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_in_the_configuration_is_taken_out_of_it()
    {
        ConfigurationReading reading = Samples.Read(
            """{ "hosts": [ { "nqn": "nqn.2026-11.com.example:h", """
            + """ "dhchap": { "key": "DHHC-1:01:c2VjcmV0:", "hash": "hmac(sha256)" } } ] }""");

        Assert.Equal("host nqn.2026-11.com.example:h", reading.Configuration!.Hosts[0].KeyReference);
        Assert.Equal(Key, reading.Secrets["host nqn.2026-11.com.example:h"]);
        Assert.DoesNotContain("DHHC", ConfigurationFile.Write(reading.Configuration), StringComparison.Ordinal);
        Assert.DoesNotContain("DHHC", reading.Configuration.ToString(), StringComparison.Ordinal);
        Assert.Equal(reading.Configuration, Samples.Read(ConfigurationFile.Write(reading.Configuration)).Configuration);
    }

    [Fact]
    public void A_configuration_with_keys_that_others_may_read_is_a_warning()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "config.json");
        File.WriteAllText(path, """{ "hosts": [ { "nqn": "nqn.2026-11.com.example:h", "dhchap": { "key": "DHHC-1:01:c2VjcmV0:" } } ] }""");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);

        Assert.Contains(
            ConfigurationFile.Load(path).Problems, problem => problem.Message.Contains("others than its owner", StringComparison.Ordinal));
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.DoesNotContain(
            ConfigurationFile.Load(path).Problems, problem => problem.Message.Contains("others than", StringComparison.Ordinal));
    }
}
