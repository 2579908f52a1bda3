namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>What a step does. One that has no object does nothing.</summary>
internal enum StepKind
{
    AddNamespace,
    RemoveNamespace,
    EnableOrDisable,
    Mask,
    Unmask,
    ReadOnlyForHosts,
    ReadOnlyOrNot,
    Resize,
    MoveToOtherGroup,
    AllowSome,
    AllowAny,
    AddSubsystem,
    RemoveSubsystem,
    LinkOrUnlink,
    HideOrShow,
    RemakeSubsystem,
    SetAnaState,
    ConnectOrDisconnect,
    ConnectAll,
    ApplyUnsound,
    ApplyWhatCannotBeHad,
    ApplyWithStaleETag,
    RollBack,
}
