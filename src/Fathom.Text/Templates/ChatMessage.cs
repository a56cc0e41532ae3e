// One turn of a conversation.

namespace Fathom.Text.Templates;

/// <summary>Who speaks.</summary>
public enum ChatRole
{
    /// <summary>Instructions that hold for the whole conversation.</summary>
    System,
    /// <summary>The person.</summary>
    User,
    /// <summary>The model.</summary>
    Assistant,
}

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Content">What is said, with the thoughts of the model where it has any.</param>
public sealed record ChatMessage(ChatRole Role, string Content);
