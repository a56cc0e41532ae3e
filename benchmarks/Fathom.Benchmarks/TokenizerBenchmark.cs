// Throughput of tokenizers on one core: prose, code and hostile text, first with an empty cache of pieces, then again.

using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Benchmarks;

static class TokenizerBenchmark
{
    /// <summary>Prints one line per text. Arguments: a tokenizer.json or model folder, then files of text.</summary>
    public static int Run(string[] args)
    {
        if (args.Length < 2)
        {
            Console.Error.WriteLine("Usage: Fathom.Benchmarks tokenizer TOKENIZER FILE...");
            return 2;
        }
        Console.WriteLine($"{"text",-24} {"MB",7} {"tokens",10} {"bytes/token",12} {"first MB/s",11} {"again MB/s",11}");
        foreach (string file in args[1..])
            Measure(args[0], Path.GetFileName(file), File.ReadAllBytes(file));
        Measure(args[0], "1 MB of one letter", Repeated("a"));
        Measure(args[0], "1 MB of quotes", Repeated("\""));
        Measure(args[0], "1 MB of marks", Repeated("\u0301"));
        return 0;
    }

    static byte[] Repeated(string text) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(text, 1_000_000 / Encoding.UTF8.GetByteCount(text))));

    // Seconds of this process on a processor, so that a busy machine does not count.
    static void Measure(string tokenizer, string name, byte[] text)
    {
        Tokenizer fresh = Tokenizer.Load(tokenizer);
        (double first, int tokens) = Seconds(fresh, text);
        double again = Enumerable.Range(0, 3).Min(_ => Seconds(fresh, text).Seconds);
        double megabytes = text.Length / 1e6;
        Console.WriteLine($"{name,-24} {megabytes,7:0.00} {tokens,10} {text.Length / (double)tokens,12:0.00} {megabytes / first,11:0.0} {megabytes / again,11:0.0}");
    }

    static (double Seconds, int Tokens) Seconds(Tokenizer tokenizer, byte[] text)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        int tokens = tokenizer.Encode(text).Length;
        return ((Environment.CpuUsage.TotalTime - before).TotalSeconds, tokens);
    }
}
