// The samples, as a reader starts them, on a tiny model with random weights.
using System.Diagnostics;
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

public sealed class SamplesTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly string _model;

    public SamplesTests()
    {
        _model = _folder.In("m");
        Executable.Run("init", "nano", "-o", _model).Ends(0);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Generate")]
    [InlineData("Stream")]
    [InlineData("ChatClient")]
    public void Sample_Answers(string sample) => Assert.NotEmpty(Run(sample, "", _model, "What is 27+58?").Ends(0).Output.Trim());

    [Fact]
    public void Chat_AnswersEveryTurn() => Assert.True(Run("Chat", "one\ntwo\n\n", _model).Ends(0).Output.Length > 2);

    [Fact]
    public void JsonOutput_IsJsonOfTheShape()
    {
        JsonElement answer = Run("JsonOutput", "", _model, "What is 27+58?").Ends(0).Json();
        Assert.InRange(answer.GetProperty("answer").GetInt32(), 0, 999);
        Assert.True(answer.GetProperty("certain").ValueKind is JsonValueKind.True or JsonValueKind.False);
    }

    [Fact]
    public async Task AspNetCore_StreamsAnAnswer()
    {
        using Process server = Start("AspNetCore", _model, "--urls", "http://127.0.0.1:0");
        try
        {
            using CancellationTokenSource patience = new(TimeSpan.FromMinutes(5));
            string? address = null;
            while (address is null && await server.StandardOutput.ReadLineAsync(patience.Token) is { } line)
                address = line.Contains("http://127.0.0.1", StringComparison.Ordinal) ? line[line.IndexOf("http", StringComparison.Ordinal)..].Trim() : null;
            Assert.NotNull(address);
            using HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };
            using HttpResponseMessage response = await client.GetAsync($"{address}/ask?question=What%20is%20it", patience.Token);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
            Assert.Contains("data: ", await response.Content.ReadAsStringAsync(patience.Token), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
        }
    }

    static Process Start(string sample, params string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"Fathom.Samples.{sample}.dll"), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    static Outcome Run(string sample, string input, params string[] arguments)
    {
        using Process process = Start(sample, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return Executable.Finish(process, output, error);
    }
}
