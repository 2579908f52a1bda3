using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>The names under which the command line sets attributes.</summary>
public sealed class AttributeNamesTests
{
    [Fact]
    public void Every_attribute_of_the_tables_is_found_by_its_place_and_by_its_name()
    {
        Check(ConfigurationTables.Host);
        Check(ConfigurationTables.Port);
        Check(ConfigurationTables.Subsystem);
        Check(ConfigurationTables.Namespace);

        static void Check<T>(ObjectTable<T> table)
            where T : class
        {
            foreach (AttributeDefinition<T> attribute in table.Attributes)
            {
                Assert.Equal(attribute.Place, string.Join('.', table.Find(attribute.Place)!));
                Assert.Equal(attribute.Name, table.Find(attribute.Name)![^1]);
            }
        }
    }

    [Theory]
    [InlineData("ieee_oui", "attr.ieee_oui")]
    [InlineData("serial", "attr.serial")]
    [InlineData("allowed_hosts", "allowed_hosts")]
    [InlineData("hidden", "managed_nvmet.hidden")]
    [InlineData("qos.total_iops", "managed_nvmet.qos.total_iops")]
    [InlineData("managed_nvmet.qos.burst_seconds", "managed_nvmet.qos.burst_seconds")]
    public void A_name_of_a_subsystem_leads_to_its_place(string name, string place) =>
        Assert.Equal(place, string.Join('.', ConfigurationTables.Subsystem.Find(name)!));

    [Fact]
    public void Of_two_attributes_with_one_name_ours_is_meant_and_the_other_has_its_full_name()
    {
        Assert.Equal(["managed_nvmet", "key"], ConfigurationTables.Host.Find("key")!);
        Assert.Equal(["dhchap", "key"], ConfigurationTables.Host.Find("dhchap.key")!);
    }

    [Theory]
    [InlineData("modle", "attr.model")]
    [InlineData("attr.modle", "attr.model")]
    [InlineData("xyzzy", null)]
    [InlineData("qos.total_iop", null)]
    public void A_misspelt_name_is_not_found(string name, string? nearest)
    {
        Assert.Null(ConfigurationTables.Subsystem.Find(name));
        if (nearest is not null)
            Assert.Equal(nearest, ConfigurationTables.Subsystem.Nearest(name));
    }
}
