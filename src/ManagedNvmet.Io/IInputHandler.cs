namespace ManagedNvmet.Io;

/// <summary>A handler that can be asked to take input without anybody having said that there is any.</summary>
/// <remarks>While it is the only one to have any, the shard asks it instead of the kernel, which saves a system call a round.</remarks>
public interface IInputHandler : IPollHandler
{
    /// <summary>In how many pieces its last input came: commands, for example. On the shard's thread.</summary>
    int InputPieces { get; }

    /// <summary>Takes what input there is, as <see cref="IPollHandler.OnReady"/> does. On the shard's thread.</summary>
    /// <returns>False when there was none, and nothing happened.</returns>
    bool TryTakeInput();
}
