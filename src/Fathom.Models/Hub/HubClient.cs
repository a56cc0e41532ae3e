// The hub's HTTP: which commit a revision is, which files it has, and their bytes. Redirects are followed here, one by one,
// because the token must not follow them to another host.
using System.Net;
using System.Net.Http.Headers;
using Fathom.Models.Checkpoints;

namespace Fathom.Models.Hub;

sealed class HubClient : IDisposable
{
    const int MaxRedirects = 10, MaxPages = 1000, ReadBytes = 1 << 18;
    const int MaxAnswerBytes = 32 << 20;

    readonly HubOptions options;
    readonly Action<string> notice;
    readonly HttpClient http;

    /// <param name="options">Which hub.</param>
    /// <param name="notice">Is told why something is tried again; called from several threads.</param>
    public HubClient(HubOptions options, Action<string> notice)
    {
        (this.options, this.notice) = (options, notice);
        http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = options.Patience, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("fathom", typeof(HubClient).Assembly.GetName().Version?.ToString(3)));
        // Sums are of the files themselves, and ranges only mean something there.
        http.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>The commit that a revision is now.</summary>
    public async Task<string> ResolveAsync(string name, string revision, CancellationToken cancel)
    {
        var target = new HubTarget(name, revision, null);
        (byte[] json, _) = await AskAsync(Address($"api/models/{name}/revision/{Uri.EscapeDataString(revision)}"), target, cancel).ConfigureAwait(false);
        return HubListing.ReadCommit(json, $"{target}");
    }

    /// <summary>All files of a commit by path.</summary>
    public async Task<Dictionary<string, HubFile>> ListAsync(string name, string commit, CancellationToken cancel)
    {
        var target = new HubTarget(name, commit, null);
        Dictionary<string, HubFile> files = [];
        Uri? page = Address($"api/models/{name}/tree/{commit}?recursive=true");
        for (int pages = 0; page is not null; pages++)
        {
            if (pages == MaxPages)
            {
                throw new HubException($"{target}: found more than {MaxPages} pages of files, expected at most {HubListing.MaxFiles} files.");
            }

            (byte[] json, Uri? next) = await AskAsync(page, target, cancel).ConfigureAwait(false);
            HubListing.ReadFiles(json, $"{target}", files);
            page = next;
        }

        return files;
    }

    /// <summary>
    /// Fetches bytes <paramref name="begin"/> to <paramref name="end"/> of a file, handing on each stretch as it comes, and goes on where a connection
    /// was cut. False, with nothing handed on, where the server only gives whole files and less was asked for.
    /// </summary>
    public async Task<bool> FetchAsync(string name, string commit, HubFile file, long begin, long end, Action<long, ReadOnlyMemory<byte>> write, CancellationToken cancel)
    {
        var target = new HubTarget(name, commit, file);
        var retries = new Retries(options, $"{target}", notice);
        // A redirect's address may be valid for minutes only, so every try asks the hub anew.
        Uri address = Address($"{name}/resolve/{commit}/{string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString))}");
        byte[] buffer = new byte[ReadBytes];
        long position = begin, furthest = begin;
        while (true)
        {
            try
            {
                using var patience = new Patience(options.Patience, cancel);
                bool whole = position == 0 && end == file.Size;
                using HttpResponseMessage response = await SendAsync(address, whole ? null : new RangeHeaderValue(position, end - 1), patience, target).ConfigureAwait(false);
                await HubErrors.ThrowUnlessFineAsync(response, target, options, patience).ConfigureAwait(false);
                if (response.StatusCode == HttpStatusCode.OK && !whole)
                {
                    if (begin != 0 || end != file.Size)
                    {
                        return false;
                    }

                    position = 0;
                }

                CheckLength(response, target, file, position);
                using Stream body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
                while (position < end)
                {
                    int read = await patience.Guard(body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, end - position)), patience.Token)).ConfigureAwait(false);
                    if (read == 0)
                    {
                        throw new TransientException($"the connection ended at byte {position} of {end}");
                    }

                    write(position, buffer.AsMemory(0, read));
                    position += read;
                    if (position > furthest)
                    {
                        furthest = position;
                        retries.Progressed();
                    }
                }

                return true;
            }
            catch (Exception error) when (Retries.MayPass(error))
            {
                await retries.WaitAsync(error, cancel).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => http.Dispose();

    Uri Address(string path) => new($"{options.Endpoint.AbsoluteUri.TrimEnd('/')}/{path}");

    // One answer of the interface, and the address of its next page.
    async Task<(byte[] Json, Uri? Next)> AskAsync(Uri address, HubTarget target, CancellationToken cancel)
    {
        var retries = new Retries(options, $"{target}", notice);
        while (true)
        {
            try
            {
                using var patience = new Patience(options.Patience, cancel);
                using HttpResponseMessage response = await SendAsync(address, null, patience, target).ConfigureAwait(false);
                await HubErrors.ThrowUnlessFineAsync(response, target, options, patience).ConfigureAwait(false);
                return (await ReadAsync(response, MaxAnswerBytes, target, patience).ConfigureAwait(false), NextPage(response, address));
            }
            catch (Exception error) when (Retries.MayPass(error))
            {
                await retries.WaitAsync(error, cancel).ConfigureAwait(false);
            }
        }
    }

    async Task<HttpResponseMessage> SendAsync(Uri address, RangeHeaderValue? range, Patience patience, HubTarget target)
    {
        for (int redirects = 0; redirects <= MaxRedirects; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Range = range;
            if (options.Token is { } token && options.IsHub(address))
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            }

            HttpResponseMessage response = await patience.Guard(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token)).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308))
            {
                return response;
            }

            using (response)
            {
                Uri? location = response.Headers.Location;
                Uri? next = location is null ? null : new Uri(address, location);
                if (next is null || next.Scheme is not ("http" or "https") || address.Scheme == "https" && next.Scheme == "http")
                {
                    throw new HubException($"{target}: found a redirect from {address.Host} to '{UntrustedText.Shown($"{location}")}', expected an https address.");
                }

                address = next;
            }
        }

        throw new HubException($"{target}: found more than {MaxRedirects} redirects, the last to {address.Host}.");
    }

    // The bytes must be those that were asked for, of a file as long as the hub's list says.
    static void CheckLength(HttpResponseMessage response, HubTarget target, HubFile file, long position)
    {
        HttpContentHeaders headers = response.Content.Headers;
        if (response.StatusCode == HttpStatusCode.OK)
        {
            if (headers.ContentLength is { } length && length != file.Size)
            {
                throw new HubException($"{target}: the server sends {length} bytes; expected the {file.Size} of the hub's own list.");
            }

            return;
        }

        if (headers.ContentRange is not { } range || range.From != position || range.Length is { } size && size != file.Size)
        {
            throw new HubException($"{target}: found Content-Range '{headers.ContentRange}', expected bytes from {position} of {file.Size}.");
        }
    }

    static async Task<byte[]> ReadAsync(HttpResponseMessage response, int limit, HubTarget target, Patience patience)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        using var all = new MemoryStream();
        byte[] buffer = new byte[ReadBytes];
        for (int read; (read = await patience.Guard(body.ReadAsync(buffer, patience.Token)).ConfigureAwait(false)) > 0;)
        {
            if (all.Length + read > limit)
            {
                throw new HubException($"{target}: found an answer of more than {limit} bytes, expected a list of files.");
            }

            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }

    // Link: <https://...?cursor=...>; rel="next"
    static Uri? NextPage(HttpResponseMessage response, Uri address)
    {
        string? next = HubErrors.Header(response, "Link")?.Split(',').FirstOrDefault(link => link.Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase));
        int begin = next?.IndexOf('<', StringComparison.Ordinal) ?? -1, end = next?.IndexOf('>', StringComparison.Ordinal) ?? -1;
        return begin >= 0 && end > begin && Uri.TryCreate(address, next![(begin + 1)..end], out Uri? page) && page.Scheme is "http" or "https" ? page : null;
    }
}
