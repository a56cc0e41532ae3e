// Which files of a model are needed: its description, its tokenizer, and its weights in one form and one quantisation.
using System.Text.Json;
using System.Text.RegularExpressions;
using Fathom.Models.Checkpoints;

namespace Fathom.Models.Hub;

static partial class FileSelection
{
    /// <summary>An index is at most this long; DeepSeek-V3's is 9 MB.</summary>
    const long MaxIndexBytes = 256 << 20;

    /// <summary>The needed files of a model.</summary>
    /// <param name="name">The model, for messages.</param>
    /// <param name="files">All its files by path.</param>
    /// <param name="pattern">Which GGUF file: a path, a part of one, or a pattern with * and ?; null: the safetensors, or else the only GGUF.</param>
    /// <param name="fetch">Gives the local path of a file that has been fetched and checked.</param>
    /// <exception cref="HubException">The model has no weights that can be read, or its list lacks some.</exception>
    /// <exception cref="ModelNameException">Several GGUF files are there, or none fits the pattern; the message lists them.</exception>
    public static async Task<IReadOnlyList<HubFile>> ChooseAsync(string name, IReadOnlyDictionary<string, HubFile> files, string? pattern, Func<HubFile, Task<string>> fetch)
    {
        HubFile[] weights = pattern is null ? await SafetensorsAsync(name, files, fetch).ConfigureAwait(false) : [];
        if (weights.Length > 0)
        {
            return [.. files.Values.Where(IsDescription), .. weights];
        }

        GgufModel[] models = GgufModel.In(files.Values);
        if (models.Length == 0)
        {
            throw new HubException($"{name} has neither {ModelFolder.SingleFileName}, {ModelFolder.IndexFileName} nor a GGUF file; it has {Listing(files)}.");
        }

        GgufModel[] chosen = pattern is null ? models : models.FirstOrDefault(model => model.Path == pattern) is { } exact ? [exact] : [.. models.Where(model => model.Matches(pattern))];
        return chosen switch
        {
            [var one] => one.Parts(name),
            [] => throw new ModelNameException($"no GGUF file of {name} fits '{pattern}'. {Choices(models)}"),
            _ => throw new ModelNameException($"{name} has {chosen.Length} GGUF files{(pattern is null ? "" : $" that fit '{pattern}'")}; choose one with --file. {Choices(chosen)}"),
        };
    }

    /// <summary>Whether a file describes the model or is its tokenizer or chat template.</summary>
    static bool IsDescription(HubFile file) => file.IsAtRoot && DescriptionPattern().IsMatch(file.Path);

    // The single file goes before the index, as everywhere.
    static async Task<HubFile[]> SafetensorsAsync(string name, IReadOnlyDictionary<string, HubFile> files, Func<HubFile, Task<string>> fetch)
    {
        if (files.TryGetValue(ModelFolder.SingleFileName, out HubFile? single))
        {
            return [single];
        }

        if (!files.TryGetValue(ModelFolder.IndexFileName, out HubFile? index))
        {
            return [];
        }

        if (index.Size > MaxIndexBytes)
        {
            throw new HubException($"{name}, {index.Path}: found {index.Size} bytes, expected at most {MaxIndexBytes}.");
        }

        IEnumerable<string> shards = ShardsOf($"{name}, {index.Path}", await fetch(index).ConfigureAwait(false));
        return
        [
            index, .. shards.Select(shard => files.TryGetValue(shard, out HubFile? file) && file.IsAtRoot && file.Has(HubFile.SafetensorsExtension)
                ? file
                : throw new HubException($"{name}, {index.Path}: found the shard '{UntrustedText.Shown(shard)}', expected one of the safetensors files that the model has.")),
        ];
    }

    static IEnumerable<string> ShardsOf(string what, string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using var document = JsonDocument.Parse(stream);
            return new SortedSet<string>(document.RootElement.GetProperty("weight_map").EnumerateObject().Select(tensor => tensor.Value.GetString() ?? ""), StringComparer.Ordinal);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new HubException($"{what}: not readable ({UntrustedText.Shown(error.Message)}), expected {{\"weight_map\": {{tensor: file, ...}}}}.", error);
        }
    }

    static string Choices(GgufModel[] models) => $"It has:{string.Concat(models.Select(model => $"\n  {model}"))}";

    static string Listing(IReadOnlyDictionary<string, HubFile> files)
    {
        const int Most = 8;
        string[] names = [.. files.Values.OrderByDescending(file => file.Size).Select(file => file.Path).Take(Most)];
        return names.Length == 0 ? "no files" : string.Join(", ", names) + (files.Count > Most ? $" and {files.Count - Most} more" : "");
    }

    [GeneratedRegex(@"^(config\.json|generation_config\.json|special_tokens_map\.json|added_tokens\.json|tokenizer[^/]*\.(json|model)|[^/]*\.model|chat_template[^/]*\.(json|jinja))\z")]
    private static partial Regex DescriptionPattern();
}
