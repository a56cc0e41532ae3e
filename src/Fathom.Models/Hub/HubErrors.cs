// What a hub's refusals mean: an error that says what helps, or one that may pass.
using System.Text;
using Fathom.Models.Checkpoints;

namespace Fathom.Models.Hub;

/// <summary>What a request is about, for messages.</summary>
/// <param name="Name">The model.</param>
/// <param name="Revision">The revision or commit.</param>
/// <param name="File">The file, or null.</param>
readonly record struct HubTarget(string Name, string Revision, HubFile? File)
{
    public override string ToString() => $"{Name}@{Revision}{(File is null ? "" : $", {File.Path}")}";
}

static class HubErrors
{
    /// <summary>Throws for whatever is not the file or the answer.</summary>
    /// <exception cref="HubException">The answer is final; the message says what helps.</exception>
    /// <exception cref="TransientException">Another try may help.</exception>
    public static async Task ThrowUnlessFineAsync(HttpResponseMessage response, HubTarget target, HubOptions options, Patience patience)
    {
        int status = (int)response.StatusCode;
        if (status is 200 or 206)
        {
            return;
        }

        Uri address = response.RequestMessage!.RequestUri!;
        string words = UntrustedText.Shown(await SaidAsync(response, patience).ConfigureAwait(false));
        string said = $"{address.Host} answers {status}{(words.Length > 0 ? $" ({words})" : "")}";
        bool hub = options.IsHub(address);
        // Another host refuses when the address it was asked by is too old.
        if (status is 408 or 425 or 429 or >= 500 || !hub && status is 401 or 403)
        {
            throw new TransientException(said, Retries.RetryAfter(response.Headers.RetryAfter));
        }

        throw new HubException(status switch
        {
            401 or 403 => $"{target}: {said}. {Refused(response, target, options)}",
            404 => $"{target}: {said}. {Missing(response, target)}",
            416 => $"{target}: {said}; expected the {target.File?.Size} bytes of the hub's own list.",
            _ => $"{target}: {said}.",
        });
    }

    static string Refused(HttpResponseMessage response, HubTarget target, HubOptions options)
    {
        string page = $"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{target.Name}";
        bool gated = Code(response) == "GatedRepo";
        return options.Token is null
            ? $"{(gated ? $"The model is gated: accept its terms at {page}, then set" : "There is no such model, or it is private or gated and needs an access token: set")} {HubOptions.TokenVariable}."
            : $"{(gated ? $"The model is gated: accept its terms at {page} as the owner of the token." : "There is no such model, or the access token given does not open it.")}";
    }

    static string Missing(HttpResponseMessage response, HubTarget target) => Code(response) switch
    {
        "RevisionNotFound" => $"The model '{target.Name}' has no revision '{target.Revision}'.",
        "EntryNotFound" => $"The model has no file '{target.File?.Path}' at this revision.",
        _ when target.File is not null => $"There is no '{target.File.Path}' in '{target.Name}' at '{target.Revision}'.",
        "RepoNotFound" => $"There is no model '{target.Name}'.",
        _ => $"There is no model '{target.Name}' with a revision '{target.Revision}'.",
    };

    static string? Code(HttpResponseMessage response) => Header(response, "X-Error-Code");

    /// <summary>A header's first value, or null.</summary>
    public static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;

    // The hub says what is wrong in a header; others in a short body, if at all.
    static async Task<string> SaidAsync(HttpResponseMessage response, Patience patience)
    {
        if (Header(response, "X-Error-Message") is { } message)
        {
            return message;
        }

        byte[] start = new byte[300];
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            int read = await patience.Guard(body.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, patience.Token)).ConfigureAwait(false);
            string text = Encoding.UTF8.GetString(start, 0, read).Trim();
            return text.StartsWith('<') ? "" : text;
        }
        catch (Exception error) when (Retries.MayPass(error))
        {
            return "";
        }
    }
}
