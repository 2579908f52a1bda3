namespace ManagedNvmet.Fuzz;

/// <summary>Mutates inputs. The same seed gives the same mutations.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly uint[] Interesting =
        [0, 1, 3, 4, 7, 8, 23, 24, 71, 72, 127, 128, 255, 4096, 8192, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF];

    private readonly Random _random = new(seed);

    public byte[] Mutate(IReadOnlyList<byte[]> corpus)
    {
        List<byte> bytes = [.. corpus[_random.Next(corpus.Count)]];
        for (int count = _random.Next(1, 6); count > 0; count--)
            MutateOnce(bytes, corpus);
        return [.. bytes.Take(16384)];
    }

    private void MutateOnce(List<byte> bytes, IReadOnlyList<byte[]> corpus)
    {
        int at = _random.Next(bytes.Count + 1);
        switch (_random.Next(8))
        {
            case 0 or 1 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2 when at < bytes.Count:
                bytes[at] = (byte)Interesting[_random.Next(Interesting.Length)];
                break;
            case 3 when at + 4 <= bytes.Count:
                byte[] value = BitConverter.GetBytes(Interesting[_random.Next(Interesting.Length)]);
                for (int index = 0; index < 4; index++)
                    bytes[at + index] = value[index];
                break;
            case 4 when at < bytes.Count:
                bytes.RemoveRange(at, Math.Min(bytes.Count - at, _random.Next(1, 32)));
                break;
            case 5:
                var inserted = new byte[_random.Next(1, 32)];
                _random.NextBytes(inserted);
                bytes.InsertRange(at, inserted);
                break;
            case 6:
                bytes.InsertRange(at, corpus[_random.Next(corpus.Count)]);
                break;
            default:
                // Duplicates a part of the input.
                int start = _random.Next(bytes.Count + 1);
                bytes.InsertRange(at, bytes.Skip(start).Take(_random.Next(1, 128)).ToArray());
                break;
        }
    }
}
