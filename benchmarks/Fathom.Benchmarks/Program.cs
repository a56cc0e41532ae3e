// Benchmarks of kernels beside the limits of the machine they run on, and of what else must be fast.
// Usage: dotnet run -c Release --project benchmarks/Fathom.Benchmarks -- matmul|attention|tokenizer|constraints|programs|limits

using Fathom.Benchmarks;

switch (args)
{
    case ["matmul", .. string[] rest]:
        return MatMulBenchmark.Run(rest);
    case ["attention", .. string[] rest]:
        return AttentionBenchmark.Run(rest);
    case ["tokenizer", .. string[] rest]:
        return TokenizerBenchmark.Run(rest);
    case ["constraints", .. string[] rest]:
        return ConstraintBenchmark.Run(rest);
    case ["programs", .. string[] rest]:
        return ProgramBenchmark.Run(rest);
    case ["limits"]:
        foreach (int threads in new[] { 1, Environment.ProcessorCount })
            Console.WriteLine(Fathom.Numerics.Kernels.MachineLimits.MachineLimits.Measure(threads));
        return 0;
    default:
        Console.Error.WriteLine("Usage: Fathom.Benchmarks matmul [--quick] [threads ...] [NT:16,4096,1024 ...] | attention [threads ...] | tokenizer TOKENIZER FILE... | constraints TOKENIZER.gguf TEXT... | programs [N] | limits");
        return 2;
}
