using System.Text;

namespace ManagedNvmet.Server;

/// <summary>Standard output of a verb: a write that fails, such as to a full disk, becomes one sentence for the user.</summary>
/// <param name="inner">Receives the text.</param>
internal sealed class CheckedWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Checked(value, static (writer, character) => writer.Write(character));

    public override void Write(char[] buffer, int index, int count) =>
        Checked((buffer, index, count), static (writer, part) => writer.Write(part.buffer, part.index, part.count));

    public override void Write(string? value) => Checked(value, static (writer, text) => writer.Write(text));

    public override void WriteLine(string? value) => Checked(value, static (writer, text) => writer.WriteLine(text));

    public override void Flush() => Checked(0, static (writer, _) => writer.Flush());

    private void Checked<T>(T value, Action<TextWriter, T> write)
    {
        try
        {
            write(inner, value);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(exception.Message);
        }
    }
}
