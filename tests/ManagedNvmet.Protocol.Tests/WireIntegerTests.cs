namespace ManagedNvmet.Protocol.Tests;

public sealed class WireIntegerTests
{
    [Fact]
    public void A_test_compares_a_field_with_a_number()
    {
        var entry = new CompletionEntry { Result = 1000, SubmissionQueueHead = 7 };

        Assert.Equal(1000ul, entry.Result);
        Assert.Equal(7, entry.SubmissionQueueHead);
        Assert.Equal(7u, (U32)7);
    }

    [Fact]
    public void A_comparison_with_another_number_fails()
    {
        Assert.ThrowsAny<Exception>(() => Assert.Equal(1001ul, new CompletionEntry { Result = 1000 }.Result));
        Assert.ThrowsAny<Exception>(() => Assert.Equal(8, (U16)7));
        Assert.ThrowsAny<Exception>(() => Assert.Equal(8u, (U32)7));
    }
}
