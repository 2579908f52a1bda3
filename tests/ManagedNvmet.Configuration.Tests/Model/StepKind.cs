namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>The operations of a step. An operation whose object does not exist does nothing.</summary>
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
