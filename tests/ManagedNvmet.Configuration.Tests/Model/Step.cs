using CsCheck;
using ManagedNvmet.Target.Ana;

namespace ManagedNvmet.Configuration.Tests.Model;

/// <summary>One step of a way: an operation and the numbers it takes its objects from.</summary>
internal readonly record struct Step(StepKind Kind, int Subsystem, uint Id, int Host, int Value)
{
    private static readonly AnaState[] States = [AnaState.Optimized, AnaState.NonOptimized, AnaState.Inaccessible];

    /// <summary>A random step. Hosts connect more often than anything else, since they lose their sessions again.</summary>
    public static readonly Gen<Step> Any = Gen.Select(
        Gen.Int[-6, (int)StepKind.RollBack].Select(number => number >= 0 ? (StepKind)number
            : number % 2 == 0 ? StepKind.ConnectAll : StepKind.ConnectOrDisconnect),
        Gen.Int[0, ModelState.SubsystemCount - 1],
        Gen.UInt[1, ModelState.NamespaceCount],
        Gen.Int[0, ModelState.HostCount - 1],
        Gen.Int[0, 7])
        .Select((kind, subsystem, id, host, value) => new Step(kind, subsystem, id, host, value));

    /// <summary>The configuration that the step asks for; the same object when it asks for none, or there is nothing to be changed.</summary>
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
            StepKind.SetAnaState => state with { GroupTwo = state.GroupTwo.SetItem(Host % ModelState.PortCount, States[Value % States.Length]) },

            // Something that would be seen, and must not be, since the rest of the configuration is at fault.
            StepKind.ApplyUnsound or StepKind.ApplyWhatCannotBeHad or StepKind.ApplyWithStaleETag =>
                With(subsystem with { Allowed = Value, Namespaces = subsystem.Namespaces.Remove(Id) }),
            _ => state,
        };

        ModelState With(ModelSubsystem changed) => state with { Subsystems = state.Subsystems.SetItem(number, changed) };

        ModelState WithNamespace(Func<ModelNamespace, ModelNamespace> change) => subsystem.Namespaces.TryGetValue(step.Id, out ModelNamespace? each)
            ? With(subsystem with { Namespaces = subsystem.Namespaces.SetItem(step.Id, change(each)) })
            : state;
    }
}
