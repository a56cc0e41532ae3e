using Fathom.Models.Hub;

namespace Fathom.Models.Tests.Hub;

public class ChecksumTests
{
    // Known values: `printf 'hello\n' | git hash-object --stdin` and `sha256sum`; the empty file's are the well-known ones.
    [Theory]
    [InlineData("hello\n", ChecksumKind.GitSha1, "git-sha1:ce013625030ba8dba906f756967f9e9ca394464a")]
    [InlineData("hello\n", ChecksumKind.Sha256, "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")]
    [InlineData("", ChecksumKind.GitSha1, "git-sha1:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")]
    [InlineData("", ChecksumKind.Sha256, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Of_File_IsWhatGitAndSha256sumSay(string content, ChecksumKind kind, string expected)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, content);
            Checksum sum = Checksum.Of(kind, path, default);
            Assert.Equal(expected, $"{sum}");
            Assert.Equal(sum, Checksum.TryParse(expected));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256:")]
    [InlineData("sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855")]
    [InlineData("sha1:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")]
    public void TryParse_NoSum_IsNull(string text) => Assert.Null(Checksum.TryParse(text));
}
