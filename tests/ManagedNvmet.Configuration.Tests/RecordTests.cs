using System.Reflection;
using CsCheck;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>Every property of a configuration record has a row in the tables of the file, and the random configurations vary it.</summary>
public sealed class RecordTests
{
    private const int SampleCount = 400;

    // Listens on free TCP ports: a fixed one is only in ports that are not served.
    private static readonly TargetConfiguration[] Samples = Draw(ConfigurationGen.Any);

    [Fact]
    public void A_target() => Check(ConfigurationTables.Target, Samples);

    [Fact]
    public void A_host() => Check(ConfigurationTables.Host, Draw(ConfigurationGen.Host));

    [Fact]
    public void A_subsystem() => Check(ConfigurationTables.Subsystem, Draw(ConfigurationGen.Subsystem));

    [Fact]
    public void A_namespace() =>
        Check(ConfigurationTables.Namespace, [.. Samples.SelectMany(each => each.Subsystems).SelectMany(each => each.Namespaces)]);

    [Fact]
    public void A_port() => Check(ConfigurationTables.Port, [.. Samples.SelectMany(each => each.Ports)]);

    [Fact]
    public void A_referral() => Check(ConfigurationTables.Referral, Draw(ConfigurationGen.Referral));

    [Fact]
    public void An_ANA_group() => Check(ConfigurationTables.AnaGroup, Draw(ConfigurationGen.AnaGroup));

    [Fact]
    public void Limits() => Check(ConfigurationTables.QualityOfService, Draw(ConfigurationGen.Limits));

    [Fact]
    public void Limits_of_a_host() => Check(ConfigurationTables.HostQualityOfService, Draw(ConfigurationGen.HostQualityOfService));

    [Fact]
    public void A_changed_property_that_a_row_rebuilds_the_object_for_needs_a_rebuild_and_another_does_not()
    {
        NamespaceConfiguration each = new() { Id = 1, Device = "null:1G" };

        Assert.True(ConfigurationTables.Namespace.NeedsRebuild(each, each with { BlockSize = 4096 }, each));
        Assert.True(ConfigurationTables.Namespace.NeedsRebuild(each, each with { Uuid = new Guid(7, 0, 0, new byte[8]) }, each));
        Assert.False(ConfigurationTables.Namespace.NeedsRebuild(
            each, each with { Uuid = new Guid(7, 0, 0, new byte[8]) }, each with { Uuid = new Guid(7, 0, 0, new byte[8]) }));
        Assert.False(ConfigurationTables.Namespace.NeedsRebuild(each, each with { AnaGroup = 2 }, each));
    }

    private static T[] Draw<T>(Gen<T> gen)
    {
        var drawn = new List<T>();
        gen.Sample(each => { drawn.Add(each); }, iter: SampleCount, threads: 1);
        return [.. drawn];
    }

    // Two copies of a record that differ in one property alone must differ in the file, and in the comparison of a row.
    private static void Check<T>(ObjectTable<T> table, T[] samples)
        where T : class
    {
        MethodInfo copy = typeof(T).GetMethod("<Clone>$")!;
        PropertyInfo[] properties = [.. typeof(T).GetProperties().Where(each => each.CanWrite)];
        Assert.NotEmpty(properties);
        foreach (PropertyInfo property in properties)
        {
            object?[] values = [.. samples.Select(property.GetValue).Distinct().Take(2)];
            Assert.True(values.Length == 2, $"The random configurations never vary {typeof(T).Name}.{property.Name}.");
            T[] copies = [.. values.Select(value =>
            {
                var made = (T)copy.Invoke(samples[0], null)!;
                property.SetValue(made, value);
                return made;
            })];
            Assert.True(
                table.Write(copies[0]).ToJsonString() != table.Write(copies[1]).ToJsonString(),
                $"{typeof(T).Name}.{property.Name} has no row: {values[0]} and {values[1]} are written alike.");
            Assert.True(
                property.PropertyType == typeof(UnknownAttributes) || table.Attributes.Any(row => !row.HasSameValue(copies[0], copies[1])),
                $"No row compares {typeof(T).Name}.{property.Name}.");
        }
    }
}
