// The user's own data: plain text, or JSON lines of the usual shapes.
using System.Text.Json;
using Fathom.Evaluation.Tasks;

namespace Fathom.Training.Data;

/// <summary>A data file that cannot be used. The message names file, line, what was found and what was expected.</summary>
public sealed class DataFileException(string file, long? line, string problem)
    : Exception(line is { } n ? $"{file}, line {n}: {problem}." : $"{file}: {problem}.");

/// <summary>Documents read from files, split by content so that no document is in both parts.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Validation">About one document in sixteen, to validate on.</param>
public sealed record FileDocuments(IReadOnlyList<Document> Train, IReadOnlyList<Document> Validation)
{
    // Plain text is cut at blank lines into documents of about this many characters.
    const int DocumentCharacters = 2000;

    /// <summary>Reads files: <c>.jsonl</c> and <c>.json</c> as JSON lines with <c>text</c>, <c>prompt</c> and <c>completion</c>,
    /// <c>messages</c>, or <c>question</c> and <c>answer</c> (GSM8K); everything else as plain UTF-8 text.</summary>
    /// <exception cref="DataFileException">A file is missing or empty, or a line is broken.</exception>
    public static FileDocuments Read(IEnumerable<string> files)
    {
        var train = new List<Document>();
        var validation = new List<Document>();
        foreach (string file in files)
        {
            int before = train.Count + validation.Count;
            foreach (Document document in ReadFile(file))
            {
                ulong hash = ContentHash.Of(document.Prompt + "\0" + document.Text, []);
                (hash % 16 == 0 ? validation : train).Add(document);
            }
            if (train.Count + validation.Count == before)
                throw new DataFileException(file, null, "it holds no documents");
        }
        // A tiny file may fall on one side entirely.
        if (validation.Count == 0 && train.Count > 0)
            validation.Add(train[^1]);
        if (train.Count == 0 && validation.Count > 0)
            train.AddRange(validation);
        return new FileDocuments(train, validation);
    }

    static IEnumerable<Document> ReadFile(string file)
    {
        if (!File.Exists(file))
            throw new DataFileException(file, null, "there is no such file");
        return Path.GetExtension(file).ToLowerInvariant() is ".jsonl" or ".json" ? ReadJsonLines(file) : ReadText(file);
    }

    static IEnumerable<Document> ReadText(string file)
    {
        var text = new System.Text.StringBuilder();
        foreach (string line in File.ReadLines(file))
        {
            text.Append(line).Append('\n');
            if (line.Length == 0 && text.Length >= DocumentCharacters)
            {
                yield return new Document(null, null, text.ToString());
                text.Clear();
            }
        }
        if (text.ToString().Trim().Length > 0)
            yield return new Document(null, null, text.ToString());
    }

    static IEnumerable<Document> ReadJsonLines(string file)
    {
        long number = 0;
        foreach (string line in File.ReadLines(file))
        {
            number++;
            if (line.AsSpan().Trim().Length == 0)
                continue;
            yield return Parse(file, number, line);
        }
    }

    static Document Parse(string file, long number, string line)
    {
        JsonElement record;
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            record = json.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new DataFileException(file, number, $"not a JSON object ({e.Message.TrimEnd('.')})");
        }
        if (record.ValueKind != JsonValueKind.Object)
            throw new DataFileException(file, number, $"a JSON {record.ValueKind}, expected an object");
        if (Text("text") is { } text)
            return new Document(null, null, text);
        if (Text("prompt") is { } prompt && Text("completion") is { } completion)
            return Reply(prompt, completion);
        if (Text("question") is { } question && Text("answer") is { } answer)
            return WorkedAnswer(question, answer);
        if (record.TryGetProperty("messages", out JsonElement messages) && messages.ValueKind == JsonValueKind.Array)
            return LastExchange(file, number, messages);
        string found = string.Join(", ", record.EnumerateObject().Select(p => $"'{p.Name}'"));
        throw new DataFileException(
            file, number, $"found the fields {(found.Length == 0 ? "none" : found)}; needed are 'text', 'prompt' and 'completion', 'messages', or 'question' and 'answer', as strings");

        string? Text(string name) => record.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    // GSM8K: the worked part is the reasoning, what follows #### is the answer.
    static Document WorkedAnswer(string question, string answer)
    {
        int mark = answer.LastIndexOf("####", StringComparison.Ordinal);
        return mark < 0
            ? new Document(question, null, answer)
            : new Document(question, answer[..mark].Trim(), answer[(mark + 4)..].Trim());
    }

    static Document Reply(string prompt, string completion)
    {
        const string open = "<think>", close = "</think>";
        int end = completion.IndexOf(close, StringComparison.Ordinal);
        if (end < 0)
            return new Document(prompt, null, completion);
        string reasoning = completion[..end].TrimStart();
        if (reasoning.StartsWith(open, StringComparison.Ordinal))
            reasoning = reasoning[open.Length..];
        return new Document(prompt, reasoning.Trim(), completion[(end + close.Length)..].Trim());
    }

    static Document LastExchange(string file, long number, JsonElement messages)
    {
        string? user = null, assistant = null;
        foreach (JsonElement message in messages.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("role", out JsonElement role) || role.ValueKind != JsonValueKind.String
                || !message.TryGetProperty("content", out JsonElement content) || content.ValueKind != JsonValueKind.String)
                throw new DataFileException(file, number, "a message lacks 'role' or 'content' as a string");
            if (role.ValueEquals("user"))
                user = content.GetString();
            else if (role.ValueEquals("assistant"))
                assistant = content.GetString();
        }
        return user is not null && assistant is not null
            ? Reply(user, assistant)
            : throw new DataFileException(file, number, "'messages' needs at least one message of role 'user' and one of role 'assistant'");
    }
}
