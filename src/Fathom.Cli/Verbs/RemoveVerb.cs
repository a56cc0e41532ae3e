// `fathom remove`: frees a model of the local store.
using System.CommandLine;
using Fathom.Models.Hub;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>remove</c>.</summary>
static class RemoveVerb
{
    static readonly Argument<string> s_name = new("NAME[@REVISION]") { Description = "A model in the store; its revision or commit, where several are there." };

    public static Verb Create() => new Verb(
        "remove", "Removes a model, or what is there of a pull that was broken off, from the local store.",
        "remove deepseek-ai/DeepSeek-V2-Lite",
        "remove deepseek-ai/DeepSeek-V2-Lite@604d5664dddd")
    {
        s_name, CommonOptions.Store, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        ModelReference reference = ModelReference.Parse(parsed.GetValue(s_name)!);
        long freed = ModelLocator.Store.Remove(reference);
        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { Name = $"{reference}", Freed = freed });
        else
            Console.Out.WriteLine($"Removed {reference}: {Terminal.Scaled(freed)}B freed.");
        return Endings.Fine;
    }
}
