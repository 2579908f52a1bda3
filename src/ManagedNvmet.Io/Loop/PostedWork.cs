namespace ManagedNvmet.Io.Loop;

/// <summary>One item of a <see cref="PostQueue"/>.</summary>
/// <param name="Action">The work.</param>
/// <param name="State">Its argument.</param>
public readonly record struct PostedWork(Action<object?> Action, object? State);
