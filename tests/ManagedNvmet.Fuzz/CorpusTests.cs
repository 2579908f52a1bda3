namespace ManagedNvmet.Fuzz;

/// <summary>Runs the corpus, and a fixed number of its mutations, as tests.</summary>
public sealed class CorpusTests
{
    private const int Mutations = 3000;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Keys];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_of_the_corpus_keeps_the_invariants(string target)
    {
        Assert.NotEmpty(Corpus.Load(target));
        foreach ((string name, byte[] bytes) in Corpus.Load(target))
            Run(target, bytes, name);
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Mutations_of_the_corpus_keep_the_invariants(string target)
    {
        byte[][] corpus = [.. Corpus.Load(target).Select(input => input.Bytes)];
        var mutator = new Mutator(seed: 20261);
        for (int count = 0; count < Mutations; count++)
            Run(target, mutator.Mutate(corpus), $"mutation {count}");
    }

    private static void Run(string target, byte[] bytes, string name)
    {
        try
        {
            FuzzTargets.All[target](bytes);
        }
        catch (Exception exception)
        {
            Assert.Fail($"{target}, {name}: {exception.GetType().Name}: {exception.Message}\n"
                + $"input {Convert.ToHexString(bytes)}\n{exception.StackTrace}");
        }
    }
}
