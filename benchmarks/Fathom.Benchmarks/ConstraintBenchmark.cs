// Time per token of constraints at a large vocabulary: masks and moves, on texts that are JSON, cold and with the caches filled.

using System.Diagnostics;
using System.Text;
using Fathom.Inference.Constraints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Text.Tokenizers;

namespace Fathom.Benchmarks;

static class ConstraintBenchmark
{
    const int VocabularySize = 128 * 1024;

    const string Person = """
        {"type": "object", "properties": {"name": {"type": "string", "maxLength": 80}, "age": {"type": "integer", "minimum": 0, "maximum": 150},
         "email": {"type": "string", "format": "email"}, "tags": {"type": "array", "items": {"enum": ["red", "green", "blue"]}, "maxItems": 8},
         "address": {"$ref": "#/$defs/address"}, "note": {"type": "string"}}, "required": ["name", "age", "email", "tags", "address", "note"],
         "additionalProperties": false,
         "$defs": {"address": {"type": "object", "properties": {"street": {"type": "string"}, "city": {"type": "string"}, "zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
          "required": ["street", "city", "zip"]}}}
        """;

    /// <summary>Prints a line per constraint. Arguments: a tokenizer as GGUF file, and texts (JSON lines) whose words become tokens up to 128K and whose strings fill the JSON.</summary>
    public static int Run(string[] args)
    {
        if (args.Length < 2)
        {
            Console.Error.WriteLine("Usage: Fathom.Benchmarks constraints TOKENIZER.gguf TEXT...");
            return 2;
        }
        using GgufFile file = GgufFile.Open(args[0]);
        Tokenizer tokenizer = Tokenizer.FromGguf(args[0], file.Metadata);
        string prose = string.Concat(args[1..].Select(File.ReadAllText));
        List<byte[]> tokens = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(i => !tokenizer.SpecialTokens.Values.Contains(i)).Select(i => tokenizer.TokenBytes(i).ToArray())];
        Extend(tokens, prose);
        ConstraintVocabulary vocabulary = null!;
        double built = Seconds(() => vocabulary = new ConstraintVocabulary([.. tokens, null], [tokens.Count]));
        Console.WriteLine($"{vocabulary.Size} tokens; vocabulary prepared in {built * 1000:0} ms");
        Greedy greedy = new(tokens);
        string[] sentences = [.. prose.Split(['\n', '.', '"'], StringSplitOptions.RemoveEmptyEntries).Where(s => s.Length > 20).Take(4000)];

        Console.WriteLine($"{"constraint",-16} {"compile ms",10} {"tokens",7} {"first µs",9} {"warm µs",8} {"slowest µs",10} {"accept µs",9}");
        Measure("json", () => TokenConstraint.FromJson(vocabulary), Documents(sentences, Free), greedy);
        Measure("schema", () => TokenConstraint.FromJsonSchema(Person, vocabulary), Documents(sentences, PersonText), greedy);
        Measure("50 properties", () => TokenConstraint.FromJsonSchema(Wide(), vocabulary), Documents(sentences, WideText), greedy);
        Measure("maxLength 5000", () => TokenConstraint.FromJsonSchema("""{"type": "string", "maxLength": 5000}""", vocabulary), Documents(sentences, (s, i) => Quote(string.Join(' ', s.Skip(i * 20).Take(10)))), greedy);
        Measure("regex", () => TokenConstraint.FromRegex("(?:[A-Za-z0-9 ,;:'$%/()-]+\\n)+", vocabulary), [string.Join('\n', sentences.Take(500).Select(s => new string([.. s.Where(c => char.IsAsciiLetterOrDigit(c) || c == ' ')]))) + "\n"], greedy);
        Measure("grammar", () => TokenConstraint.FromGrammar("root ::= sum \"\\n\"\nsum ::= sum [-+] product | product\nproduct ::= product [*/] value | value\nvalue ::= [0-9]+ | \"(\" sum \")\"", vocabulary),
            [string.Join("+", Enumerable.Range(1, 400).Select(i => $"{i}*({i % 7}-{i * 31 % 1000})")) + "\n"], greedy);
        return 0;
    }

    static void Measure(string name, Func<TokenConstraint> compile, string[] texts, Greedy greedy)
    {
        double compiled = double.MaxValue;
        TokenConstraint constraint = null!;
        for (int i = 0; i < 3; i++)
            compiled = Math.Min(compiled, Seconds(() => constraint = compile()));
        int[][] ids = [.. texts.Select(greedy.Encode)];
        int count = ids.Sum(t => t.Length);
        double first = Seconds(() => Generate(constraint, ids));
        double warm = double.MaxValue;
        for (int i = 0; i < 5; i++)
            warm = Math.Min(warm, Seconds(() => Generate(constraint, ids)));
        (double slowest, double accepts) = Slowest(constraint, ids);
        Console.WriteLine($"{name,-16} {compiled * 1000,10:0.0} {count,7} {first * 1e6 / count,9:0.0} {warm * 1e6 / count,8:0.00} {slowest * 1e6,10:0.0} {accepts * 1e6 / count,9:0.00}");
    }

    static void Generate(TokenConstraint constraint, int[][] texts)
    {
        foreach (int[] text in texts)
        {
            ConstraintState state = constraint.Start();
            foreach (int id in text)
            {
                ReadOnlySpan<uint> mask = state.AllowedTokens;
                if ((mask[id >> 5] >> (id & 31) & 1) == 0 || !state.Accept(id))
                    throw new InvalidDataException($"token {id} is refused");
            }
            if (!state.IsComplete)
                throw new InvalidDataException("the text is not complete");
        }
    }

    static (double, double) Slowest(TokenConstraint constraint, int[][] texts)
    {
        double slowest = 0, accepts = 0;
        foreach (int[] text in texts)
        {
            ConstraintState state = constraint.Start();
            foreach (int id in text)
            {
                long from = Stopwatch.GetTimestamp();
                _ = state.AllowedTokens;
                long middle = Stopwatch.GetTimestamp();
                state.Accept(id);
                slowest = Math.Max(slowest, Stopwatch.GetElapsedTime(from, middle).TotalSeconds);
                accepts += Stopwatch.GetElapsedTime(middle).TotalSeconds;
            }
        }
        return (slowest, accepts);
    }

    // Seconds of this process on a processor, so that a busy machine does not count.
    static double Seconds(Action work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    // Words with the space in front and parts of words, as larger vocabularies have them, then numbers.
    static void Extend(List<byte[]> tokens, string prose)
    {
        HashSet<string> known = [.. tokens.Select(Encoding.Latin1.GetString)];
        IEnumerable<string> words = prose.Split([' ', '\n', '\\']).Where(w => w.Length > 1).SelectMany(w => Enumerable.Range(2, w.Length - 1).SelectMany(n => new[] { " " + w[..n], w[..n], w[..n] + "\"", "\"" + w[..n] }));
        IEnumerable<string> rest = Enumerable.Range(0, VocabularySize).Select(i => $"x{i}");
        foreach (string text in words.Concat(rest))
        {
            if (tokens.Count == VocabularySize - 1)
                return;
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            if (known.Add(Encoding.Latin1.GetString(bytes)))
                tokens.Add(bytes);
        }
    }

    static string[] Documents(string[] sentences, Func<string[], int, string> make) => [.. Enumerable.Range(0, 60).Select(i => make(sentences, i))];

    static string Quote(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Trim()}\"";

    static string Free(string[] s, int i) => $$"""
        {"id": {{i}}, "title": {{Quote(s[i])}}, "list": [{{i}}, -2.5e3, {{Quote(s[i + 60])}}, {"deep": [[{{Quote(s[i + 120])}}], {"x": null}]}],
          "é": "日本語 {{i}}", "ok": true}
        """;

    static string PersonText(string[] s, int i) => $$"""
        {"name": {{Quote(s[i][..20])}}, "age": {{i}}, "email": "jane.doe{{i}}@example.org", "tags": ["red", "blue"], "address": {"street": {{Quote(s[i + 1])}}, "city": {{Quote(s[i + 2])}}, "zip": "12345"}, "note": {{Quote(s[i + 3] + s[i + 4])}}}
        """;

    static string Wide() => "{\"type\": \"object\", \"properties\": {" + string.Join(",", Enumerable.Range(0, 50).Select(k => $"\"property_{k}\": " + (k % 5) switch
    {
        0 => "{\"type\": \"string\"}",
        1 => "{\"type\": \"integer\"}",
        2 => "{\"type\": [\"number\", \"null\"]}",
        3 => "{\"type\": \"array\", \"items\": {\"type\": \"string\"}}",
        _ => "{\"enum\": [\"one\", \"two\", \"three\"]}",
    })) + "}}";

    static string WideText(string[] s, int i) => "{" + string.Join(", ", Enumerable.Range(0, 50).Where(k => (k + i) % 3 != 0).Select(k => $"\"property_{k}\": " + (k % 5) switch
    {
        0 => Quote(s[i + k]),
        1 => $"{i * k}",
        2 => "3.25",
        3 => $"[{Quote(s[i + k + 1][..12])}, \"b\"]",
        _ => "\"two\"",
    })) + "}";

    /// <summary>Cuts text into the longest tokens from the left.</summary>
    sealed class Greedy
    {
        readonly Dictionary<string, int> ids = [];
        readonly int longest;

        public Greedy(List<byte[]> tokens)
        {
            for (int i = 0; i < tokens.Count; i++)
            {
                ids.TryAdd(Encoding.Latin1.GetString(tokens[i]), i);
                longest = Math.Max(longest, tokens[i].Length);
            }
        }

        public int[] Encode(string text)
        {
            string bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
            List<int> found = [];
            for (int at = 0; at < bytes.Length;)
            {
                int length = Math.Min(longest, bytes.Length - at);
                while (!ids.ContainsKey(bytes.Substring(at, length)))
                    length--;
                found.Add(ids[bytes.Substring(at, length)]);
                at += length;
            }
            return [.. found];
        }
    }
}
