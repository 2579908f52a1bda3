using CsCheck;
using NJsonSchema;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class SchemaTests
{
    private const string FileName = "target-configuration.schema.json";

    [Fact]
    public void The_schema_that_ships_is_what_the_reader_reads() => Snapshot.Check("schema/" + FileName, ConfigurationSchema.Write());

    [Fact]
    public async Task A_file_of_nvmetcli_fits_the_schema()
    {
        JsonSchema schema = await JsonSchema.FromJsonAsync(ConfigurationSchema.Write());

        string text = File.ReadAllText(Samples.Path("nvmetcli.json"));

        Assert.Empty(schema.Validate(text));
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
}
