using System.Text.Json;

namespace ManagedNvmet.EndToEnd.Harness;

/// <summary>Result of a command in the guest.</summary>
/// <param name="Script">The command.</param>
/// <param name="ExitCode">Exit code: 0 is success, 124 means that the time limit ended the command.</param>
/// <param name="Output">Standard output and standard error, in order of writing.</param>
/// <param name="Duration">Duration as the test measured it.</param>
public sealed record CommandResult(string Script, int ExitCode, string Output, TimeSpan Duration)
{
    /// <summary>Asserts that the command succeeded and returns its output, trimmed. A failure message contains the whole output.</summary>
    public string Succeeded()
    {
        if (ExitCode != 0)
        {
            Assert.Fail($"Exit code {ExitCode} in the guest after {Duration.TotalSeconds:F1} s from:\n{Script}\n--- output\n{Output}");
        }

        return Output.Trim();
    }

    /// <summary>Asserts that the command failed and returns its output, trimmed.</summary>
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

    /// <summary>Asserts that the command succeeded and parses its output as JSON.</summary>
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
