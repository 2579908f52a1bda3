using ManagedNvmet.Io.Sockets;

namespace ManagedNvmet.Io.Loop;

/// <summary>A handler of a socket that can be asked to take input without anybody having said that there is any, or be given it.</summary>
/// <remarks>While it is the only one to have any, the shard asks it instead of the kernel; when several have, the shard receives for all of
/// them. Both save system calls.</remarks>
public interface IInputHandler : IPollHandler
{
    /// <summary>In how many pieces its last input came: commands, for example. On the shard's thread.</summary>
    int InputPieces { get; }

    /// <summary>How many bytes its last input had. On the shard's thread.</summary>
    int InputBytes { get; }

    /// <summary>How many bytes have come and wait to be taken, which takes a system call. On the shard's thread.</summary>
    int WaitingBytes { get; }

    /// <summary>What comes next may be received into memory of the shard and handed to <see cref="OnReceived"/>. On the shard's thread.</summary>
    bool TakesReceived { get; }

    /// <summary>Takes what input there is, as <see cref="IPollHandler.OnReady"/> does. On the shard's thread.</summary>
    /// <returns>False when there was none, and nothing happened.</returns>
    bool TryTakeInput();

    /// <summary>Takes what was received for it while <see cref="TakesReceived"/>. Others may have been called since. On the shard's thread.</summary>
    /// <param name="result">As <see cref="SocketCalls.Receive"/> returns it.</param>
    /// <param name="received">What has come, empty unless the result is positive; lent until this returns.</param>
    void OnReceived(int result, ReadOnlyMemory<byte> received);
}
