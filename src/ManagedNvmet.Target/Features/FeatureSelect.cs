namespace ManagedNvmet.Target.Features;

/// <summary>Select (SEL) of a Get Features command.</summary>
public enum FeatureSelect
{
    /// <summary>The current value.</summary>
    Current = 0,

    /// <summary>The value after a reset.</summary>
    Default = 1,

    /// <summary>The value that survives a power cycle; the default for a feature that cannot be saved.</summary>
    Saved = 2,

    /// <summary>The capabilities of the feature instead of a value.</summary>
    Capabilities = 3,
}
