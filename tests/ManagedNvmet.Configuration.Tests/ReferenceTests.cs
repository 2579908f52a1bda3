using System.Globalization;
using System.Text;
using Xunit;

namespace ManagedNvmet.Configuration.Tests;

/// <summary>The tables in docs/reference/configuration.md are generated from the tables of the configuration reader.</summary>
public sealed class ReferenceTests
{
    private const string Begin = "<!-- attributes: written by ReferenceTests -->\n";
    private const int MaxColumns = 120;
    private const string End = "<!-- end of attributes -->\n";

    [Fact]
    public void The_reference_tells_of_every_attribute()
    {
        string path = Path.Combine(Snapshot.RepositoryFolder(), "docs/reference/configuration.md");
        string text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end >= begin, "The marks are missing.");

        Snapshot.Check("docs/reference/configuration.md", text[..begin] + Tables() + text[end..]);
    }

    private static string Tables()
    {
        var text = new StringBuilder();
        Add(text, "The file", ConfigurationTables.Target);
        Add(text, "A host", ConfigurationTables.Host);
        Add(text, "A port", ConfigurationTables.Port);
        Add(text, "A referral of a port", ConfigurationTables.Referral);
        Add(text, "An ANA group of a port", ConfigurationTables.AnaGroup);
        Add(text, "A subsystem", ConfigurationTables.Subsystem);
        Add(text, "A namespace", ConfigurationTables.Namespace);
        Add(text, "A limit of one host on a namespace (`qos_by_host`)", ConfigurationTables.HostQualityOfService);
        Add(text, "Limits (`qos`)", ConfigurationTables.QualityOfService);
        return text.ToString();
    }

    private static void Add<T>(StringBuilder text, string title, ObjectTable<T> table)
        where T : class
    {
        text.Append(CultureInfo.InvariantCulture, $"\n### {title}\n\n");
        foreach (AttributeDefinition<T> attribute in table.Attributes)
        {
            string impact = attribute.IsKeptOnly ? "kept; no effect"
                : attribute.IsListOfObjects ? "as its entries say"
                : attribute.ImpactText.Length != 0 ? attribute.ImpactText
                : "touches no I/O";
            string required = attribute.IsRequired ? " Required." : "";
            string standard = table.DefaultOf(attribute) is { } value ? $" *Default:* {value}." : "";
            AddItem(
                text,
                $"**`{attribute.Place}`**: {attribute.Description}{required} *Value:* {attribute.Expected}.{standard} *Change:* {impact}.");
        }
    }

    private static void AddItem(StringBuilder text, string item)
    {
        text.Append('*');
        int column = 1;
        foreach (string word in item.Split(' '))
        {
            if (column + 1 + word.Length > MaxColumns)
            {
                text.Append("\n ");
                column = 1;
            }
            text.Append(' ').Append(word);
            column += 1 + word.Length;
        }
        text.Append('\n');
    }
}
