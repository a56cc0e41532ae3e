// `fathom list`: the models in the local store.
using System.CommandLine;
using Fathom.Models.Hub;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>list</c>.</summary>
static class ListVerb
{
    public static Verb Create() => new Verb(
        "list", "Lists the models in the local store, and pulls that were broken off.",
        "list",
        "list --store /data/models --json")
    {
        CommonOptions.Store, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        ModelStore store = ModelLocator.Store;
        IReadOnlyList<StoredModel> models = store.List();
        IReadOnlyList<(string Name, long Bytes)> unfinished = store.Unfinished();
        if (parsed.GetValue(CommonOptions.Json))
            PrintJson(store, models, unfinished);
        else
            PrintTable(store, models, unfinished);
        return Endings.Fine;
    }

    static void PrintTable(ModelStore store, IReadOnlyList<StoredModel> models, IReadOnlyList<(string Name, long Bytes)> unfinished)
    {
        if (models.Count + unfinished.Count == 0)
        {
            Console.Out.WriteLine($"The store {store.Root} is empty.");
            return;
        }
        Table table = Terminal.Table("name", "revision", "commit", ">size", "format", "pulled (UTC)");
        foreach (StoredModel model in models)
        {
            table.Add(
                model.Name, string.Join(", ", model.Revisions), model.Commit[..12], $"{Terminal.Scaled(model.Bytes)}B", model.Format, Terminal.Invariant($"{model.Pulled.UtcDateTime:yyyy-MM-dd HH:mm}"));
        }
        foreach ((string name, long bytes) in unfinished)
            table.Add(name, "", "", $"{Terminal.Scaled(bytes)}B", "not complete", "");
        Terminal.Write(table);
        Console.Out.WriteLine(store.Root);
    }

    static void PrintJson(ModelStore store, IReadOnlyList<StoredModel> models, IReadOnlyList<(string Name, long Bytes)> unfinished) => Terminal.PrintJson(new
    {
        Store = store.Root,
        Models = models.Select(model => new
        {
            model.Name,
            model.Revisions,
            model.Commit,
            model.Folder,
            model.Format,
            model.Bytes,
            model.Source,
            model.Pulled,
            Files = model.Files.Select(file => file.Path),
        }),
        Unfinished = unfinished.Select(part => new { part.Name, part.Bytes }),
    });
}
