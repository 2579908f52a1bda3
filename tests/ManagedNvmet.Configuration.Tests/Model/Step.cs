using CsCheck;
using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>One step of a sequence: an operation, and the numbers that select its objects.</summary>
internal readonly record struct Step(StepKind Kind, int Subsystem, uint Id, int Host, int Value)
{
    private static readonly AnaState[] States = [AnaState.Optimized, AnaState.NonOptimized, AnaState.Inaccessible];

    /// <summary>Generates a step. Connecting a host is the most frequent one, because changes end sessions.</summary>
    public static readonly Gen<Step> Any = Gen.Select(
        Gen.Int[-6, (int)StepKind.RollBack].Select(number => number >= 0 ? (StepKind)number
            : number % 2 == 0 ? StepKind.ConnectAll : StepKind.ConnectOrDisconnect),
        Gen.Int[0, ModelState.SubsystemCount - 1],
        Gen.UInt[1, ModelState.NamespaceCount],
        Gen.Int[0, ModelState.HostCount - 1],
        Gen.Int[0, 7])
        .Select((kind, subsystem, id, host, value) => new Step(kind, subsystem, id, host, value));

    /// <summary>Returns the configuration that the step applies. Returns the same object when the step changes nothing.</summary>
    public ModelState ChangeOf(ModelState state)
    {
        Step step = this;
        int number = Subsystem;
        if (!state.Subsystems.TryGetValue(number, out ModelSubsystem? subsystem))
        {
            return Kind == StepKind.AddSubsystem
                ? With(new ModelSubsystem(null, Value & 3, false, 0, ModelState.Fresh(Id)))
                : state;
        }
        return Kind switch
        {
            StepKind.AddNamespace when !subsystem.Namespaces.ContainsKey(Id) =>
                With(subsystem with { Namespaces = subsystem.Namespaces.AddRange(ModelState.Fresh(Id)) }),
            StepKind.RemoveNamespace => With(subsystem with { Namespaces = subsystem.Namespaces.Remove(Id) }),
            StepKind.EnableOrDisable => WithNamespace(each => each with { IsEnabled = !each.IsEnabled }),
            StepKind.Mask => WithNamespace(each => each with { VisibleTo = step.Value }),
            StepKind.Unmask => WithNamespace(each => each with { VisibleTo = null }),
            StepKind.ReadOnlyForHosts => WithNamespace(each => each with { ReadOnlyFor = step.Value }),
            StepKind.ReadOnlyOrNot => WithNamespace(each => each with { IsReadOnly = !each.IsReadOnly }),
            StepKind.Resize => WithNamespace(each => each with { Mebibytes = 1 + (step.Value & 3) }),
            StepKind.MoveToOtherGroup => WithNamespace(each => each with { AnaGroup = 3 - each.AnaGroup }),
            StepKind.AllowSome => With(subsystem with { Allowed = Value }),
            StepKind.AllowAny => With(subsystem with { Allowed = null }),
            StepKind.RemoveSubsystem => state with { Subsystems = state.Subsystems.Remove(number) },
            StepKind.LinkOrUnlink => With(subsystem with { Ports = subsystem.Ports ^ (1 << (Value & 1)) }),
            StepKind.HideOrShow => With(subsystem with { IsHidden = !subsystem.IsHidden }),
            StepKind.RemakeSubsystem => With(subsystem with { Revision = Value }),
            StepKind.SetAnaState => state with
            {
                GroupTwo = state.GroupTwo.SetItem(Host % ModelState.PortCount, States[Value % States.Length]),
            },

            // A visible change, which must not take effect because the rest of the configuration is invalid.
            StepKind.ApplyUnsound or StepKind.ApplyWhatCannotBeHad or StepKind.ApplyWithStaleETag =>
                With(subsystem with { Allowed = Value, Namespaces = subsystem.Namespaces.Remove(Id) }),
            _ => state,
        };

        ModelState With(ModelSubsystem changed) => state with { Subsystems = state.Subsystems.SetItem(number, changed) };

        ModelState WithNamespace(Func<ModelNamespace, ModelNamespace> change) => subsystem.Namespaces.TryGetValue(
            step.Id, out ModelNamespace? each)
            ? With(subsystem with { Namespaces = subsystem.Namespaces.SetItem(step.Id, change(each)) })
            : state;
    }
}
