using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class PlanTests
{
    [Fact]
    public void A_plan_says_in_words_what_changes_and_whose_I_O_it_concerns()
    {
        TargetConfiguration before = Samples.Read(File.ReadAllText(Samples.Path("plan.from.json"))).Configuration!;
        TargetConfiguration to = Samples.Read(File.ReadAllText(Samples.Path("plan.to.json"))).Configuration!;

        Snapshot.Check("tests/ManagedNvmet.Configuration.Tests/Data/plan.expected.txt", Plan(before, to).ToString());
    }

    [Fact]
    public void Another_order_is_no_change()
    {
        TargetConfiguration before = Samples.Read(File.ReadAllText(Samples.Path("plan.from.json"))).Configuration!;
        TargetConfiguration turned = before with
        {
            Hosts = before.Hosts.Reverse().ToConfigurationList(),
            Subsystems = before.Subsystems.Reverse().ToConfigurationList(),
        };

        Assert.Equal("Nothing to do.\n", Plan(before, turned).ToString());
        Assert.Equal(ConfigurationETag.Of(before), ConfigurationETag.Of(turned));
    }

    [Fact]
    public void Every_difference_is_in_the_plan() => CsCheck.Check.Sample(
        CsCheck.Gen.Select(ConfigurationGen.Any, ConfigurationGen.Any),
        pair =>
        {
            (TargetConfiguration from, TargetConfiguration to) = pair;
            Assert.Equal(ConfigurationETag.Of(from) == ConfigurationETag.Of(to), Plan(from, to).IsEmpty);
        },
        iter: 300,
        threads: 1);

    private static ConfigurationPlan Plan(TargetConfiguration from, TargetConfiguration to) => new()
    {
        FromETag = ConfigurationETag.Of(from),
        ToETag = ConfigurationETag.Of(to),
        Changes = ConfigurationDiffer.Compare(from.Normalize(), to.Normalize()),
    };
}
