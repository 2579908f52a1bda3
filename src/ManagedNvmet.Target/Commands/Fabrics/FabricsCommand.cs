namespace ManagedNvmet.Target.Commands.Fabrics;

/// <summary>A command of the Fabrics command set; its opcode is FCTYPE.</summary>
internal abstract class FabricsCommand : Command
{
    /// <summary>May come on an I/O queue.</summary>
    public virtual bool IsForIoQueue => false;
}
