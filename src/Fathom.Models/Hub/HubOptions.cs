// Which hub, as whom, and how patiently; mostly from the environment variables that Hugging Face's own tools read.
namespace Fathom.Models.Hub;

/// <summary>How to reach a hub.</summary>
public sealed record HubOptions
{
    /// <summary>The hub where none is named.</summary>
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>Variable with the address of a hub.</summary>
    public const string EndpointVariable = "HF_ENDPOINT";

    /// <summary>Variable with an access token.</summary>
    public const string TokenVariable = "HF_TOKEN";

    /// <summary>Variable that forbids the network.</summary>
    public const string OfflineVariable = "HF_HUB_OFFLINE";

    /// <summary>Address of the hub, without a slash at its end.</summary>
    public Uri Endpoint { get; init; } = new(DefaultEndpoint);

    /// <summary>Access token, sent to the hub and to no other host; null: anonymous.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the network is forbidden, so that only what is stored can be had.</summary>
    public bool Offline { get; init; }

    /// <summary>Longest time without a byte before a connection counts as cut.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Wait after the first failure; it doubles with each further one, up to <see cref="MaxRetryDelay"/>.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait of our own; a server may ask for up to <see cref="MaxRetryAfter"/>.</summary>
    public static TimeSpan MaxRetryDelay { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait that a server may ask for before the pull ends with its wish.</summary>
    public static TimeSpan MaxRetryAfter { get; } = TimeSpan.FromMinutes(10);

    /// <summary>Failures in a row, without a byte between them, before an error.</summary>
    public const int MaxFailures = 6;

    /// <summary>Connections at once.</summary>
    public const int Connections = 8;

    /// <summary>
    /// Options from <c>HF_ENDPOINT</c>, <c>HF_HUB_OFFLINE</c>, and <c>HF_TOKEN</c> or else the file <c>token</c> that Hugging Face's login leaves in
    /// <c>HF_HOME</c> (default <c>huggingface</c> in the user's cache folder).
    /// </summary>
    /// <param name="variable">Gives a variable's value, or null.</param>
    /// <exception cref="HubException">The address or the token is malformed.</exception>
    public static HubOptions FromEnvironment(Func<string, string?> variable)
    {
        string endpoint = NullIfBlank(variable(EndpointVariable)) ?? DefaultEndpoint;
        if (!Uri.TryCreate(endpoint.TrimEnd('/'), UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https") || address.Query.Length > 0)
        {
            throw new HubException($"{EndpointVariable} is '{endpoint}'; expected an address as {DefaultEndpoint}.");
        }

        return new HubOptions
        {
            Endpoint = address,
            Token = ReadToken(variable),
            Offline = variable(OfflineVariable)?.Trim().ToUpperInvariant() is "1" or "TRUE" or "YES" or "ON",
        };
    }

    /// <summary>Whether an address is the hub's own: the one place that the token may go to.</summary>
    internal bool IsHub(Uri address) => Uri.Compare(address, Endpoint, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    static string? ReadToken(Func<string, string?> variable)
    {
        string? token = NullIfBlank(variable(TokenVariable)), source = TokenVariable;
        if (token is null)
        {
            string home = NullIfBlank(variable("HF_HOME")) ?? Path.Combine(CacheFolder(variable), "huggingface");
            source = Path.Combine(home, "token");
            try
            {
                token = File.Exists(source) ? NullIfBlank(File.ReadAllText(source)) : null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new HubException($"The access token in '{source}' cannot be read: {error.Message}", error);
            }
        }

        // The token itself stays out of every message.
        return token is null || token.All(c => c is > ' ' and <= '~')
            ? token
            : throw new HubException($"The access token in {source} has characters that no token has; expected one word of letters, digits and underscores.");
    }

    /// <summary>The user's folder for what can be fetched again: <c>XDG_CACHE_HOME</c>, or <c>.cache</c> in the home folder.</summary>
    /// <param name="variable">Gives a variable's value, or null.</param>
    internal static string CacheFolder(Func<string, string?> variable) =>
        NullIfBlank(variable("XDG_CACHE_HOME")) ?? Path.Combine(NullIfBlank(variable("HOME")) ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

    internal static string? NullIfBlank(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
