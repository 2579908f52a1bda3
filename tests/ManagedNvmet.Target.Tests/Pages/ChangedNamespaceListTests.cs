using ManagedNvmet.Target.LogPages;
using ManagedNvmet.Target.Namespaces;
using Xunit;

namespace ManagedNvmet.Target.Tests.Pages;

public class ChangedNamespaceListTests
{
    private static uint[] Read(ChangedNamespaceList list, bool isRetained = false, ulong offset = 0, int length = 4096)
    {
        var page = new PageBytes(length);
        Assert.Equal(NvmeStatus.Success, ChangedNamespacesPage.Read(list, isRetained, offset, page.Span, out _));
        return [.. Enumerable.Range(0, length / 4).Select(i => page.U32(i * 4)).TakeWhile(id => id != 0)];
    }

    [Fact]
    public void Changes_are_listed_once_and_in_order()
    {
        var list = new ChangedNamespaceList();
        foreach (uint id in new uint[] { 7, 2, 7, 5 })
            list.Add(id);
        Assert.Equal([2u, 5u, 7u], Read(list));
    }

    [Fact]
    public void A_read_clears_the_list_unless_the_event_is_retained()
    {
        var list = new ChangedNamespaceList();
        list.Add(1);
        Assert.Equal([1u], Read(list, isRetained: true));
        Assert.Equal([1u], Read(list));
        Assert.Empty(Read(list));
        list.Add(2);
        Assert.Equal([2u], Read(list));
    }

    [Fact]
    public void A_read_that_fails_keeps_the_list()
    {
        var list = new ChangedNamespaceList();
        list.Add(1);
        Assert.Equal(NvmeStatus.InvalidField, ChangedNamespacesPage.Read(list, false, 4100, new byte[4], out _));
        Assert.Equal([1u], Read(list));
    }

    [Fact]
    public void The_list_holds_1024_and_says_FFFFFFFFh_for_more()
    {
        var list = new ChangedNamespaceList();
        for (uint id = 1; id <= 1024; id++)
            list.Add(id);
        list.Add(1024);
        uint[] full = Read(list, isRetained: true);
        Assert.Equal(1024, full.Length);
        Assert.Equal(1024u, full[^1]);
        list.Add(1025);
        list.Add(3);
        Assert.Equal([0xFFFF_FFFFu], Read(list));
        list.Add(3);
        Assert.Equal([3u], Read(list));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_namespace_that_went_and_came_again_unread_is_listed_in_two_reads(bool isReadBetween, bool isListedAgain)
    {
        var list = new ChangedNamespaceList();
        list.Add(3, NamespaceChange.Removed);
        if (isReadBetween)
            Assert.Equal([3u], Read(list));
        list.Add(3, NamespaceChange.Added);
        list.Add(4, NamespaceChange.Added);

        Assert.Equal([3u, 4u], Read(list));
        Assert.Equal(isListedAgain ? [3u] : [], Read(list));
        Assert.Empty(Read(list));
    }

    [Fact]
    public void A_replacement_among_too_many_changes_is_told_twice_too()
    {
        var list = new ChangedNamespaceList();
        list.Add(1, NamespaceChange.Replaced);
        for (uint id = 2; id <= 1025; id++)
            list.Add(id);

        Assert.Equal([0xFFFF_FFFFu], Read(list));
        Assert.Equal([0xFFFF_FFFFu], Read(list));
        Assert.Empty(Read(list));
    }

    [Fact]
    public void A_reset_forgets_it()
    {
        var list = new ChangedNamespaceList();
        list.Add(3);
        list.Clear();
        Assert.Empty(Read(list));
    }
}
