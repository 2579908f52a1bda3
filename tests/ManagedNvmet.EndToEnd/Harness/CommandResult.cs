using System.Text.Json;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>What a command in the guest left.</summary>
/// <param name="Script">The command.</param>
/// <param name="ExitCode">0 for success; 124 when the time limit ended it.</param>
/// <param name="Output">Standard output and standard error, in the order they were written.</param>
/// <param name="Duration">Seen from the test.</param>
public sealed record CommandResult(string Script, int ExitCode, string Output, TimeSpan Duration)
{
    /// <summary>The output, trimmed, of a command that must succeed; a failed one fails the test with all it said.</summary>
    public string Succeeded()
    {
        if (ExitCode != 0)
        {
            Assert.Fail($"Exit code {ExitCode} in the guest after {Duration.TotalSeconds:F1} s from:\n{Script}\n--- output\n{Output}");
        }

        return Output.Trim();
    }

    /// <summary>The output, trimmed, of a command that must fail.</summary>
    public string Failed()
    {
        if (ExitCode == 0)
        {
            Assert.Fail($"Succeeded in the guest, and should have been refused:\n{Script}\n--- output\n{Output}");
        }

        Assert.True(
            ExitCode is not 124,
            $"Ended by its time limit after {Duration.TotalSeconds:F1} s instead of failing by itself:\n{Script}");
        return Output.Trim();
    }

    /// <summary>The output of a command that must succeed, as JSON.</summary>
    public JsonElement Json()
    {
        var output = Succeeded();
        try
        {
            return JsonDocument.Parse(output).RootElement;
        }
        catch (JsonException error)
        {
            throw new Xunit.Sdk.XunitException($"Not JSON ({error.Message}) from:\n{Script}\n--- output\n{output}");
        }
    }
}
