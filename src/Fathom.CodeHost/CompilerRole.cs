// The compiler: {"n", "source", "executable"} becomes {"n", "assembly": base64} or {"n", "error"}. No analyzers, no generators: nothing of a program runs.
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Fathom.CodeHost;

/// <summary>Compiles programs, one after another.</summary>
static class CompilerRole
{
    const int ReportedErrors = 3;

    // What programs of contests expect to find without a using directive.
    const string Usings = """
        global using System; global using System.Collections; global using System.Collections.Generic; global using System.IO;
        global using System.Linq; global using System.Numerics; global using System.Text; global using System.Text.RegularExpressions;
        global using System.Threading; global using System.Threading.Tasks;
        """;

    static readonly CSharpParseOptions s_parse = new(LanguageVersion.Latest);

    /// <summary>Serves requests to the end of the channel.</summary>
    public static void Serve(Channel channel)
    {
        SyntaxTree usings = CSharpSyntaxTree.ParseText(Usings, s_parse);
        // The framework that runs us is the one that will run the programs.
        MetadataReference[] references =
            [.. Directory.GetFiles(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "*.dll").Order(StringComparer.Ordinal)
                .Where(IsManaged).Select(file => MetadataReference.CreateFromFile(file))];

        // The first compilation is slow, as the compiler itself is compiled then.
        Compile("Console.WriteLine(new int[] { 1 }.Select(x => x + 1).Sum());", executable: true);
        channel.Send(w => w.WriteBoolean("ready", true));
        while (channel.Receive() is { } request)
        {
            (byte[]? assembly, string? error) = Compile(request.GetProperty("source").GetString()!, request.GetProperty("executable").GetBoolean());
            channel.Send(w =>
            {
                w.WriteString("n", request.GetProperty("n").GetString());
                if (assembly is not null)
                    w.WriteBase64String("assembly", assembly);
                else
                    w.WriteString("error", error);
            });
        }

        (byte[]? Assembly, string? Error) Compile(string source, bool executable)
        {
            SyntaxTree tree = CSharpSyntaxTree.ParseText(source, s_parse, "program.cs");
            bool runs = executable || tree.GetCompilationUnitRoot().Members.Any(SyntaxKind.GlobalStatement);
            CSharpCompilationOptions options = new(runs ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
                optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, concurrentBuild: false, warningLevel: 0);
            using MemoryStream assembly = new();
            var result = CSharpCompilation.Create("program", [tree, usings], references, options).Emit(assembly);
            if (result.Success)
                return (assembly.ToArray(), null);
            return (null, string.Join("; ", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).OrderBy(d => d.Location.SourceSpan.Start)
                .Take(ReportedErrors).Select(d => $"line {d.Location.GetLineSpan().StartLinePosition.Line + 1}: {d.Id}: {d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}")));
        }
    }

    static bool IsManaged(string file)
    {
        using FileStream stream = File.OpenRead(file);
        using System.Reflection.PortableExecutable.PEReader reader = new(stream);
        return reader.HasMetadata;
    }
}
