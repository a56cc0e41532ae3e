// Text from a file or a server, as it may stand in a message.
namespace Fathom.Models.Checkpoints;

static class UntrustedText
{
    const int MaxLength = 300;

    /// <summary>The text, short, and without what commands a terminal.</summary>
    public static string Shown(string text)
    {
        string cut = text.Length <= MaxLength ? text : text[..MaxLength] + "...";
        return cut.Any(IsUnfit) ? string.Concat(cut.Select(c => IsUnfit(c) ? '\uFFFD' : c)) : cut;
    }

    static bool IsUnfit(char c) => char.IsControl(c) || char.IsSurrogate(c);
}
