using System.Runtime.CompilerServices;
using CsCheck;
using NJsonSchema;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class SchemaTests
{
    private const string FileName = "target-configuration.schema.json";

    /// <summary>With MANAGEDNVMET_WRITE_SCHEMA=1 the test writes the file instead.</summary>
    [Fact]
    public void The_schema_that_ships_is_what_the_reader_reads()
    {
        string shipped = Path.Combine(RepositoryFolder(), "schema", FileName);
        if (Environment.GetEnvironmentVariable("MANAGEDNVMET_WRITE_SCHEMA") == "1")
            File.WriteAllText(shipped, ConfigurationSchema.Write());

        Assert.Equal(ConfigurationSchema.Write(), File.ReadAllText(shipped));
    }

    [Fact]
    public async Task A_file_of_nvmetcli_fits_the_schema()
    {
        JsonSchema schema = await JsonSchema.FromJsonAsync(ConfigurationSchema.Write());

        string text = File.ReadAllText(Samples.Path("nvmetcli.json"));

        // The port of the loop transport has neither address nor family; an editor may say so.
        Assert.Equal(["#/ports[1].addr.adrfam"], schema.Validate(text).Select(error => error.Path));
    }

    [Fact]
    public async Task Whatever_is_written_fits_the_schema()
    {
        JsonSchema schema = await JsonSchema.FromJsonAsync(ConfigurationSchema.Write());

        ConfigurationGen.Any.Sample(
            configuration => Assert.Empty(schema.Validate(ConfigurationFile.Write(configuration))), iter: 100, threads: 1);
    }

    [Theory]
    [InlineData("""{ "hosts": 3 }""")]
    [InlineData("""{ "hosts": [ { } ] }""")]
    [InlineData("""{ "ports": [ { "portid": 1, "addr": { "treq": "sometimes" } } ] }""")]
    [InlineData("""{ "subsystems": [ { "nqn": "a", "managed_nvmet": { "hiden": true } } ] }""")]
    [InlineData("""{ "subsystems": [ { "nqn": "a", "attr": { "allow_any_host": "maybe" } } ] }""")]
    public async Task What_the_reader_refuses_does_not_fit(string text)
    {
        JsonSchema schema = await JsonSchema.FromJsonAsync(ConfigurationSchema.Write());

        Assert.NotEmpty(schema.Validate(text));
        Assert.False(Samples.Read(text).IsSound);
    }

    private static string RepositoryFolder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", ".."));
}
