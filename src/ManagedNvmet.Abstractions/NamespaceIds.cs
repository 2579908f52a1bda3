namespace ManagedNvmet;

/// <summary>The range of namespace identifiers (NSID).</summary>
public static class NamespaceIds
{
    /// <summary>Highest NSID that a target serves unless its limits say otherwise, and the highest that a configuration file may
    /// hold.</summary>
    /// <remarks>A host may allocate memory for this many (NN and MNAN of Identify Controller): Linux reads an ANA log page of 36 KiB for
    /// it, which fits the smallest usual transfer size of 64 KiB.</remarks>
    public const uint Highest = 8192;
}
