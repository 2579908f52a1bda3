using Xunit;

namespace ManagedNvmet.Configuration.Tests;

public sealed class HistoryTests
{
    [Fact]
    public void The_running_one_and_the_ten_before_it_are_kept_over_a_restart()
    {
        using var folder = new TemporaryFolder();
        ConfigurationHistory history = ConfigurationHistory.Open(folder.Path);
        for (int number = 1; number <= 14; number++)
            history.Add(Numbered(number), $"{number}", DateTimeOffset.UnixEpoch.AddDays(number), $"change {number}");

        ConfigurationHistory again = ConfigurationHistory.Open(folder.Path);

        Assert.Equal(Enumerable.Range(4, 11).Reverse(), again.Entries.Select(entry => entry.Number));
        Assert.Equal("change 14", again.Entries[0].Summary);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddDays(14), again.Entries[0].Time);
        Assert.Equal(Numbered(13), again.Find(null));
        Assert.Equal(Numbered(7), again.Find(7));
        Assert.Null(again.Find(3));
        Assert.Equal(11, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void After_a_crash_in_the_middle_of_a_write_the_one_before_is_the_last()
    {
        using var folder = new TemporaryFolder();
        ConfigurationHistory history = ConfigurationHistory.Open(folder.Path);
        history.Add(Numbered(1), "1", DateTimeOffset.UnixEpoch, "first");

        // A crash can leave a complete or torn temporary file that was not renamed. It never leaves a torn entry.
        string whole = File.ReadAllText(Path.Combine(folder.Path, "000001.json"));
        for (int length = 0; length <= whole.Length; length += 97)
        {
            File.WriteAllText(Path.Combine(folder.Path, "000002.json.new"), whole[..length]);
            ConfigurationHistory again = ConfigurationHistory.Open(folder.Path);
            Assert.Equal("first", Assert.Single(again.Entries).Summary);
            Assert.Empty(again.Damaged);
        }
        ConfigurationHistory after = ConfigurationHistory.Open(folder.Path);
        after.Add(Numbered(2), "2", DateTimeOffset.UnixEpoch, "second");
        Assert.Equal(Numbered(1), ConfigurationHistory.Open(folder.Path).Find(null));
    }

    [Fact]
    public void An_entry_that_somebody_damaged_is_passed_over_and_left_alone()
    {
        using var folder = new TemporaryFolder();
        ConfigurationHistory history = ConfigurationHistory.Open(folder.Path);
        history.Add(Numbered(1), "1", DateTimeOffset.UnixEpoch, "first");
        history.Add(Numbered(2), "2", DateTimeOffset.UnixEpoch, "second");
        string path = Path.Combine(folder.Path, "000002.json");
        File.WriteAllText(path, "{ torn");

        ConfigurationHistory again = ConfigurationHistory.Open(folder.Path);

        Assert.Equal("first", Assert.Single(again.Entries).Summary);
        Assert.Equal([path], again.Damaged);
        Assert.Equal("{ torn", File.ReadAllText(path));
    }

    [Fact]
    public void What_was_not_carried_out_is_taken_back()
    {
        using var folder = new TemporaryFolder();
        ConfigurationHistory history = ConfigurationHistory.Open(folder.Path);
        history.Add(Numbered(1), "1", DateTimeOffset.UnixEpoch, "first");
        history.Add(Numbered(2), "2", DateTimeOffset.UnixEpoch, "second");

        history.RemoveLast();

        Assert.Equal("first", Assert.Single(ConfigurationHistory.Open(folder.Path).Entries).Summary);
    }

    private static TargetConfiguration Numbered(int number) => new()
    {
        Subsystems = [new SubsystemConfiguration { Nqn = Nqn.Parse($"nqn.2026-11.com.example:{number}") }],
    };
}
