namespace ManagedNvmet.Protocol.Tests;

public sealed class TestCommand : HostCommand
{
    public int Completions { get; private set; }

    public Action? Completed { get; set; }

    protected internal override void OnCompleted()
    {
        Completions++;
        Completed?.Invoke();
    }
}
