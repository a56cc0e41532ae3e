// The packed text was made by libsnappy 1.1.9 through python3-snappy.
using System.Text;
using Fathom.Evaluation.Benchmarks.Parquet.Compression;
using Fathom.Testing.Mutations;

namespace Fathom.Evaluation.Tests.Benchmarks.Parquet;

public sealed class SnappyTests
{
    const string Packed = "nyswbGluZSAwIG9mIDA7IAUNADEBDQAxDQ0ANAENADINDQA5AQ0AMw0NBDE2AQ4ANA0OBDI1AQ4ANQ0OADMFHAA2DQ4ANAU4EV8ANgVTEWAAOAVuEWEAMwFFEWEAMgUpEWEENDcBHBFhBDcyAQ4RYQUNEWAAMwVSEWAANgUcEWAAOQWmEWEAMwVvEWEANyUFEWEAMQU4EWEANQUqEWIAOQXeEWIANAWnFWIFfhFiADQFOBFiADkFKhFiADUFcBFiADgB0BFhADYFpxFhADIF+hFhADgFKhFhADUFUxFhADIFtRFhADgldxFhADYFmRFiADMyYgAAMQUcFWIF3xFiADYFDhFiADQFfhFiADMFcBFiADEFHBFiBTcRwwA5JQgVYQV9EWEANwWnEWEANwUcEWEANwU4EWEJDhFhCSoRYglGVmIACX4RYgWZEWEJtBFhCdARYQnsEWEpCBVhBUYRwylAEWEpXBFiKXgRYimUEWIpsBFiKcwVYiVOEWJJBBFiSSARYgUpEWFJVhFhSXIRYUmOEWE6qgIySQJJ4hFhSf4RYmkaEWJpNhFiaVIVYiXMEcNpihHDaaYRYjJIAmncEWFp+BFhiRQRYUUeEWCJShFgiWYRYImCEcKJnhFhiboRYYnWEWFFmxFhMiIBZTIRXzLKAwUaEV0FNBFcBU4RWwlpEVwJhRG9CaERXja9AAnZEWAJ9RFhJRARYSkrEWEpRxFhKWMRYTJ+ASmZEWAptRFgKdERYSntEWFJCRFhSSURYTZBAkldEWJJeRViJT4RYkmxEWJJzRFiSekRYjIEA2kfEWFpOxFhaVcRYWlzEWFpjxFhaasRYTbHA2njEWJp/xVihRsRYok3EWKJUxFiiW8RYjaLBAVFEWGJwRVhZVcRYYn5EWGpFRFhqTERYQkOcQUJKhFiCUZWYgAJfhFiBZkRYQm0EWEJ0BFhCewRYSkIFWEFRhHDKUARYSlcEWIpeBFiKZQRYimwEWIpzBViRRIRYkkEEWJJIBFiBSkRYUlWEWFJchFhSY4RYTqqAmXpEWFJ4hFhSf4RYmkaEWJpNhFiaVIVYjLoAWmKEWJpphFiZcERYWncEWFp+BFhiRQRYTIvBIlKEWCJZhFgiYIRYYmeEWGJuhFhidYRYTLxBDIiAWXnEV+lPxFeBRoRXQU0EVwFThFbCWk14CUrEb0JoRFeNr0ACdkRYAn1EWElEBFhKSsRYSlHEWEpYxFhMn4BKZkRYCm1EWAp0RFhKe0RYUkJEWFJJRFhNkECSV0RYkl5FWIlPhFiSbERYknNEWJJ6RFiMgQDaR8RYWk7EWFpVxFhaXMRYWmPEWFpqxFhNscDaeMRYmn/FWKFGxFiiTcRYolTEWKJbxFiNosEBUURYYnBFWFFLBFhifkRYakVEWGpMRFhCQ5RpwkqEWIJRlZiAAl+EWIFmRFhCbQRYQnQEWEJ7BFhKQgVYQVGEcMpQBFhKVwRYil4EWIplBFiKbARYinMFWJFEhFiSQQRYkkgEWIFKRFhSVYRYUlyEWFJjhFhOqoCZekRYUniEWFJ/hFiaRoRYmk2EWJpUhViMugBaYoRYmmmEWJlwRFhadwRYWn4EWGJFBFhMi8EiUoRYIlmEWCJghFhiZ4RYYm6EWGJ1hFhMvEEMiIBZecRX6U/EV4FGhFdBTQRXAVOEVsJaTXgJSsRvQmhEV42vQAJ2RFgCfURYSUQEWEpKxFhKUcRYSljEWEyfgEpmRFgKbURYCnREWEp7RFhSQkRYUklEWE2QQJJXRFiSXkVYiU+EWJJsRFiSc0RYknpEWIyBANpHxFhaTsRYWlXEWFpcxFhaY8RYWmrEWE2xwNp4xFiaf8VYoUbEWKJNxFiiVMRYolvEWI2iwQFRRFhicEVYUUsEWGJ+RFhqRURYakxEWEJDlGnCSoRYglGVmIACX4RYgWZEWEJtBFhCdARYQnsEWEpCBVhBUYRwylAEWEpXBFiKXgRYimUEWIpsBFiKcwVYkUSEWJJBBFiSSARYgUpEWFJVhFhSXIRYUmOEWE6qgJl6RFhSeIRYUn+EWJpGhFiaTYRYmlSFWIy6AFpihFiaaYRYmXBEWFp3BFhafgRYYkUEWEyLwSJShFgiWYRYImCEWGJnhFhiboRYYnWEWEy8QQyIgFl5xFfpT8RXgUaEV0FNBFcBU4RWwlpNeAlKxG9CaERXja9AAnZEWAJ9RFhJRARYSAyNCBvZiAwOyA=";

    static readonly string s_text = string.Concat(Enumerable.Range(0, 400).Select(i => $"line {i * i % 97} of {i % 7}; "));

    [Fact]
    public void PackedByTheOriginal_IsUnpacked() => Assert.Equal(s_text, Encoding.ASCII.GetString(Snappy.Decompress(Convert.FromBase64String(Packed), s_text.Length)));

    [Theory]
    [InlineData(new byte[] { 5, 4 << 2, (byte)'h', (byte)'e', (byte)'l', (byte)'l', (byte)'o' }, "hello")]
    [InlineData(new byte[] { 9, 2 << 2, (byte)'a', (byte)'b', (byte)'c', 5 << 2 | 2, 3, 0 }, "abcabcabc")] // a copy that overlaps itself
    [InlineData(new byte[] { 8, 3 << 2, (byte)'a', (byte)'b', (byte)'c', (byte)'d', 1, 4 }, "abcdabcd")] // one byte of distance
    [InlineData(new byte[] { 8, 3 << 2, (byte)'a', (byte)'b', (byte)'c', (byte)'d', 3 << 2 | 3, 4, 0, 0, 0 }, "abcdabcd")] // four bytes of distance
    [InlineData(new byte[] { 3, 60 << 2, 2, (byte)'a', (byte)'b', (byte)'c' }, "abc")] // a length in a byte of its own
    [InlineData(new byte[] { 0 }, "")]
    public void SmallCases_ByHand(byte[] packed, string text) => Assert.Equal(text, Encoding.ASCII.GetString(Snappy.Decompress(packed, 100)));

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 5, 4 << 2, (byte)'h' })]
    [InlineData(new byte[] { 5, 3 << 2, (byte)'h', (byte)'e', (byte)'l', (byte)'l' })] // too few
    [InlineData(new byte[] { 3, 4 << 2, (byte)'h', (byte)'e', (byte)'l', (byte)'l', (byte)'o' })] // too many
    [InlineData(new byte[] { 8, 3 << 2, (byte)'a', (byte)'b', (byte)'c', (byte)'d', 1, 5 })] // from before the beginning
    [InlineData(new byte[] { 8, 3 << 2, (byte)'a', (byte)'b', (byte)'c', (byte)'d', 1, 0 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1 })]
    [InlineData(new byte[] { 101 })] // more than expected
    public void BrokenData_AreRefused(byte[] packed) => Assert.Throws<InvalidDataException>(() => Snappy.Decompress(packed, 100));

    [Fact]
    public void DamagedData_AreUnpackedOrRefused_WithinBounds()
    {
        var trial = new ReaderTrial(typeof(InvalidDataException));
        byte[] whole = Convert.FromBase64String(Packed);
        var random = new Random(2);
        for (int i = 0; i < whole.Length + 5000; i++)
        {
            byte[] damaged = i < whole.Length ? whole[..i] : [.. whole];
            for (int change = random.Next(1, 4); change > 0 && i >= whole.Length; change--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            trial.Try($"{i}", () => Snappy.Decompress(damaged, 1 << 20), damaged);
        }
        trial.AssertKept();
    }
}
