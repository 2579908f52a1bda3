namespace ManagedNvmet.Target.Features;

/// <summary>Select (SEL) of a Get Features command.</summary>
public enum FeatureSelect
{
    /// <summary>The value in force.</summary>
    Current = 0,

    /// <summary>The value after a reset.</summary>
    Default = 1,

    /// <summary>The value kept over a power cycle; for a feature that cannot be saved, the default.</summary>
    Saved = 2,

    /// <summary>Not a value but what can be done with the feature.</summary>
    Capabilities = 3,
}
