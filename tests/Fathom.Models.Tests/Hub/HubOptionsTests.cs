using Fathom.Models.Hub;

namespace Fathom.Models.Tests.Hub;

public sealed class HubOptionsTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("fathom-options-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    HubOptions Read(params (string Name, string Value)[] set) => HubOptions.FromEnvironment(name => set.FirstOrDefault(pair => pair.Name == name).Value ?? (name == "HOME" ? folder : null));

    string WriteToken(string text, params string[] path)
    {
        string file = Path.Combine([folder, .. path, "token"]);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    [Fact]
    public void FromEnvironment_Nothing_IsThePublicHubAnonymously()
    {
        HubOptions options = Read();
        Assert.Equal((new Uri("https://huggingface.co"), null, false), (options.Endpoint, options.Token, options.Offline));
    }

    [Theory]
    [InlineData("https://hf-mirror.com/", "https://hf-mirror.com/")]
    [InlineData("http://localhost:8080/hub/", "http://localhost:8080/hub")]
    public void FromEnvironment_Endpoint_IsTaken(string value, string address) => Assert.Equal(address, Read(("HF_ENDPOINT", value)).Endpoint.AbsoluteUri);

    [Theory]
    [InlineData("huggingface.co")]
    [InlineData("ftp://huggingface.co")]
    [InlineData("/tmp")]
    [InlineData("https://x/?a=b")]
    public void FromEnvironment_WrongEndpoint_Throws(string value) => Assert.StartsWith($"HF_ENDPOINT is '{value}'", Assert.Throws<HubException>(() => Read(("HF_ENDPOINT", value))).Message);

    [Fact]
    public void FromEnvironment_Token_ComesFromTheVariableOrTheLoginsFile()
    {
        WriteToken(" hf_file\n", ".cache", "huggingface");
        WriteToken("hf_home", "home");
        Assert.Equal("hf_file", Read().Token);
        Assert.Equal("hf_home", Read(("HF_HOME", Path.Combine(folder, "home"))).Token);
        Assert.Equal("hf_variable", Read(("HF_TOKEN", "hf_variable")).Token);
        Assert.Equal("hf_file", Read(("HF_TOKEN", "  ")).Token);
    }

    [Fact]
    public void FromEnvironment_TokenOfWrongCharacters_NamesTheSourceAndNotTheToken()
    {
        string file = WriteToken("hf_a\nhf_b", ".cache", "huggingface");
        string message = Assert.Throws<HubException>(() => Read()).Message;
        Assert.Contains(file, message);
        Assert.DoesNotContain("hf_", message);
        Assert.Contains("HF_TOKEN", Assert.Throws<HubException>(() => Read(("HF_TOKEN", "hf_é"))).Message);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("True", true)]
    [InlineData("yes", true)]
    [InlineData("0", false)]
    [InlineData("", false)]
    [InlineData("no", false)]
    public void FromEnvironment_Offline_ReadsTheUsualWords(string value, bool offline) => Assert.Equal(offline, Read(("HF_HUB_OFFLINE", value)).Offline);
}
