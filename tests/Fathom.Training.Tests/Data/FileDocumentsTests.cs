// The user's own files: every documented shape, and for every broken line its file and number.

using Fathom.Testing;
using Fathom.Training.Data;

namespace Fathom.Training.Tests.Data;

public sealed class FileDocumentsTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string File(string name, string content)
    {
        System.IO.File.WriteAllText(_folder.In(name), content);
        return _folder.In(name);
    }

    static Document[] All(FileDocuments documents) => [.. documents.Train.Concat(documents.Validation).Distinct()];

    Document One(string line) => Assert.Single(All(FileDocuments.Read([File("one.jsonl", line + "\n")])));

    [Fact]
    public void JsonLines_EveryShape_BecomesItsDocument()
    {
        Assert.Equal(new Document(null, null, "plain"), One("""{"text": "plain"}"""));
        Assert.Equal(new Document("p", null, "c"), One("""{"prompt": "p", "completion": "c"}"""));
        Assert.Equal(new Document("p", "why", "so"), One("""{"prompt": "p", "completion": "<think>\nwhy\n</think>\n\nso"}"""));
        Assert.Equal(new Document("p", "why", "so"), One("""{"prompt": "p", "completion": "why</think>so"}"""));
        Assert.Equal(new Document("q", "2+2=4", "4"), One("""{"question": "q", "answer": "2+2=4\n#### 4"}"""));
        Assert.Equal(new Document("q", null, "4"), One("""{"question": "q", "answer": "4"}"""));
        Assert.Equal(
            new Document("second", "hm", "b"),
            One("""{"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "first"}, {"role": "assistant", "content": "a"}, {"role": "user", "content": "second"}, {"role": "assistant", "content": "<think>hm</think>b"}]}"""));
        Assert.Equal(new Document(null, null, "文字"), One("""{"text": "文字", "other": 1}"""));
    }

    [Theory]
    [InlineData("""{"text": "unfinished""", "not a JSON object")]
    [InlineData("[1, 2]", "a JSON Array, expected an object")]
    [InlineData("17", "a JSON Number, expected an object")]
    [InlineData("{}", "found the fields none")]
    [InlineData("""{"text": 5}""", "found the fields 'text'; needed are")]
    [InlineData("""{"prompt": "p", "answer": "a"}""", "found the fields 'prompt', 'answer'; needed are 'text'")]
    [InlineData("""{"messages": []}""", "'messages' needs at least one message of role 'user'")]
    [InlineData("""{"messages": [{"role": "user"}]}""", "a message lacks 'role' or 'content' as a string")]
    [InlineData("""{"messages": ["user"]}""", "a message lacks 'role' or 'content' as a string")]
    [InlineData("""{"messages": [{"role": 3, "content": "x"}]}""", "a message lacks 'role' or 'content' as a string")]
    public void BrokenLine_IsNamedByFileAndNumber(string line, string problem)
    {
        string file = File("data.jsonl", "{\"text\": \"fine\"}\n\n" + line + "\n{\"text\": \"fine too\"}\n");
        string message = Assert.Throws<DataFileException>(() => FileDocuments.Read([file])).Message;
        Assert.StartsWith($"{file}, line 3: ", message);
        Assert.Contains(problem, message);
    }

    [Fact]
    public void MissingOrEmptyFile_IsNamed()
    {
        string none = _folder.In("none.txt");
        Assert.Equal($"{none}: there is no such file.", Assert.Throws<DataFileException>(() => FileDocuments.Read([none])).Message);
        foreach (string name in new[] { "empty.txt", "empty.jsonl" })
        {
            string empty = File(name, " \n\n");
            Assert.Equal($"{empty}: it holds no documents.", Assert.Throws<DataFileException>(() => FileDocuments.Read([File("fine.txt", "words"), empty])).Message);
        }
    }

    [Fact]
    public void Text_IsCutAtBlankLines_AndNothingIsLost()
    {
        string paragraph = string.Concat(Enumerable.Repeat("0123456789 abc\n", 60)) + "\n";
        string text = string.Concat(Enumerable.Range(0, 40).Select(i => $"chapter {i}\n" + paragraph));
        FileDocuments documents = FileDocuments.Read([File("book.txt", text)]);
        Document[] all = All(documents);
        Assert.True(all.Length > 5);
        Assert.All(all, document => Assert.InRange(document.Text.Length, 1, 4000));
        Assert.Equal(text.Length, all.Sum(document => document.Text.Length));
        Assert.All(all, document => Assert.StartsWith("chapter", document.Text));
    }

    [Fact]
    public void Read_SplitsByContent_SoThatNothingIsInBothParts()
    {
        string lines = string.Concat(Enumerable.Range(0, 800).Select(i => $"{{\"text\": \"document {i % 400}\"}}\n"));
        FileDocuments documents = FileDocuments.Read([File("many.jsonl", lines)]);
        Assert.Empty(documents.Train.Intersect(documents.Validation));
        Assert.Equal(800, documents.Train.Count + documents.Validation.Count);
        // 400 texts, a sixteenth each: 25, deviation 4.8; five of them.
        Assert.InRange(documents.Validation.Distinct().Count(), 2, 49);
        Assert.Equal(documents.Train, FileDocuments.Read([_folder.In("many.jsonl")]).Train);
    }

    [SharedDataFact]
    public void Gsm8k_EveryLineHasReasoningAndAnswer()
    {
        FileDocuments documents = FileDocuments.Read([SharedData.Path("real", "gsm8k", "train.jsonl")]);
        Assert.True(documents.Train.Count > 10 * documents.Validation.Count);
        Assert.All(documents.Train, document =>
        {
            Assert.NotNull(document.Prompt);
            Assert.NotNull(document.Reasoning);
            Assert.DoesNotContain("####", document.Text);
            Assert.True(document.Text.Length > 0);
        });
    }
}
