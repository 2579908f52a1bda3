using CsCheck;
using ManagedNvmet.Target.Subsystems;
using Xunit;

namespace ManagedNvmet.Target.Tests.Core;

public sealed class ControllerIdAllocatorTests
{
    [Fact]
    public void An_identifier_that_was_given_back_comes_last()
    {
        var ids = new ControllerIdAllocator(1);
        Assert.True(ids.TryAllocate(out ushort first));
        Assert.Equal(1, first);
        ids.Release(first);
        Assert.True(ids.TryAllocate(out ushort second));
        Assert.Equal(2, second);
    }

    [Fact]
    public void Every_identifier_is_used_and_then_there_is_none()
    {
        var ids = new ControllerIdAllocator(60_000);
        var seen = new HashSet<ushort>();
        for (int count = 0; count < ControllerIdAllocator.MaxId; count++)
        {
            Assert.True(ids.TryAllocate(out ushort id));
            Assert.InRange(id, 1, ControllerIdAllocator.MaxId);
            Assert.True(seen.Add(id));
        }
        Assert.False(ids.TryAllocate(out _));
        ids.Release(77);
        Assert.True(ids.TryAllocate(out ushort last));
        Assert.Equal(77, last);
    }

    [Fact]
    public void No_identifier_is_given_out_twice_while_it_is_in_use()
    {
        Gen.Bool.List[0, 400].Sample(steps =>
        {
            var ids = new ControllerIdAllocator(65_400);
            var live = new List<ushort>();
            foreach (bool takes in steps)
            {
                if (takes || live.Count == 0)
                {
                    Assert.True(ids.TryAllocate(out ushort id));
                    Assert.DoesNotContain(id, live);
                    live.Add(id);
                }
                else
                {
                    ids.Release(live[0]);
                    live.RemoveAt(0);
                }
            }
        });
    }
}
